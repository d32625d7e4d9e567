// SPDX-License-Identifier: MIT
#include "periodogram_method.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/period_statistics.h"
#include "astrom3/features/periodogram.h"
#include "astrom3/kernels/isa.h"
#include "command_line.h"
#include "formats/json_writer.h"
#include "periodogram_plot.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

constexpr double kMaxRows = 2e7;

/// What went wrong, with the object that it went wrong with.
template <typename Work>
auto with_object(const Spectrum& spectrum, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    Diagnostic why = error.diagnostic();
    if (why.file.empty()) why.file = spectrum.file;
    why.object_id = spectrum.object_id;
    throw Error(std::move(why));
  }
}

double span_of(const std::vector<double>& time) {
  if (time.empty()) return 0;
  const auto [first, last] = std::minmax_element(time.begin(), time.end());
  return *last - *first;
}

/// The search's frequencies, up to `factor` times the Nyquist frequency.
FrequencyGrid grid_to_nyquist(const Spectrum& spectrum, const StarColumns& star, PeriodOptions options,
                              double factor, Isa isa) {
  const double highest = factor * find_nyquist(star.time, isa).frequency;
  const double longest = longest_period(options, span_of(star.time));
  if (!(highest * longest > 1)) {
    throw Error(
        Diagnostic{.code = Status::usage,
                   .file = spectrum.file,
                   .object_id = spectrum.object_id,
                   .option = "nyquist",
                   .value = fmt::format("{}", factor),
                   .message = fmt::format(
                       "{:.6g} / d is the highest frequency then, below that of the longest period, {:.6g} d",
                       highest, longest)});
  }
  options.period_min = 1 / highest;
  return frequency_grid(spectrum, star, options);
}

std::vector<double> frequencies_of(const Spectrum& spectrum, const StarColumns& star, const RunArguments& run,
                                   const PeriodogramMethodArguments& arguments, Isa isa) {
  if (!arguments.frequencies.empty()) return read_frequencies(arguments.frequencies);
  const PeriodOptions& options = run.treatment.object.features.period;
  check_together(options);
  const FrequencyGrid grid = arguments.nyquist
                                 ? grid_to_nyquist(spectrum, star, options, *arguments.nyquist, isa)
                                 : frequency_grid(spectrum, star, options);
  std::vector<double> frequency(grid.count);
  for (std::size_t k = 0; k < grid.count; ++k) frequency[k] = grid.frequency(k);
  return frequency;
}

}  // namespace

void add_method_options(Command& command, PeriodogramMethodArguments& arguments) {
  declare_options(arguments.statistic, command.options);
  GroupOfOptions options = command.options.in(option_groups::kMethod);
  options.add(
      "frequencies", arguments.frequencies,
      "FILE: the frequencies [1/d], increasing: one in a line, or the column \"frequency\" of a table");
  options
      .add("nyquist", arguments.nyquist,
           "highest frequency as a multiple of the Nyquist frequency of the times, instead of period-min")
      .above(0);
  command.exclude("nyquist", "period-min");
  command.exclude("nyquist", "frequencies");
}

bool is_method_asked_for(const OptionTable& options) {
  return std::any_of(options.options().begin(), options.options().end(), [](const Option& option) {
    return option.group().title == option_groups::kMethod.title && option.is_set();
  });
}

StarColumns columns_of(const Spectrum& spectrum) {
  StarColumns star;
  for (std::size_t b = 0; b < spectrum.bands.size(); ++b) {
    const BandObservations& band = spectrum.bands[b];
    star.time.insert(star.time.end(), band.time.begin(), band.time.end());
    star.mag.insert(star.mag.end(), band.mag.begin(), band.mag.end());
    star.mag_err.insert(star.mag_err.end(), band.mag_err.begin(), band.mag_err.end());
    star.band.insert(star.band.end(), band.time.size(), static_cast<std::uint8_t>(b));
  }
  return star;
}

