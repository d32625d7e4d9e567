// SPDX-License-Identifier: MIT
//
// A run into a folder of parts: finished parts stay, whatever interrupts the run.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/part_file_names.h"
#include "base/append_file.h"
#include "base/atomic_file.h"
#include "base/regular_file.h"
#include "base/sha256.h"
#include "formats/json.h"
#include "pipeline/input_digests.h"
#include "pipeline/part_folder.h"
#include "pipeline/part_manifest.h"
#include "pipeline/part_work.h"
#include "pipeline/stage_timer.h"
#include "sink/part_names.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

std::string sha256_of_text(std::string_view text) {
  return sha256_hex(std::as_bytes(std::span(text.data(), text.size())));
}

class PartsRunner {
 public:
  PartsRunner(const PartsSetup& setup, PartWork& work, const std::atomic<bool>* stop)
      : setup_(setup),
        work_(work),
        stop_(stop),
        heeded_(stop),
        folder_(claim_part_folder(setup.parts)),
        manifest_(folder_.open(), setup.described, setup.inputs,
                  digest_inputs(setup.inputs, setup.parts.verify_inputs)),
        rejects_(*folder_.open(), kPartsRejectsName) {}

  RunSummary run() {
    const auto start = StageTimer::Clock::now();
    try {
      retry_unreadable();
      repair();
      for (const PartRecord& part : manifest_.parts()) add_finished(part);
      if (!manifest_.is_complete()) go_on();
    } catch (const Stopped&) {
      throw interrupted();
    } catch (const Error& error) {
      if (error.code() != Status::interrupted) throw;
      throw interrupted();  // nothing is left of the unfinished part
    }
    summary_.wall_seconds = std::chrono::duration<double>(StageTimer::Clock::now() - start).count();
    write_summary();
    return std::move(summary_);
  }

 private:
  Error interrupted() const {
    std::uint64_t n_objects = 0;
    for (const PartRecord& part : manifest_.parts()) n_objects += part.n_objects;
    return Error(Status::interrupted, fmt::format("stopped after {} finished parts with {} objects",
                                                  manifest_.parts().size(), n_objects));
  }

