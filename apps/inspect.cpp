// SPDX-License-Identifier: MIT
//
// astrom3 inspect: describes a file of light curves, and says what would be left out of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/source/source.h"
#include "command_line.h"
#include "file_claims.h"
#include "formats/json_writer.h"
#include "report.h"
#include "run_options.h"
#include "spectrum_report.h"

namespace astrom3::cli {
namespace {

std::string quoted(const std::string& name) {
  return name.find(' ') == std::string::npos ? escaped(name) : fmt::format("\"{}\"", escaped(name));
}

void print_line(const char* name, const std::string& text) {
  if (!text.empty()) print_lines(fmt::format("  {:<13} {}", name, text));
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

/// "flux; quality rule", or "not used".
std::string use_of(const ColumnDescription& column) {
  std::string use;
  for (const std::string& role : column.roles) use += (use.empty() ? "" : "; ") + role;
  return use.empty() ? "not used" : use;
}

/// One line for each column: its name, its use, its unit, how its values are converted.
void print_columns(const std::vector<ColumnDescription>& columns) {
  constexpr std::size_t kMost = 60;
  std::size_t name_width = 0, use_width = 0;
  for (const ColumnDescription& column : columns) {
    name_width = std::max(name_width, quoted(column.name).size());
    use_width = std::max(use_width, use_of(column).size());
  }
  for (std::size_t i = 0; i < std::min(kMost, columns.size()); ++i) {
    const ColumnDescription& column = columns[i];
    std::string more = column.unit.empty() ? "" : fmt::format("[{}] ", escaped(column.unit));
    more += column.reading;
    const std::string line =
        fmt::format("{:<{}}  {:<{}}  {}", quoted(column.name), std::min<std::size_t>(name_width, 32),
                    use_of(column), std::min<std::size_t>(use_width, 32), more);
    print_lines(
        fmt::format("  {:<13} {}", i == 0 ? "columns" : "", line.substr(0, line.find_last_not_of(' ') + 1)));
  }
  if (columns.size() > kMost)
    print_lines(fmt::format("  {:<13} and {} more, not used", "", columns.size() - kMost));
}

std::string first_text(const FileReport& r) {
  std::string text = fmt::format("{}: {} observations over {:.6g} d", quoted(r.first.object_id), r.first.n,
                                 r.first.span_days);
  if (r.first.median.has_value()) text += fmt::format(", median {:.4g} {}", *r.first.median, r.first.unit);
  return text;
}

/// An argument as a shell takes it.
std::string shell_word(const std::string& text) {
  const bool is_plain = !text.empty() && text.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789._/-+=,:@%") == std::string::npos;
  if (is_plain) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

/// The reason why the file cannot be embedded; null if it can.
const Diagnostic* first_obstacle(const FileReport& r) {
  if (!r.first_rejects.empty()) return &r.first_rejects.front();
  const auto found = std::find_if(r.warnings.begin(), r.warnings.end(), [](const Diagnostic& warning) {
    return warning.code == Status::negative_error;
  });
  return found == r.warnings.end() ? nullptr : &*found;
}

/// The command that embeds the file: with the options of this call, and the first remedy that has a value
/// where the file cannot be read without one.
std::string next_command(const FileReport& r, const OptionTable& options) {
  std::string text = fmt::format("astrom3 embed {}", shell_word(r.file));
  const auto add = [&](const std::string& name, const std::string& value) {
    const NamedOption option{name, value};
    const bool is_flag = value.empty() || value == "true" || value == "false";
    text += " " + (is_flag ? spelled(option) : fmt::format("--{} {}", name, shell_word(value)));
  };
  bool has_band = false;
  for (const Option& option : options.options()) {
    if (!option.is_set() || option.name() == "json" || option.name() == "quiet" || option.name() == "verbose")
      continue;
    has_band = has_band || option.name() == "band";
    add(option.name(), option.text());
  }
  if (!has_band && r.table.bands.size() > 1) {
    add("band", "split");
  } else if (const Diagnostic* const obstacle = first_obstacle(r); obstacle != nullptr) {
    for (const NamedOption& remedy : obstacle->hint.remedies) {
      const bool is_whole = remedy.value.find("...") == std::string::npos;
      const Option* const known = options.find(remedy.name);
      if (!is_whole || known == nullptr || known->is_set()) continue;
      if (remedy.value.empty() && known->kind() != OptionKind::flag) {
        text += fmt::format(" --{} {}", remedy.name, "...");
      } else {
        add(remedy.name, remedy.value);
      }
      break;
    }
  }
  return text;
}

void print_text(const FileReport& r, const OptionTable& options) {
  print_lines(escaped(r.file, 4096));
  const TableDescription& t = r.table;
  if (!t.format.empty()) print_line("format", fmt::format("{}: {}", t.format, t.title));
  print_columns(t.all_columns);
  if (r.has_times)
    print_line("time", fmt::format("{}, {:.10g} to {:.10g}", t.time_system, r.time_min, r.time_max));
  print_line("units", t.units);
  print_line("bands", join_counts(t.bands));
  print_line("objects", fmt::format("{}, the first is {}", r.n_objects, quoted(r.first_id)));
  print_line("observations", fmt::format("{}, {} of them usable", r.n_observations, r.n_kept));
  print_line("left out", dropped_text(r.dropped));
  print_line("rules", join_counts(t.rules));
  if (r.first.n > 0) print_line("light curve", first_text(r));
  for (const Diagnostic& rejection : r.first_rejects) print_line("rejected", text_of(rejection));
  for (const Diagnostic& warning : r.warnings) print_line("warning", text_of(warning, "warning"));
  print_line("next", next_command(r, options));
}

void add_columns(JsonWriter& json, const FileReport& r) {
  json.key("all_columns").begin_array();
  for (const ColumnDescription& column : r.table.all_columns) {
    json.begin_object().member("name", column.name).member("use", use_of(column));
    json.member("unit", column.unit).member("reading", column.reading).end();
  }
  json.end();
}

void add_first(JsonWriter& json, const FileReport& r) {
  json.key("first_light_curve").begin_object().member("object_id", r.first.object_id);
  json.member("n", static_cast<std::uint64_t>(r.first.n))
      .member("span_days", r.first.span_days)
      .key("median");
  r.first.median.has_value() ? json.value(*r.first.median) : json.value(nullptr);
  json.member("unit", r.first.unit).end();
}

std::string to_json(const FileReport& r, const OptionTable& options) {
  JsonWriter json;
  json.begin_object().member("file", r.file).member("format", r.table.format).member("title", r.table.title);
  json.key("columns").object(r.table.columns);
  add_columns(json, r);
  json.member("time_system", r.table.time_system).key("time_range");
  r.has_times ? json.array(std::array{r.time_min, r.time_max}) : json.value(nullptr);
  json.member("units", r.table.units).key("bands").object(r.table.bands);
  json.member("objects", r.n_objects).member("observations", r.n_observations).member("usable", r.n_kept);
  add_first(json, r);
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
  json.end().key("warnings").begin_array();
  for (const Diagnostic& warning : r.warnings) json.value(text_of(warning, "warning"));
  return json.end().member("next", next_command(r, options)).end().take();
}

int run_inspect(const RunArguments& a, const OptionTable& options) {
  std::vector<Diagnostic> warnings;
  const auto files = light_curve_files(a.inputs, a.recursive, warnings);
  for (const Diagnostic& warning : warnings) print_warning(warning, a.common.verbosity());
  bool any_rejected = false;
  for (const auto& file : files) {
    if (const auto spectra = spectra_in(file); !spectra.empty()) {
      any_rejected = !report_spectra(spectra, a.common.json) || any_rejected;
      continue;
    }
    const FileReport report = inspect_file(file, a.treatment.reading);
    any_rejected = any_rejected || !report.rejected.empty();
    if (a.common.json) {
      print_json_line(to_json(report, options));
    } else {
      print_text(report, options);
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
      "Reads every file to its end and computes no features. Prints the format, what every column is taken\n"
      "for and what becomes of its values, the time system, the bands and the objects, what would be left\n"
      "out and why, the first light curve, and the command to type next. Of a spectrum: its family,\n"
      "wavelengths, coverage and scale. --json: one JSON object per file.");
  add_common_options(command, arguments->common);
  add_light_curve_options(command, *arguments);
  command.runs([arguments, &command] { return run_inspect(*arguments, command.options); });
}

}  // namespace astrom3::cli
