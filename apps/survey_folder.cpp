// SPDX-License-Identifier: MIT
#include "survey_folder.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/pipeline/run_parts.h"
#include "astrom3/sink/part_file_names.h"
#include "astrom3/source/source.h"
#include "file_claims.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

/// If parts were read as inputs, the run would read its own output.
void check_not_inside(const std::vector<std::filesystem::path>& inputs, const std::filesystem::path& folder) {
  std::error_code error;
  const std::string outer = std::filesystem::weakly_canonical(folder, error).string() + "/";
  if (error)
    throw Error(
        Diagnostic{.code = Status::output_error, .file = folder.string(), .message = error.message()});
  for (const auto& input : inputs) {
    // An input that cannot be examined cannot be read either; its reader reports it.
    const std::string inner = std::filesystem::weakly_canonical(input, error).string();
    if (!error && inner.starts_with(outer))
      throw Error(Status::usage, fmt::format("-o {}: the input {} is in this folder",
                                             escaped(folder.string(), 4096), escaped(input.string(), 4096)));
  }
}

/// N of "shard-03-of-N"; 0 where this is no folder of a share.
std::uint64_t shares_of(const std::string& name) {
  const std::size_t of = name.rfind("-of-");
  if (!name.starts_with("shard-") || of == std::string::npos) return 0;
  std::uint64_t n = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + of + 4, end, n);
  return error == std::errc{} && stop == end ? n : 0;
}

/// Shares of another division beside these would hold the same objects a second time: a job array
/// of which a few tasks are submitted again divides the files among those few.
void check_other_shares(const std::filesystem::path& folder, InputShard shard) {
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = folder.string(),
                           .message = fmt::format("this folder holds {}: objects would be there twice", what),
                           .hint = hint});
  };
  std::error_code error;
  if (shard.count > 1 && std::filesystem::exists(folder / kPartsManifestName, error))
    refuse("a run that was not divided", "another folder for shares");
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::uint64_t n = shares_of(it->path().filename().string());
    if (n > 0 && n != shard.count)
      refuse(fmt::format("shares of {}, and this is share {} of {}", n, shard.index + 1, shard.count),
             fmt::format("--shard I/{} says which of them to make; or another folder", n));
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = folder.string(),
                           .message = "cannot list this folder: " + error.message()});
}

}  // namespace

bool is_into_folder(const RunArguments& a) {
  return a.output.ends_with('/') && (a.to.empty() || a.to == "parquet");
}

void check_folder_options(const RunArguments& a) {
  const bool is_folder = is_into_folder(a);
  if (is_folder && !a.check) return;
  for (const auto& [given, name] : {std::pair{a.resume, "--resume"},
                                    {!a.lock, "--no-lock"},
                                    {a.verify_inputs, "--verify-inputs"},
                                    {a.part_objects != RunArguments{}.part_objects, "--part-objects"},
                                    {a.shard.has_value(), "--shard"}}) {
    if (!given) continue;
    if (is_folder)
      throw Error(Status::usage, fmt::format("{} does not go with --check, which writes nothing", name));
    throw Error(Status::usage, fmt::format("{} goes with a run in parts", name), "-o DIR/");
  }
}

std::filesystem::path folder_of_shard(const std::string& output, InputShard shard) {
  std::filesystem::path folder(output.substr(0, output.find_last_not_of('/') + 1));
  if (folder.empty()) folder = "/";
  if (shard.count == 1) return folder;
  const std::size_t width = fmt::format("{}", shard.count).size();
  return folder / fmt::format("shard-{:0{}}-of-{}", shard.index + 1, width, shard.count);
}

PartsOptions parts_options(const std::vector<std::filesystem::path>& inputs, const RunArguments& a,
                           InputShard shard) {
  PartsOptions parts{.folder = folder_of_shard(a.output, shard),
                     .objects_per_part = a.part_objects,
                     .resume = a.resume,
                     .force = a.force,
                     .lock = a.lock,
                     .verify_inputs = a.verify_inputs,
                     .shard = shard.count == 1 ? "" : fmt::format("{}/{}", shard.index + 1, shard.count)};
  // What came from there is gone when a run is resumed.
  refuse_standard_input(inputs, "a run in parts could not be resumed from stdin");
  check_not_inside(inputs, parts.folder);
  check_other_shares(folder_of_shard(a.output, InputShard{}), shard);
  return parts;
}

RunSummary run_into_folder(
    const RunArguments& a,
    const std::function<RunSummary(const std::function<void(const RunProgress&)>&)>& run) {
  ProgressLine progress(a.common.verbosity(), a.progress);
  try {
    return run([&](const RunProgress& p) { progress.show(p); });
  } catch (const Error& error) {
    if (error.code() == Status::interrupted)
      print_note(fmt::format("{}; the same command with --resume goes on", error.diagnostic().message),
                 a.common.verbosity());
    throw;
  }
}

}  // namespace astrom3::cli