  void check_stop() const {
    if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) throw interrupted();
  }

  /// Goes back to before the first part that holds the rejection of an input that can be read now: the input
  /// may have more objects, which move all that follow.
  void retry_unreadable() {
    const std::vector<PartRecord>& parts = manifest_.parts();
    const auto first =
        std::find_if(parts.begin(), parts.end(), [&](const PartRecord& part) { return has_readable(part); });
    const auto& now_readable = manifest_.now_readable();
    if (first == parts.end() && now_readable.empty()) return;
    const bool is_of_all = std::any_of(now_readable.begin(), now_readable.end(),
                                       [&](std::size_t input) { return input >= setup_.n_in_order; });
    const std::size_t n_parts = parts.size();
    const std::size_t n_kept = is_of_all ? 0 : static_cast<std::size_t>(first - parts.begin());
    manifest_.rewind(n_kept);
    for (std::size_t i = n_kept; i < n_parts; ++i) folder_.remove(part_file_name(i));
  }

  /// Whether one of the inputs that it rejects as unreadable can be opened now.
  bool has_readable(const PartRecord& part) const {
    const std::string rejects = rejects_of(part);
    if (rejects.find(status_name(Status::io_error)) == std::string::npos) return false;
    std::istringstream lines(rejects);
    for (std::string line; std::getline(lines, line);) {
      try {
        const JsonValue json = parse_json(line, JsonSource{});
        const JsonValue *const code = json.find("code"), *const file = json.find("file");
        if (code == nullptr || file == nullptr || code->text != status_name(Status::io_error)) continue;
        const RegularFile readable(file->text, Status::io_error);
        return true;
      } catch (const Error&) {
        continue;  // it still cannot be read
      }
    }
    return false;
  }

  /// Finished parts that are gone or damaged are made again, and must come out as they were.
  void repair() {
    std::uint64_t n_before = 0;
    std::uint64_t rejects_end = 0;
    for (const PartRecord& part : manifest_.parts()) {
      if (!is_intact(part)) {
        check_stop();
        make_again(part, n_before);
      }
      n_before += part.n_objects;
      rejects_end = part.rejects_begin + part.rejects_bytes;
    }
    // Files that a killed run had begun to write.
    if (rejects_.size() > rejects_end) rejects_.truncate(rejects_end);
  }

  /// Its lines in _rejects.jsonl; empty if the file ends before them.
  std::string rejects_of(const PartRecord& part) const {
    if (part.rejects_begin + part.rejects_bytes > rejects_.size()) return {};
    return rejects_.read_at(part.rejects_begin, static_cast<std::size_t>(part.rejects_bytes));
  }

  bool is_intact(const PartRecord& part) const {
    return sha256_of_text(rejects_of(part)) == part.rejects_sha256 &&
           folder_.holds(part.file, part.bytes, part.sha256);
  }

  void make_again(const PartRecord& part, std::uint64_t n_before) {
    work_.begin_at(part.begin, n_before);
    RunSummary of_part;
    std::string rejects;
    // Without an object nothing is written, and the part does not come out as it was.
    if (work_.begin_part(part.n_objects)) make_part(part.file, of_part, rejects);
    if (!folder_.holds(part.file, part.bytes, part.sha256) || rejects.size() != part.rejects_bytes ||
        sha256_of_text(rejects) != part.rejects_sha256) {
      throw Error(Diagnostic{.code = Status::output_error,
                             .file = (folder_.path() / part.file).string(),
                             .message =
                                 "this part was damaged, and comes out otherwise than before: the inputs "
                                 "have changed",
                             .hint = {"{} starts the run again from nothing", {{"force", "true"}}}});
    }
    rejects_.write_at(part.rejects_begin, rejects);
  }

  void add_finished(const PartRecord& part) {
    summary_.n_objects += part.n_objects;
    summary_.n_ok += part.n_ok;
    summary_.n_observations += part.n_observations;
    summary_.n_duplicates += part.n_duplicates;
    summary_.dropped += part.dropped;
    for (const auto& [code, n] : part.rejected) summary_.rejected[code] += n;
    for (const auto& [what, n] : part.modalities) summary_.modalities[what] += n;
  }

  void go_on() {
    const auto& done = manifest_.parts();
    SourcePosition begin = done.empty() ? SourcePosition{} : done.back().end;
    work_.begin_at(begin, summary_.n_objects);
    while (work_.begin_part(setup_.parts.objects_per_part)) {
      check_stop();
      PartRecord part;
      part.number = manifest_.parts().size();
      part.begin = begin;
      part.file = part_file_name(part.number);
      part.first_input = work_.first_input();
      const RunSummary before = summary_;
      std::string rejects;
      make_part(part.file, summary_, rejects);
      begin = part.end = work_.position();
      record(part, before, rejects);
    }
    for (Diagnostic& warning : work_.take_warnings()) summary_.warnings.push_back(std::move(warning));
    manifest_.complete();
  }

  void make_part(const std::string& file, RunSummary& summary, std::string& rejects) {
    manifest_.require_its_place();
    work_.write_part(AtomicFile(folder_.open(), file), summary, rejects);
  }

  /// The part is on disk; now its rejects are written, and then its line in the manifest.
  void record(PartRecord& part, const RunSummary& before, const std::string& rejects) {
    static const std::atomic<bool> kNever{false};
    const StopScope whole(&kNever);  // a part without its line would be made again
    std::tie(part.bytes, part.sha256) = folder_.sha256_of(part.file);
    part.rejects_begin = rejects_.size();
    part.rejects_bytes = rejects.size();
    part.rejects_sha256 = sha256_of_text(rejects);
    part.n_objects = summary_.n_objects - before.n_objects;
    part.n_ok = summary_.n_ok - before.n_ok;
    part.n_observations = summary_.n_observations - before.n_observations;
    part.n_duplicates = summary_.n_duplicates - before.n_duplicates;
    part.dropped = difference(summary_.dropped, before.dropped);
    for (const auto& [code, n] : summary_.rejected) {
      const auto earlier = before.rejected.find(code);
      const std::uint64_t n_before = earlier == before.rejected.end() ? 0 : earlier->second;
      if (n > n_before) part.rejected[code] = n - n_before;
    }
    for (const auto& [what, n] : summary_.modalities) {
      const auto earlier = before.modalities.find(what);
      const std::uint64_t n_before = earlier == before.modalities.end() ? 0 : earlier->second;
      if (n > n_before) part.modalities[what] = n - n_before;
    }
    rejects_.require_its_name();  // also where there is nothing to append
    if (!rejects.empty()) rejects_.append(rejects);
    manifest_.add(part);
  }

  static DropCounts difference(const DropCounts& after, const DropCounts& before) {
    return {.nonfinite = after.nonfinite - before.nonfinite,
            .missing = after.missing - before.missing,
            .upper_limits = after.upper_limits - before.upper_limits,
            .null_values = after.null_values - before.null_values,
            .quality = after.quality - before.quality,
            .other_bands = after.other_bands - before.other_bands};
  }

  void write_summary() const {
    AtomicFile file(folder_.open(), kPartsSummaryName);
    file.write(summary_json(summary_, setup_.parts.folder.string(), setup_.identity) + "\n");
    file.commit();
  }

  const PartsSetup& setup_;
  PartWork& work_;
  const std::atomic<bool>* stop_;
  const StopScope heeded_;
  ClaimedFolder folder_;
  PartManifest manifest_;
  AppendFile rejects_;
  RunSummary summary_;
};

}  // namespace

RunSummary make_parts(const PartsSetup& setup, PartWork& work, const std::atomic<bool>* stop) {
  try {
    return PartsRunner(setup, work, stop).run();
  } catch (const Stopped&) {
    throw Error(Status::interrupted, "stopped before the first part");
  }
}

}  // namespace astrom3
