// SPDX-License-Identifier: MIT
//
// astrom3 inspect: what a file of light curves is, and what would be left out of it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "run_options.h"

namespace astrom3::cli {
namespace {

using Json = nlohmann::ordered_json;

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

Json to_json(const FileReport& r) {
  Json json;
  json["file"] = r.file;
  json["format"] = r.table.format;
  json["title"] = r.table.title;
  json["columns"] = Json::object();
  for (const auto& [role, name] : r.table.columns) json["columns"][role] = name;
  json["time_system"] = r.table.time_system;
  json["time_range"] = r.has_times ? Json{r.time_min, r.time_max} : Json(nullptr);
  json["units"] = r.table.units;
  json["bands"] = Json::object();
  for (const auto& [band, n] : r.table.bands) json["bands"][band] = n;
  json["objects"] = r.n_objects;
  json["observations"] = r.n_observations;
  json["usable"] = r.n_kept;
  json["dropped"] = {{"quality", r.dropped.quality},         {"upper_limits", r.dropped.upper_limits},
                     {"null_values", r.dropped.null_values}, {"missing", r.dropped.missing},
                     {"nonfinite", r.dropped.nonfinite},     {"other_bands", r.dropped.other_bands}};
  json["rules"] = Json::object();
  for (const auto& [rule, n] : r.table.rules) json["rules"][rule] = n;
  json["rejected"] = Json::object();
  for (const auto& [code, n] : r.rejected) json["rejected"][std::string(status_name(code))] = n;
  json["first_rejects"] = Json::array();
  for (const Diagnostic& rejection : r.first_rejects) json["first_rejects"].push_back(text_of(rejection));
  return json;
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
      fmt::print("{}\n", to_json(report).dump(-1, ' ', false, Json::error_handler_t::replace));
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
