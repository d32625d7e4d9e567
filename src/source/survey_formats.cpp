// SPDX-License-Identifier: MIT
#include "source/survey_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "base/edit_distance.h"
#include "formats/table_header.h"

namespace astrom3 {
namespace {

bool holds_all(std::string_view signature, std::span<const std::string> known) {
  while (!signature.empty()) {
    const std::string_view names = signature.substr(0, signature.find('|'));
    bool is_there = false;
    for (std::size_t at = 0; at <= names.size() && !is_there;) {
      const std::size_t stop = std::min(names.find(',', at), names.size());
      is_there = std::find(known.begin(), known.end(), names.substr(at, stop - at)) != known.end();
      at = stop + 1;
    }
    if (!is_there) return false;
    signature.remove_prefix(std::min(signature.size(), names.size() + 1));
  }
  return true;
}

}  // namespace

const SurveyFormat* find_survey_format(std::string_view name) noexcept {
  for (const SurveyFormat& format : survey_formats()) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

const SurveyFormat* recognise_survey(std::span<const std::string> names) {
  const auto is_digital = [](const std::string& name) {
    return name.find_first_not_of("0123456789.+-eE ") == std::string::npos;
  };
  if (std::all_of(names.begin(), names.end(), is_digital)) return nullptr;  // a row, as most lines are
  std::vector<std::string> known;  // with and without what is in brackets
  for (const std::string& name : names) {
    known.push_back(folded_name(name));
    const std::size_t bracket = known.back().find('(');
    if (bracket != std::string::npos) known.push_back(folded_name(known.back().substr(0, bracket)));
  }
  for (const SurveyFormat& format : survey_formats()) {
    if (!format.signature.empty() && holds_all(format.signature, known)) return &format;
  }
  return nullptr;
}

const SurveyFormat* survey_of(std::span<const std::string> names, const SourceOptions& options) {
  if (options.format == "csv") return nullptr;
  if (const SurveyFormat* named = find_survey_format(options.format)) return named;
  return recognise_survey(names);
}

void check_format_option(const SourceOptions& options) {
  if (options.format.empty() || options.format == "auto" || options.format == "csv") return;
  if (find_survey_format(options.format) != nullptr) return;
  std::string known = "auto, csv";
  std::string_view nearest;
  for (const SurveyFormat& format : survey_formats()) {
    known += fmt::format(", {}", format.name);
    if (edit_distance(options.format, format.name, 2) <= 2) nearest = format.name;
  }
  throw Error(
      Diagnostic{.code = Status::usage,
                 .option = "format",
                 .message = fmt::format("expected one of {}, found \"{}\"", known, escaped(options.format)),
                 .hint = nearest.empty() ? std::string{} : fmt::format("did you mean {}?", nearest)});
}

SourceOptions with_columns_of(const SurveyFormat& survey, SourceOptions options) {
  // A caller who names magnitudes does not want the survey's flux, and the reverse.
  const bool wants_mag = options.magnitudes || options.columns.contains("mag");
  const bool wants_flux = options.columns.contains("flux");
  const auto add = [&](const char* role, std::string_view column) {
    if (!column.empty()) options.columns.try_emplace(role, column);
  };
  add("time", survey.time);
  if (!wants_flux) add("mag", survey.mag);
  if (!wants_flux) add("mag_err", survey.mag_err);
  if (!wants_mag) add("flux", survey.flux);
  if (!wants_mag) add("flux_err", survey.flux_err);
  return options;
}

}  // namespace astrom3
