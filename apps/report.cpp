// SPDX-License-Identifier: MIT
#include "report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace astrom3::cli {
namespace {

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void to_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string duration(double seconds) {
  const auto total = static_cast<long>(std::lround(seconds));
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {:02} s", total / 60, total % 60);
  return fmt::format("{} h {:02} min", total / 3600, total / 60 % 60);
}

struct StageTime {
  const char* name;
  double seconds;
};

std::vector<StageTime> stage_times(const StageSeconds& s) {
  return {{"read", s.read},     {"clean", s.clean},     {"features", s.features},
          {"tensor", s.tensor}, {"encoder", s.encoder}, {"write", s.write}};
}

}  // namespace

void print_error(const Diagnostic& diagnostic) {
  to_stderr(fmt::format("astrom3: {}\n", to_string(diagnostic, "error")));
}

void print_warning(const Diagnostic& diagnostic, Verbosity verbosity) {
  if (verbosity == Verbosity::quiet) return;
  to_stderr(fmt::format("astrom3: {}\n", to_string(diagnostic, "warning")));
}

void print_note(std::string_view text, Verbosity verbosity) {
  if (verbosity == Verbosity::quiet) return;
  to_stderr(fmt::format("astrom3: {}\n", text));
}

ProgressLine::ProgressLine(Verbosity verbosity)
    : enabled_(verbosity != Verbosity::quiet && ::isatty(STDERR_FILENO) != 0),
      start_seconds_(now_seconds()) {}

ProgressLine::~ProgressLine() {
  if (shown_) to_stderr("\r\x1b[K");
}

void ProgressLine::show(const RunProgress& p) {
  if (!enabled_) return;
  const double elapsed = now_seconds() - start_seconds_;
  std::string line = fmt::format("{} objects, {:.1f}/s", p.n_objects,
                                 static_cast<double>(p.n_objects) / std::max(elapsed, 1e-3));
  if (p.n_rejected > 0) line += fmt::format(", {} rejected", p.n_rejected);
  // A long table is read ahead of the work, so its bytes say nothing about the time left.
  if (p.bytes_total > 0 && p.bytes_read < p.bytes_total) {
    line += fmt::format(", {:.0f} % read",
                        100 * static_cast<double>(p.bytes_read) / static_cast<double>(p.bytes_total));
  }
  to_stderr("\r\x1b[K" + line);
  shown_ = true;
}

std::string summary_text(const RunSummary& summary, std::string_view output) {
  std::string out = fmt::format("{} objects, {} ok", summary.n_objects, summary.n_ok);
  for (const auto& [status, count] : summary.rejected) {
    out += fmt::format(", {} {}", count, status_name(status));
  }
  out += fmt::format("; {} observations", summary.n_observations);
  const DropCounts& d = summary.dropped;
  const std::pair<const char*, std::size_t> drops[] = {{"non-finite", d.nonfinite},
                                                       {"missing", d.missing},
                                                       {"upper limits", d.upper_limits},
                                                       {"null values", d.null_values},
                                                       {"of bad quality", d.quality},
                                                       {"in other bands", d.other_bands},
                                                       {"duplicate rows", summary.n_duplicates}};
  for (const auto& [name, count] : drops) {
    if (count > 0) out += fmt::format(", {} {} left out", count, name);
  }
  out += fmt::format("\n{} in {}:", output.empty() ? "done" : fmt::format("{} written", output),
                     summary.wall_seconds < 10 ? fmt::format("{:.2f} s", summary.wall_seconds)
                                               : duration(summary.wall_seconds));
  for (const StageTime& stage : stage_times(summary.seconds)) {
    out += fmt::format(" {} {:.2f} s,", stage.name, stage.seconds);
  }
  out.back() = ' ';
  return out + "(summed over threads)";
}

std::string summary_json(const RunSummary& summary, std::string_view output, const Identity& identity) {
  nlohmann::ordered_json json;
  json["output"] = output;
  json["objects"] = summary.n_objects;
  json["ok"] = summary.n_ok;
  json["rejected"] = nlohmann::ordered_json::object();
  for (const auto& [status, count] : summary.rejected)
    json["rejected"][std::string(status_name(status))] = count;
  json["observations"] = summary.n_observations;
  json["dropped"] = {{"nonfinite", summary.dropped.nonfinite},
                     {"missing", summary.dropped.missing},
                     {"upper_limits", summary.dropped.upper_limits},
                     {"null_values", summary.dropped.null_values},
                     {"quality", summary.dropped.quality},
                     {"other_bands", summary.dropped.other_bands},
                     {"duplicates", summary.n_duplicates}};
  json["wall_seconds"] = summary.wall_seconds;
  for (const StageTime& stage : stage_times(summary.seconds))
    json["stage_seconds"][stage.name] = stage.seconds;
  for (const auto& [key, value] : identity) json["identity"][key] = value;
  json["warnings"] = nlohmann::ordered_json::array();
  for (const Diagnostic& warning : summary.warnings)
    json["warnings"].push_back(to_string(warning, "warning"));
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string json_string(std::string_view text) {
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace astrom3::cli
