// SPDX-License-Identifier: MIT
//
// The options of reading light curves.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/option.h"
#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"
#include "source/columns.h"
#include "source/survey_formats.h"

namespace astrom3 {
namespace {

constexpr Word<FluxUnit> kFluxUnits[] = {{"nJy", FluxUnit::nJy},
                                         {"uJy", FluxUnit::uJy},
                                         {"mJy", FluxUnit::mJy},
                                         {"Jy", FluxUnit::Jy},
                                         {"AB27.5", FluxUnit::AB27_5}};
constexpr Word<TimeUnit> kTimeUnits[] = {{"d", TimeUnit::day},
                                         {"h", TimeUnit::hour},
                                         {"min", TimeUnit::minute},
                                         {"s", TimeUnit::second},
                                         {"yr", TimeUnit::year}};
constexpr Word<NonfinitePolicy> kNonfinite[] = {{"reject", NonfinitePolicy::reject},
                                                {"drop", NonfinitePolicy::drop}};
constexpr Word<UpperLimitPolicy> kUpperLimits[] = {{"reject", UpperLimitPolicy::reject},
                                                   {"drop", UpperLimitPolicy::drop}};
constexpr double kLeastMemory = 1 << 20;
constexpr double kMostMemory = 1e15;

/// "time=hjd,mag=V" to a map of roles; a comma that is part of a name has a backslash before it.
bool take_columns(std::string_view text, std::map<std::string, std::string>& columns) {
  std::map<std::string, std::string> taken;
  std::string pair;
  const auto take = [&] {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string role = pair.substr(0, equals);
    if (!is_column_role(role) || equals + 1 >= pair.size()) return false;
    taken[role] = pair.substr(equals + 1);
    pair.clear();
    return true;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',') {
      if (!take()) return false;
    } else {
      if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',') ++i;
      pair += text[i];
    }
  }
  if (!take()) return false;
  columns = std::move(taken);
  return true;
}

std::string text_of(const std::map<std::string, std::string>& columns) {
  std::string text;
  for (const auto& [role, name] : columns) {
    text += fmt::format("{}{}=", text.empty() ? "" : ",", role);
    for (const char c : name) {
      if (c == ',') text += '\\';
      text += c;
    }
  }
  return text;
}

/// "512M"; the number of bytes where it is no whole number of those.
std::string text_of_bytes(std::uint64_t bytes) {
  constexpr std::string_view kUnits = "kMGT";
  std::string unit;
  for (std::size_t i = 0; i < kUnits.size() && bytes >= 1024 && bytes % 1024 == 0; ++i) {
    bytes /= 1024;
    unit = kUnits[i];
  }
  return fmt::format("{}{}", bytes, unit);
}

/// Names of the survey formats, in lines of a width that --help can show.
std::string format_names(bool with_header) {
  constexpr std::size_t kWidth = 96;
  std::string out, line;
  for (const SurveyFormat& format : survey_formats()) {
    if (format.signature.empty() == with_header) continue;
    if (line.size() + format.name.size() > kWidth) {
      out += line + ",\n";
      line.clear();
    }
    line += fmt::format("{}{}", line.empty() ? "" : ", ", format.name);
  }
  return out + line;
}

std::string format_help() {
  return fmt::format(
      "auto (recognised by the columns), csv (no survey), or\n{},\nand, for files without header, {}",
      format_names(true), format_names(false));
}

}  // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  double unit = 1;
  if (!text.empty()) {
    const std::size_t power = std::string_view("kMGT").find(text.back());
    if (power != std::string_view::npos) {
      unit = std::pow(1024.0, static_cast<double>(power + 1));
      text.remove_suffix(1);
    }
  }
  const std::optional<double> number = number_of(text);
  const double bytes = number.value_or(0) * unit;
  if (!(bytes >= kLeastMemory && bytes <= kMostMemory)) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

