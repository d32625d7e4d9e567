// SPDX-License-Identifier: MIT
//
// astrom3 periodogram: the power of one light curve at every frequency, or another statistic, as CSV and as a
// plot.
#include "astrom3/features/periodogram.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/base/option.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/period_statistics.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"
#include "command_line.h"
#include "formats/json_writer.h"
#include "outputs.h"
#include "periodogram_input.h"
#include "periodogram_method.h"
#include "periodogram_plot.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

struct Arguments {
  PeriodogramInput input;
  PeriodogramMethodArguments method;
  std::string svg;
  std::size_t peaks = 5;
  const OptionTable* options = nullptr;
};

/// What a run prints and writes.
struct Answer {
  Spectrum spectrum{};
  std::string csv{}, json{}, note{};
};

Diagnostic diagnose(Status status, const std::string& object_id, const std::string& file) {
  return {
      .code = status, .file = file, .object_id = object_id, .message = std::string(status_meaning(status))};
}

/// The bands' powers, added with the weight of their chi2 about the mean: as the search does.
Status compute_power(Spectrum& spectrum, const FrequencyGrid& grid, Isa isa) {
  std::vector<double> sum(grid.count), power(grid.count);
  double total = 0;
  Status status = Status::ok;
  for (const BandObservations& band : spectrum.bands) {
    const Status of_band =
        gls_power(band.time, band.mag, band.mag_err, grid, {.isa = isa}, std::span<double>(power));
    if (of_band != Status::ok) {
      status = of_band;
      continue;
    }
    double weight = 0, mean = 0, chi2 = 0;
    for (std::size_t i = 0; i < band.mag.size(); ++i) {
      const double w = 1 / (band.mag_err[i] * band.mag_err[i]), deviation = band.mag[i] - mean;
      weight += w;
      mean += deviation * w / weight;
      chi2 += w * deviation * (band.mag[i] - mean);
    }
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += chi2 * power[k];
    total += chi2;
  }
  if (!(total > 0)) return status;
  for (double& p : sum) p /= total;
  spectrum.value = std::move(sum);
  for (std::size_t k = 0; k < grid.count; ++k) spectrum.frequency.push_back(grid.frequency(k));
  return Status::ok;
}

/// The spectrum that the search sees, and the period that it chooses.
PeriodResult search(Spectrum& spectrum, const Arguments& arguments) {
  const StarColumns star = columns_of(spectrum);
  PeriodOptions options = arguments.input.run.treatment.object.features.period;
  options.n_alternates = arguments.peaks > 0 ? arguments.peaks - 1 : 0;
  check_together(options);
  const FrequencyGrid grid = frequency_grid(spectrum, star, options);
  PeriodResult best;
  Status status = find_period(star.time, star.mag, star.mag_err, star.band, options, best);
  if (status == Status::ok) {
    for (BandObservations& band : spectrum.bands)
      band.mag_err = search_errors(band.time, band.mag, band.mag_err, options);
    status = compute_power(spectrum, grid, chosen_isa(arguments.input.run.common));
  }
  if (status != Status::ok) throw Error(diagnose(status, spectrum.object_id, spectrum.file));
  return best;
}

std::string csv_text(const Spectrum& spectrum) {
  std::string text = fmt::format("frequency,period,{}\n", spectrum.value_name);
  for (std::size_t k = 0; k < spectrum.frequency.size(); ++k) {
    if (k % 4096 == 0) throw_if_stopped();
    const double f = spectrum.frequency[k];
    fmt::format_to(std::back_inserter(text), "{:.9g},{:.9g},{:.9g}\n", f, 1 / f, spectrum.value[k]);
  }
  return text;
}

/// The chosen period and the runners-up, best first: written to stdout unless the spectrum goes there.
std::string peaks_csv(const PeriodResult& best) {
  std::string text = fmt::format("period,power,log_odds\n{:.10g},{:.6g},0\n", best.period, best.power);
  for (const PeriodCandidate& c : best.alternates) {
    fmt::format_to(std::back_inserter(text), "{:.10g},{:.6g},{:.4g}\n", c.period, c.power,
                   c.log_evidence - best.log_evidence);
  }
  return text;
}

std::string peaks_json(const Spectrum& spectrum, const PeriodResult& best) {
  JsonWriter json(JsonLayout::block);
  json.begin_object()
      .member("object_id", escaped(spectrum.object_id))
      .member("period", best.period)
      .member("period_err", best.period_err)
      .member("power", best.power)
      .member("false_alarm_probability", best.false_alarm_probability)
      .member("period_probability", best.period_probability)
      .member("doubled", best.doubled)
      .member("flags", to_string(best.flags))
      .key("alternates")
      .begin_array();
  for (const PeriodCandidate& c : best.alternates) {
    json.begin_object().member("period", c.period).member("power", c.power);
    json.member("log_odds", c.log_evidence - best.log_evidence).end();
  }
  return json.end().end().take() + '\n';
}

