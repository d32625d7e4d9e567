// SPDX-License-Identifier: MIT
#include "report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/printable.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/source/source.h"
#include "formats/json_writer.h"

namespace astrom3::cli {
namespace {

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void to_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void print_message(std::string_view text) {
  to_stderr("astrom3: " + printable(text) + "\n");
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

namespace {

/// A value as a shell takes it: what is not plain stands in quotes.
std::string typed(const std::string& value) {
  const bool is_plain =
      !value.empty() && value.find_first_of(" \t\"\'`$&|;<>()*?[]{}#!~\\") == std::string::npos;
  if (is_plain) return value;
  std::string text = "'";
  for (const char c : value) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string spelled(const NamedOption& option) {
  const std::string dashes = option.name.size() == 1 ? "-" : option.value == "false" ? "--no-" : "--";
  const bool is_flag = option.value.empty() || option.value == "true" || option.value == "false";
  return dashes + option.name + (is_flag ? "" : " " + typed(option.value));
}

std::string text_of(const Diagnostic& diagnostic, std::string_view severity) {
  return to_string(diagnostic, severity, spelled);
}

void print_error(const Diagnostic& diagnostic) {
  print_message(text_of(diagnostic));
}

void print_warning(const Diagnostic& diagnostic, Verbosity verbosity) {
  if (verbosity == Verbosity::quiet) return;
  print_message(text_of(diagnostic, "warning"));
}

void print_note(std::string_view text, Verbosity verbosity) {
  if (verbosity == Verbosity::quiet) return;
  print_message(text);
}

void print_lines(std::string_view text) {
  fmt::print(stdout, "{}\n", printable(text));
}

void print_status(std::string_view line) {
  to_stderr("\r\x1b[K" + printable(line));
}

void print_json_line(std::string_view json, bool to_stderr) {
  fmt::print(to_stderr ? stderr : stdout, "{}\n", json);
}

ProgressLine::ProgressLine(Verbosity verbosity, const std::string& mode) : start_seconds_(now_seconds()) {
  if (mode == "json") {
    mode_ = Mode::json;
  } else if (mode == "auto" && verbosity != Verbosity::quiet && ::isatty(STDERR_FILENO) != 0) {
    mode_ = Mode::line;
  }
}

ProgressLine::~ProgressLine() {
  if (shown_) print_status("");
}

namespace {

double rate(const RunProgress& p, const RunProgress& first, double elapsed) {
  return static_cast<double>(p.n_objects - first.n_objects) / std::max(elapsed, 1e-3);
}

/// Remaining seconds, estimated from bytes; below zero if not known: at the start there is no rate.
double seconds_left(const RunProgress& p, const RunProgress& first, double elapsed) {
  if (p.bytes_read <= first.bytes_read || p.bytes_read >= p.bytes_total || elapsed < 1) return -1;
  const auto done = static_cast<double>(p.bytes_read - first.bytes_read);
  return elapsed * static_cast<double>(p.bytes_total - p.bytes_read) / done;
}

}  // namespace

void ProgressLine::show(const RunProgress& p) {
  if (mode_ == Mode::none) return;
  if (!has_first_) first_ = p;
  has_first_ = true;
  const double elapsed = now_seconds() - start_seconds_;
  mode_ == Mode::json ? show_json(p, elapsed) : show_line(p, elapsed);
}

void ProgressLine::show_line(const RunProgress& p, double elapsed) {
  std::string line = fmt::format("{} objects, {:.1f}/s", p.n_objects, rate(p, first_, elapsed));
  if (p.n_rejected > 0 && p.rejected != nullptr) {
    line += ", rejected";
    for (const auto& [code, n] : *p.rejected) line += fmt::format(" {} {},", n, status_name(code));
    line.pop_back();
  }
  if (p.bytes_total > 0 && p.bytes_read < p.bytes_total) {
    line += fmt::format(", {:.0f} % read",
                        100 * static_cast<double>(p.bytes_read) / static_cast<double>(p.bytes_total));
  }
  if (const double left = seconds_left(p, first_, elapsed); left >= 0)
    line += ", " + duration(left) + " left";
  print_status(line.substr(0, 200));
  shown_ = true;
}

void ProgressLine::show_json(const RunProgress& p, double elapsed) {
  constexpr double kSecondsBetween = 2;
  if (elapsed - last_json_ < kSecondsBetween) return;
  last_json_ = elapsed;
  JsonWriter json;
  json.begin_object().member("objects", p.n_objects).key("rejected").begin_object();
  if (p.rejected != nullptr) {
    for (const auto& [code, n] : *p.rejected) json.member(status_name(code), n);
  }
  json.end()
      .member("objects_per_second", rate(p, first_, elapsed))
      .member("bytes_read", p.bytes_read)
      .member("bytes_total", p.bytes_total)
      .member("elapsed_seconds", elapsed)
      .key("seconds_left");
  const double left = seconds_left(p, first_, elapsed);
  left >= 0 ? json.value(left) : json.value(nullptr);
  to_stderr(json.end().take() + "\n");
}

DownloadLine::DownloadLine(Verbosity verbosity)
    : enabled_(verbosity != Verbosity::quiet && ::isatty(STDERR_FILENO) != 0) {}

DownloadLine::~DownloadLine() {
  if (shown_) print_status("");
}

void DownloadLine::show(std::string_view file, std::uint64_t received, std::uint64_t total) {
  const double now = now_seconds();
  if (!enabled_ || now - last_seconds_ < 0.1) return;
  last_seconds_ = now;
  constexpr double kMega = 1e6;
  std::string text = fmt::format("{}: {:.1f} MB", file, static_cast<double>(received) / kMega);
  if (total > 0) {
    constexpr std::size_t kBar = 30;
    const auto filled =
        static_cast<std::size_t>(static_cast<double>(received) / static_cast<double>(total) * kBar);
    text += fmt::format(" of {:.1f} MB [{:=<{}}{: <{}}]", static_cast<double>(total) / kMega, "",
                        std::min(filled, kBar), "", kBar - std::min(filled, kBar));
  }
  print_status(text);
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

}  // namespace astrom3::cli