namespace {

void declare_columns(SourceOptions& o, GroupOfOptions& options) {
  options.add("format",
              {.set =
                   [&o](std::string_view text) {
                     o.format = text == "auto" ? "" : text;
                     return true;
                   },
               .text = [&o] { return o.format.empty() ? std::string("auto") : o.format; },
               .reset = [&o, standard = o.format] { o.format = standard; }},
              format_help().c_str());
  options
      .add("columns",
           {.set = [&o](std::string_view text) { return take_columns(text, o.columns); },
            .text = [&o] { return text_of(o.columns); },
            .reset = [&o, standard = o.columns] { o.columns = standard; }},
           "time=NAME,mag=NAME,... (numbers of fields if there is no header); band=-: no column holds bands")
      .expects("ROLE=NAME with a role of time, mag, mag_err, flux, flux_err, band");
  options
      .add("magnitudes", o.magnitudes,
           "read magnitudes, not fluxes, if a table has both (default: fluxes if their unit is known)")
      .identified_if_changed();
  options.add("nested", o.nested, "the list column of a Parquet table to read, if several hold light curves");
  options.add("hdu", o.hdu, "the table of a FITS file to read, if there are several (0: the primary HDU)")
      .of_files();
  options.add("id-column", o.id_column,
              "the column of object ids (default: found by its name); -: the table is one object");
}

void declare_photometry(SourceOptions& o, GroupOfOptions& options) {
  options
      .add("band",
           {.set =
                [&o](std::string_view text) {
                  o.split_bands = text == "split";
                  o.band = o.split_bands ? "" : text;
                  return true;
                },
            .text = [&o] { return o.split_bands ? std::string("split") : o.band; },
            .reset =
                [&o, band = o.band, split = o.split_bands] {
                  o.band = band;
                  o.split_bands = split;
                }},
           "select this band, or declare it if no column holds bands; split: make an object of every\n"
           "band, called ID:BAND")
      .unset("any");
  options.add("zero-point", o.zero_point_jy, "flux density of magnitude 0, in Jy (default: that of the band)")
      .above(0)
      .identified_as("zero_point_jy")
      .unset("by band");
  options
      .add("flux-unit", o.flux_unit, kFluxUnits,
           "unit of fluxes: nJy, uJy, mJy, Jy or AB27.5 (default: that of the column or survey, else mJy)")
      .unset("mJy or the survey's");
  options
      .add("time-unit", o.time_unit, kTimeUnits,
           "unit of times: d, h, min, s or yr (default: that of the column or survey, else d)")
      .identified_if_changed();
}

/// What files alone have: notations of text, many of them, sizes.
void declare_notation(SourceOptions& o, GroupOfOptions& options) {
  options
      .add("decimal",
           {.set =
                [&o](std::string_view text) {
                  if (text != "." && text != ",") return false;
                  o.decimal = text.front();
                  return true;
                },
            .text = [&o] { return std::string(1, o.decimal); },
            .reset = [&o, standard = o.decimal] { o.decimal = standard; }},
           "decimal separator, . or ,")
      .expects("a point or a comma")
      .identified_if_changed()
      .of_files();
  options.add("d-exponent", o.d_exponent, "accept Fortran exponents such as 2.45D6")
      .identified_if_changed()
      .of_files();
  options.add("unique-ids", o.unique_ids, "reject an object whose id was in an earlier file")
      .identified_if_changed()
      .of_files();
  options
      .add("memory",
           {.set =
                [&o](std::string_view text) {
                  const std::optional<std::uint64_t> bytes = parse_bytes(text);
                  o.memory_bytes = bytes.value_or(o.memory_bytes);
                  return bytes.has_value();
                },
            .text = [&o] { return text_of_bytes(o.memory_bytes); },
            .reset = [&o, standard = o.memory_bytes] { o.memory_bytes = standard; }},
           "memory for grouping the rows of a table by object; a pipe on stdin may be 16 times as long")
      .expects("a size such as 64M, 512M or 4G")
      .decides_nothing()
      .of_files();
}

void declare_cleaning(SourceOptions& o, GroupOfOptions& cleaning) {
  cleaning.add("nonfinite", o.nonfinite, kNonfinite, "NaN, infinite and missing values: reject or drop");
  cleaning.add("upper-limits", o.upper_limits, kUpperLimits, "values such as >17.2: reject or drop");
  cleaning.add("null-value", o.null_values, "a number that means \"not measured\"; repeatable")
      .identified_as("null_values");
  cleaning
      .add("keep-sentinels", o.keep_sentinels,
           "keep repeated values such as 99.99 that lie far from all others (default: they reject their "
           "object)")
      .identified_if_changed();
  cleaning.add("quality-mask", o.quality_mask,
               "bits of quality flags that drop an observation; 0: no rule of quality is used\n"
               "(default: the bits of the survey; in other tables no column of quality is used)");
  cleaning.add("where", o.where, "COLUMN=VALUE: keep only the rows with this value; repeatable")
      .identified_if_changed()
      .of_files();
  cleaning
      .add("missing-error", o.missing_error,
           "the error of every observation, if no column has errors (flagged)")
      .at_least(0);
}

}  // namespace

void declare_options(SourceOptions& o, OptionTable& table) {
  GroupOfOptions options = table.in(option_groups::kInput);
  declare_columns(o, options);
  declare_photometry(o, options);
  declare_notation(o, options);
  GroupOfOptions cleaning = table.in(option_groups::kCleaning);
  declare_cleaning(o, cleaning);
}

}  // namespace astrom3