FrequencyGrid frequency_grid(const Spectrum& spectrum, const StarColumns& star,
                             const PeriodOptions& options) {
  const double span_days = span_of(star.time);
  FrequencyGrid grid;
  const Status status = make_period_grid(options, span_days, grid, kMaxRows);
  if (status == Status::ok) return grid;
  Diagnostic why = explain_period_grid(status, options, span_days, kMaxRows);
  why.file = spectrum.file;
  why.object_id = spectrum.object_id;
  throw Error(std::move(why));
}

std::vector<ListedPeak> compute_method(Spectrum& spectrum, const RunArguments& run,
                                       const PeriodogramMethodArguments& arguments, std::size_t n_peaks) {
  const StarColumns star = columns_of(spectrum);
  const StarObservations view{
      .time = star.time, .y = star.mag, .y_err = star.mag_err, .band = star.band, .is_magnitude = true};
  PeriodStatisticOptions options = arguments.statistic;
  options.isa = chosen_isa(run.common);
  options.threads = thread_count(run.threads, run.common.verbosity());
  spectrum.frequency = frequencies_of(spectrum, star, run, arguments, options.isa);
  spectrum.value.resize(spectrum.frequency.size());
  const bool is_gls = options.method == PeriodStatistic::gls;
  spectrum.value_name = is_gls ? "power" : name_of(options.method);
  spectrum.is_lowest_best = is_lowest_best(options.method);
  std::vector<ListedPeak> peaks;
  with_object(spectrum, [&] {
    compute_period_statistic(view, spectrum.frequency, options, spectrum.value);
    for (const StatisticPeak& peak : find_best(spectrum.frequency, spectrum.value, spectrum.is_lowest_best,
                                               std::max<std::size_t>(n_peaks, 1))) {
      peaks.push_back({1 / peak.frequency, peak.value});
      // The box is that of the frequency that was searched.
      if (options.method == PeriodStatistic::bls)
        peaks.back() = {1 / spectrum.frequency[peak.index], peak.value,
                        find_box(view, spectrum.frequency[peak.index], options)};
    }
    return 0;
  });
  spectrum.title = fmt::format("{}: {} {:.6g} at {:.8g} d", spectrum.object_id, value_name(options.method),
                               peaks.front().value, peaks.front().period);
  spectrum.marks_title = fmt::format("period [d]  ({})", spectrum.value_name);
  for (const ListedPeak& peak : peaks)
    spectrum.marks.push_back({peak.period, fmt::format("  ({:.4g})", peak.value)});
  return peaks;
}

std::string peaks_csv(const Spectrum& spectrum, const std::vector<ListedPeak>& peaks) {
  const bool has_box = peaks.front().box.has_value();
  std::string text =
      fmt::format("period,{}{}\n", spectrum.value_name, has_box ? ",depth,depth_err,duration,mid_time" : "");
  for (const ListedPeak& peak : peaks) {
    fmt::format_to(std::back_inserter(text), "{:.10g},{:.6g}", peak.period, peak.value);
    if (has_box) {
      fmt::format_to(std::back_inserter(text), ",{:.6g},{:.4g},{:.6g},{:.12g}", peak.box->depth,
                     peak.box->depth_err, peak.box->duration_days, peak.box->mid_time);
    }
    text += '\n';
  }
  return text;
}

std::string peaks_json(const Spectrum& spectrum, const PeriodogramMethodArguments& arguments,
                       const std::vector<ListedPeak>& peaks) {
  const Nyquist nyquist = find_nyquist(columns_of(spectrum).time);
  JsonWriter json(JsonLayout::block);
  json.begin_object()
      .member("object_id", escaped(spectrum.object_id))
      .member("method", name_of(arguments.statistic.method))
      .member("is_lowest_best", spectrum.is_lowest_best)
      .member("nyquist_frequency", nyquist.frequency)
      .member("is_nyquist_a_limit", nyquist.is_limit)
      .key("peaks")
      .begin_array();
  for (const ListedPeak& peak : peaks) {
    json.begin_object().member("period", peak.period).member(spectrum.value_name, peak.value);
    if (peak.box) {
      json.member("depth", peak.box->depth)
          .member("depth_err", peak.box->depth_err)
          .member("duration", peak.box->duration_days)
          .member("mid_time", peak.box->mid_time);
    }
    json.end();
  }
  return json.end().end().take() + '\n';
}

}  // namespace astrom3::cli