void mark_periods(Spectrum& spectrum, const PeriodResult& best) {
  spectrum.title =
      fmt::format("{}: {:.8g} d, false alarm {:.2g}{}", spectrum.object_id, best.period,
                  best.false_alarm_probability, best.flags.empty() ? "" : ", " + to_string(best.flags));
  spectrum.marks_title = "period [d]  (log odds)";
  spectrum.marks.push_back({best.period});
  for (const PeriodCandidate& c : best.alternates)
    spectrum.marks.push_back({c.period, fmt::format("  ({:.1f})", c.log_evidence - best.log_evidence)});
}

Answer answer_of_search(Spectrum spectrum, const Arguments& arguments) {
  const PeriodResult best = search(spectrum, arguments);
  mark_periods(spectrum, best);
  Answer answer{.csv = peaks_csv(best), .json = peaks_json(spectrum, best)};
  answer.note =
      fmt::format("{}: period {:.8g} +- {:.2g} d, probability {:.2g}, false alarm {:.2g}{}{}",
                  escaped(spectrum.object_id), best.period, best.period_err, best.period_probability,
                  best.false_alarm_probability, best.flags.empty() ? "" : ", ", to_string(best.flags));
  answer.spectrum = std::move(spectrum);
  return answer;
}

Answer answer_of_method(Spectrum spectrum, const Arguments& arguments) {
  const std::vector<ListedPeak> peaks =
      compute_method(spectrum, arguments.input.run, arguments.method, arguments.peaks);
  Answer answer{.csv = peaks_csv(spectrum, peaks), .json = peaks_json(spectrum, arguments.method, peaks)};
  answer.note =
      fmt::format("{}: method {}, {} of {:.6g} at the period {:.8g} d", escaped(spectrum.object_id),
                  name_of(arguments.method.statistic.method), spectrum.is_lowest_best ? "lowest" : "highest",
                  peaks.front().value, peaks.front().period);
  answer.spectrum = std::move(spectrum);
  return answer;
}

int run(const Arguments& arguments) {
  const std::string& output = arguments.input.run.output;
  check_writable({output, arguments.svg});
  Spectrum star = read_star(arguments.input);
  const Answer answer = is_method_asked_for(*arguments.options)
                            ? answer_of_method(std::move(star), arguments)
                            : answer_of_search(std::move(star), arguments);
  if (!output.empty()) write_output(output, csv_text(answer.spectrum));
  if (!arguments.svg.empty()) write_output(arguments.svg, svg_of(answer.spectrum));
  if (arguments.input.run.common.json) {
    const bool is_taken = output == "-" || arguments.svg == "-";
    is_taken ? print_note(answer.json, Verbosity::normal) : write_output("-", answer.json);
  } else if (output != "-" && arguments.svg != "-") {
    write_output("-", answer.csv);
  }
  print_note(answer.note, arguments.input.run.common.verbosity());
  return 0;
}

}  // namespace

void add_periodogram(Command& astrom3) {
  auto arguments = std::make_shared<Arguments>();
  RunArguments& shared = arguments->input.run;
  Command& command = astrom3.subcommand("periodogram", "the periodogram of one light curve: CSV and SVG");
  command.footer(
      "Generalised Lomb-Scargle power, normalisation \"standard\". The chosen period and the runners-up go\n"
      "to stdout as CSV (log_odds: in nats, against the chosen period) or, with --json, as JSON.\n"
      "With an option of the group Method: another statistic, with the errors as they are given; what is "
      "listed\n"
      "are its best periods (for pdm, ce and string_length the lowest values). docs/periods.md has the "
      "formulas.");
  add_common_options(command, shared.common);
  add_threads_option(command, shared.threads);
  add_light_curve_options(command, shared);
  GroupOfOptions options = command.options.in({});
  options.add("o", shared.output,
              "OUT.csv or - : frequency [1/d], period [d], power or what the method gives");
  options.add("svg", arguments->svg, "OUT.svg: the power with the peaks marked, and the light curve folded");
  options.add("object", arguments->input.object_id, "the object of a long table (default: the first)");
  options.add("together", arguments->input.together,
              "all, or bands such as g,r,i: search these bands of the object as one, each with a mean\n"
              "and a shape of its own");
  command.exclude("together", "band");
  declare_options(shared.treatment.object.features.period, command.options);
  add_method_options(command, arguments->method);
  options.add("peaks", arguments->peaks, "periods listed and marked");
  arguments->options = &command.options;
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
