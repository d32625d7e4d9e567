// SPDX-License-Identifier: MIT
//
// astrom3 inspect: what a file of light curves is, and what would be left out of it.
#include <fmt/format.h>

#include <array>

#include "formats/json_writer.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

std::string quoted(const std::string& name) {
  return name.find(' ') == std::string::npos ? escaped(name) : fmt::format("\"{}\"", escaped(name));
}

void print_line(const char* name, const std::string& text) {
  if (!text.empty()) fmt::print("  {:<13} {}\n", name, text);
}

std::string join_counts(const std::vector<std::pair<std::string, std::size_t>>& counts) {
  std::string text;
  for (const auto& [name, n] : counts) {
    if (!text.empty()) text += ", ";
    text += n > 0 ? fmt::format("{} ({})", escaped(name), n) : escaped(name);
  }
  return text;
}

std::string dropped_text(const DropCounts& d) {
  const std::pair<const char*, std::size_t> reasons[] = {
      {"of bad quality", d.quality}, {"upper limits", d.upper_limits}, {"null values", d.null_values},
      {"missing", d.missing},        {"non-finite", d.nonfinite},      {"in other bands", d.other_bands}};
  std::string text;
  for (const auto& [name, n] : reasons) {
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, name);
  }
  return text;
}

void print_text(const FileReport& r) {
  fmt::print("{}\n", escaped(r.file, 4096));
  const TableDescription& t = r.table;
  if (!t.format.empty()) print_line("format", fmt::format("{}: {}", t.format, t.title));
  std::string columns;
  for (const auto& [role, name] : t.columns)
    columns += fmt::format("{}{}={}", columns.empty() ? "" : ", ", role, quoted(name));
  print_line("columns", columns);
  if (r.has_times)
    print_line("time", fmt::format("{}, {:.10g} to {:.10g}", t.time_system, r.time_min, r.time_max));
  print_line("units", t.units);
  print_line("bands", join_counts(t.bands));
  if (t.bands.size() > 1) print_line("", "choose one with --band, or take each by itself with --band split");
  print_line("objects", fmt::format("{}, the first is {}", r.n_objects, quoted(r.first_id)));
  print_line("observations", fmt::format("{}, {} of them usable", r.n_observations, r.n_kept));
  print_line("left out", dropped_text(r.dropped));
  print_line("rules", join_counts(t.rules));
  for (const Diagnostic& rejection : r.first_rejects) print_line("rejected", text_of(rejection));
  for (const Diagnostic& warning : r.warnings) print_line("warning", text_of(warning, "warning"));
}

std::string to_json(const FileReport& r) {
  JsonWriter json;
  json.begin_object().member("file", r.file).member("format", r.table.format).member("title", r.table.title);
  json.key("columns").object(r.table.columns).member("time_system", r.table.time_system).key("time_range");
  r.has_times ? json.array(std::array{r.time_min, r.time_max}) : json.value(nullptr);
  json.member("units", r.table.units).key("bands").object(r.table.bands);
  json.member("objects", r.n_objects).member("observations", r.n_observations).member("usable", r.n_kept);
  json.key("dropped")
      .begin_object()
      .member("quality", r.dropped.quality)
      .member("upper_limits", r.dropped.upper_limits)
      .member("null_values", r.dropped.null_values)
      .member("missing", r.dropped.missing)
      .member("nonfinite", r.dropped.nonfinite)
      .member("other_bands", r.dropped.other_bands)
      .end();
  json.key("rules").object(r.table.rules).key("rejected").begin_object();
  for (const auto& [code, n] : r.rejected) json.member(status_name(code), n);
  json.end().key("first_rejects").begin_array();
  for (const Diagnostic& rejection : r.first_rejects) json.value(text_of(rejection));
  return json.end().end().take();
}

int run_inspect(const RunArguments& a) {
  std::vector<Diagnostic> warnings;
  const auto files = expand_inputs(a.inputs, InputExpansion{.recursive = a.recursive}, warnings);
  for (const Diagnostic& warning : warnings) print_warning(warning, a.common.verbosity());
  bool any_rejected = false;
  for (const auto& file : files) {
    const FileReport report = inspect_file(file, a.treatment.reading);
    any_rejected = any_rejected || !report.rejected.empty();
    if (a.common.json) {
      fmt::print("{}\n", to_json(report));
    } else {
      print_text(report);
    }
  }
  return any_rejected ? exit_code(Status::too_many_rejects) : 0;
}

}  // namespace

void add_inspect(Command& astrom3) {
  auto arguments = std::make_shared<RunArguments>();
  Command& command =
      astrom3.subcommand("inspect", "what light-curve files are: format, columns, units, bands");
  command.footer(
      "Reads every file to its end and computes nothing. Says the format, the columns, the time system, the\n"
      "units, the bands and the objects, and what would be left out and why. --json: one object a line.");
  add_common_options(command, arguments->common);
  add_light_curve_options(command, *arguments);
  command.runs([arguments] { return run_inspect(*arguments); });
}

}  // namespace astrom3::cli
