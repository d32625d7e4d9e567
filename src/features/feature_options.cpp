// SPDX-License-Identifier: MIT
//
// The options of features, and of the period search that gives two of them.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/features/features.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/scaling.h"

namespace astrom3 {
namespace {

std::optional<Feature> feature_called(std::string_view name) {
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if (name == feature_name(static_cast<Feature>(i))) return static_cast<Feature>(i);
  }
  return std::nullopt;
}

bool is_possible(Feature feature, const FeatureOverride& given) {
  if (given.standardised) return true;
  return feature == Feature::period      ? given.value > 0
         : feature == Feature::amplitude ? given.value >= 0
                                         : true;
}

/// "rfr_score=0.9" or "rfr_score=z:0.392".
bool take_override(std::string_view text, FeatureOverrides& overrides) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  const std::optional<Feature> feature = feature_called(text.substr(0, equals));
  std::string_view number = text.substr(equals + 1);
  FeatureOverride given{.value = 0, .standardised = number.starts_with("z:"), .source = FeatureSource::set};
  if (given.standardised) number.remove_prefix(2);
  const std::optional<double> value = number_of(number);
  if (!feature || !value) return false;
  given.value = *value;
  if (!is_possible(*feature, given)) return false;
  overrides[static_cast<std::size_t>(*feature)] = given;
  return true;
}

std::string text_of(const FeatureOverrides& overrides) {
  std::string text;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if (const auto& given = overrides[i]) {
      text += fmt::format("{}{}={}{}", text.empty() ? "" : ",", feature_name(static_cast<Feature>(i)),
                          given->standardised ? "z:" : "", given->value);
    }
  }
  return text;
}

}  // namespace

void declare_options(FeatureOverrides& overrides, OptionTable& table) {
  GroupOfOptions options = table.in(option_groups::kFeatures);
  options
      .add("set",
           {.set = [&overrides](std::string_view text) { return take_override(text, overrides); },
            .text = [&overrides] { return text_of(overrides); },
            .reset = [&overrides, standard = overrides] { overrides = standard; }},
           "NAME=VALUE (raw) or NAME=z:VALUE (standardised); repeatable")
      .expects(
          "NAME=VALUE or NAME=z:VALUE with a name of amplitude (not below 0), period (above 0), "
          "lksl_statistic, rfr_score")
      .repeatable();
}

void declare_options(FeatureOptions& o, OptionTable& table) {
  static constexpr Word<RfrMethod> kMethods[] = {{"line", RfrMethod::line}, {"forest", RfrMethod::forest}};
  GroupOfOptions options = table.in(option_groups::kFeatures);
  options.add("rfr", o.rfr, kMethods,
              "how rfr_score is computed: from lksl_statistic (line) or by a random forest (forest)");
  declare_options(o.period, table);
}

void declare_options(PeriodOptions& o, OptionTable& table) {
  GroupOfOptions options = table.in(option_groups::kPeriodSearch);
  options.add("period-min", o.period_min, "shortest period that is searched for, in days").above(0);
  options
      .add("period-max",
           {.set =
                [&o](std::string_view text) {
                  const std::optional<double> days = number_of(text);
                  if (!days || !(*days > 0)) return false;
                  o.period_max = *days;
                  return true;
                },
            .text = [&o] { return o.period_max > 0 ? fmt::format("{}", o.period_max) : std::string{}; },
            .reset = [&o, standard = o.period_max] { o.period_max = standard; }},
           "longest period that is searched for, in days (default: half the time span)", OptionKind::number)
      .above(0)
      .unset("span/2");
  options.add("oversampling", o.oversampling, "frequency steps in the width of a peak").within(1, 100);
  options.add("candidates", o.n_candidates, "number of highest peaks among which the harmonic model chooses")
      .within(1, 1000);
  options.add("harmonics", o.n_harmonics, "number of harmonics of the harmonic model").within(1, 8);
  options
      .add("period-error-floor", o.error_floor_mag,
           "magnitudes added in quadrature to the errors, in the harmonic model")
      .at_least(0)
      .identified_if_changed();
  options
      .add("double-eclipsers", o.double_eclipsers,
           "prefer the orbital period of eclipsing binaries to half of it")
      .identified_if_changed();
  options
      .add("search-eclipses", o.search_eclipses, "search for narrow eclipses, which a sine wave does not fit")
      .identified_if_changed();
}

void check_together(const PeriodOptions& o) {
  if (o.period_max == 0 || o.period_max > o.period_min) return;
  throw Error(
      Diagnostic{.code = Status::usage,
                 .option = "period-max",
                 .value = fmt::format("{}", o.period_max),
                 .message = fmt::format("expected more days than the shortest period has, {}, found {}",
                                        o.period_min, o.period_max)});
}

}  // namespace astrom3
