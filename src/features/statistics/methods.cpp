// SPDX-License-Identifier: MIT
//
// The table of period statistics, and their options.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/features/period_statistics.h"
#include "features/statistics/statistic.h"

namespace astrom3 {
namespace {

constexpr Word<PeriodStatistic> kMethods[] = {
    {"gls", PeriodStatistic::gls},      {"aov", PeriodStatistic::aov},
    {"bls", PeriodStatistic::bls},      {"pdm", PeriodStatistic::pdm},
    {"ce", PeriodStatistic::ce},        {"string_length", PeriodStatistic::string_length},
    {"window", PeriodStatistic::window}};
constexpr Word<Normalization> kNormalizations[] = {{"standard", Normalization::standard},
                                                   {"model", Normalization::model},
                                                   {"log", Normalization::log},
                                                   {"psd", Normalization::psd}};
constexpr Word<BoxObjective> kObjectives[] = {{"likelihood", BoxObjective::likelihood},
                                              {"snr", BoxObjective::snr}};

[[noreturn]] void refuse(const Option& option, std::string message) {
  throw Error(Diagnostic{
      .code = Status::usage, .option = option.name(), .value = option.text(), .message = std::move(message)});
}

std::string methods_with(std::string_view option) {
  std::string words;
  for (const StatisticMethod* method : statistic_methods()) {
    if (std::find(method->options.begin(), method->options.end(), option) == method->options.end()) continue;
    words += (words.empty() ? "" : " and ") + std::string(method->word);
  }
  return words;
}

void check_range(const Option& option, double least, double most, double value) {
  if (!(value >= least && value <= most))
    refuse(option, fmt::format("expected {:g} to {:g}, found {:g}", least, most, value));
}

}  // namespace

std::span<const StatisticMethod* const> statistic_methods() noexcept {
  static constexpr std::array<const StatisticMethod*, 7> kAll{
      &kGls, &kAov, &kBls, &kPdm, &kConditionalEntropy, &kStringLength, &kWindow};
  return kAll;
}

const StatisticMethod& method_of(PeriodStatistic method) noexcept {
  for (const StatisticMethod* one : statistic_methods()) {
    if (one->method == method) return *one;
  }
  return kGls;
}

bool is_lowest_best(PeriodStatistic method) noexcept {
  return method_of(method).lowest_is_best;
}

const char* name_of(PeriodStatistic method) noexcept {
  return method_of(method).word;
}

const char* value_name(PeriodStatistic method) noexcept {
  return method_of(method).value_name;
}

void declare_options(PeriodStatisticOptions& o, OptionTable& table) {
  GroupOfOptions options = table.in(option_groups::kMethod);
  options.add("method", o.method, kMethods, "statistic at each frequency; its best periods are listed");
  options.add("terms", o.terms, "gls, aov: harmonics; with base-terms also 0: of each band's deviation")
      .within(0, 16);
  options.add("base-terms", o.base_terms, "gls of several bands: harmonics that all bands share")
      .within(0, 16);
  options.add("normalization", o.normalization, kNormalizations, "gls: of the power");
  options.add("phase-bins", o.phase_bins, "pdm, ce: bins of the phase").within(2, 1000);
  options.add("covers", o.covers, "pdm: sets of bins, each shifted against the others").within(1, 100);
  options.add("value-bins", o.value_bins, "ce: bins of the magnitude").within(2, 1000);
  options.add("durations", o.durations, "bls: lengths of the dip, days (default: duration-fractions)")
      .above(0)
      .several();
  options.add("duration-fractions", o.duration_fractions, "bls: lengths of the dip, of each period")
      .above(0)
      .several();
  options.add("duration-steps", o.duration_steps, "bls: starts of the dip in the shortest length")
      .within(1, 100);
  options.add("objective", o.objective, kObjectives, "bls: what the best dip has most of");
}

void check_together(const PeriodStatisticOptions& given) {
  PeriodStatisticOptions standard, copy = given;
  OptionTable defaults, table;
  declare_options(standard, defaults);
  declare_options(copy, table);
  const StatisticMethod& method = method_of(given.method);
  for (const Option& option : table.options()) {
    if (option.name() == "method" || option.text() == defaults.at(option.name()).text()) continue;
    if (std::find(method.options.begin(), method.options.end(), option.name()) == method.options.end())
      refuse(option, fmt::format("method {} has no use for this; it is of {}", method.word,
                                 methods_with(option.name())));
  }
  check_range(table.at("terms"), given.base_terms > 0 ? 0 : 1, 16, static_cast<double>(given.terms));
  check_range(table.at("base-terms"), 0, 16, static_cast<double>(given.base_terms));
  check_range(table.at("phase-bins"), 2, 1000, static_cast<double>(given.phase_bins));
  check_range(table.at("covers"), 1, 100, static_cast<double>(given.covers));
  check_range(table.at("value-bins"), 2, 1000, static_cast<double>(given.value_bins));
  check_range(table.at("duration-steps"), 1, 100, static_cast<double>(given.duration_steps));
  for (const double days : given.durations) {
    if (!(days > 0 && days < 1e9))
      refuse(table.at("durations"), fmt::format("expected days above 0, found {:g}", days));
  }
  if (given.durations.empty() && given.duration_fractions.empty())
    refuse(table.at("duration-fractions"), "expected at least one length");
  for (const double fraction : given.duration_fractions) {
    if (!(fraction > 0 && fraction < 0.5))
      refuse(table.at("duration-fractions"),
             fmt::format("expected fractions between 0 and 0.5, found {:g}", fraction));
  }
}

}  // namespace astrom3
