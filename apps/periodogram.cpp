// SPDX-License-Identifier: MIT
//
// astrom3 periodogram: the power of one light curve at every frequency, as CSV and as a plot.
#include "astrom3/features/periodogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/base/option.h"
#include "astrom3/features/period_search.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"
#include "command_line.h"
#include "file_claims.h"
#include "formats/json_writer.h"
#include "outputs.h"
#include "periodogram_plot.h"
#include "report.h"
#include "run_options.h"
#include "shown_magnitudes.h"

namespace astrom3::cli {
namespace {

struct Arguments {
  RunArguments run;
  std::string object_id, svg, together;
  std::size_t peaks = 5;
};

constexpr double kMaxRows = 2e7;

/// Objects from the inputs of the command line.
std::unique_ptr<Source> open_inputs(const Arguments& arguments) {
  std::vector<Diagnostic> warnings;
  const auto files = light_curve_files(arguments.run.inputs, arguments.run.recursive, warnings);
  for (const Diagnostic& warning : warnings) print_warning(warning, arguments.run.common.verbosity());
  SourceOptions options = arguments.run.treatment.reading;
  if (!arguments.together.empty()) options.split_bands = true;
  return open_source(files, options);
}

Diagnostic diagnose(Status status, const std::string& object_id, const std::string& file) {
  return {
      .code = status, .file = file, .object_id = object_id, .message = std::string(status_meaning(status))};
}

[[noreturn]] void fail_without_object(const Arguments& arguments) {
  throw Error(Status::no_input,
              arguments.object_id.empty()
                  ? std::string("there is no light curve in the input")
                  : fmt::format("no object \"{}\" in the input", escaped(arguments.object_id)));
}

/// Magnitudes of a light curve; fluxes that are not positive have none.
BandObservations to_magnitudes(const SourceObject& object, std::string name) {
  const LightCurve& lc = object.light_curve;
  BandObservations out{.name = std::move(name), .shown = shown_magnitudes(object)};
  for (std::size_t i = 0; i < lc.size(); ++i) {
    if (!(lc.flux[i] > 0)) continue;
    out.time.push_back(lc.time[i]);
    out.mag.push_back(-2.5 * std::log10(lc.flux[i]));
    out.mag_err.push_back(2.5 / std::log(10.0) * std::fabs(lc.flux_err[i]) / lc.flux[i]);
  }
  return out;
}

/// The object asked for, or the first; cleaned.
Spectrum read_object(const Arguments& arguments) {
  const auto source = open_inputs(arguments);
  SourceObject object;
  while (source->next(object)) {
    if (!arguments.object_id.empty() && object.object_id != arguments.object_id) continue;
    if (object.rejection) throw Error(*object.rejection);
    LightCurveSummary summary;
    const Status status = clean(object.light_curve, object_options(arguments.run).cleaning, summary);
    if (status != Status::ok) throw Error(diagnose(status, object.object_id, object.file));
    return {.object_id = object.object_id, .file = object.file, .bands = {to_magnitudes(object, "")}};
  }
  fail_without_object(arguments);
}

/// The same with all bands of the object, or the named ones; unusable bands are left out with a note.
Spectrum read_bands(const Arguments& arguments) {
  const auto is_wanted = [&](const std::string& band) {
    return arguments.together == "all" ||
           (',' + arguments.together + ',').find(',' + band + ',') != std::string::npos;
  };
  const auto source = open_inputs(arguments);
  Spectrum spectrum{.object_id = arguments.object_id};
  SourceObject object;
  std::optional<Diagnostic> last_problem;
  while (source->next(object)) {
    const std::size_t colon = object.object_id.rfind(':');
    const std::string id = object.object_id.substr(0, colon);
    const std::string band = colon == std::string::npos ? "" : object.object_id.substr(colon + 1);
    if (spectrum.object_id.empty()) spectrum.object_id = id;
    if (id != spectrum.object_id || !is_wanted(band)) continue;
    LightCurveSummary summary;
    Status status = Status::ok;
    if (!object.rejection)
      status = clean(object.light_curve, object_options(arguments.run).cleaning, summary);
    if (object.rejection || status != Status::ok) {
      last_problem = object.rejection ? *object.rejection : diagnose(status, object.object_id, object.file);
      Diagnostic why = *last_problem;
      why.message += "; the band is left out";
      print_warning(why, arguments.run.common.verbosity());
      continue;
    }
    spectrum.file = object.file;
    spectrum.bands.push_back(to_magnitudes(object, band));
  }
  if (!spectrum.bands.empty()) return spectrum;
  if (last_problem) throw Error(*last_problem);
  if (spectrum.object_id.empty() || arguments.together == "all") fail_without_object(arguments);
  throw Error(Status::no_input, fmt::format("object \"{}\" has no band \"{}\"", escaped(spectrum.object_id),
                                            escaped(arguments.together)));
}

/// The bands' powers, added with the weight of their chi2 about the mean: as the search does.
Status compute_power(Spectrum& spectrum, Isa isa) {
  std::vector<double> sum(spectrum.grid.count), power(spectrum.grid.count);
  double total = 0;
  Status status = Status::ok;
  for (const BandObservations& band : spectrum.bands) {
    const Status of_band =
        gls_power(band.time, band.mag, band.mag_err, spectrum.grid, {.isa = isa}, std::span<double>(power));
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
  spectrum.power = std::move(sum);
  return Status::ok;
}

/// 0 for fewer than two times.
double span_of(const std::vector<double>& time) {
  if (time.size() < 2) return 0;
  const auto [first, last] = std::minmax_element(time.begin(), time.end());
  return *last - *first;
}

Spectrum compute(Spectrum spectrum, const Arguments& arguments) {
  std::vector<double> time, mag, mag_err;
  std::vector<std::uint8_t> number;
  for (std::size_t b = 0; b < spectrum.bands.size(); ++b) {
    const BandObservations& band = spectrum.bands[b];
    time.insert(time.end(), band.time.begin(), band.time.end());
    mag.insert(mag.end(), band.mag.begin(), band.mag.end());
    mag_err.insert(mag_err.end(), band.mag_err.begin(), band.mag_err.end());
    number.insert(number.end(), band.time.size(), static_cast<std::uint8_t>(b));
  }
  PeriodOptions options = object_options(arguments.run).features.period;
  options.n_alternates = arguments.peaks > 0 ? arguments.peaks - 1 : 0;
  const double span_days = span_of(time);
  Status status = make_period_grid(options, span_days, spectrum.grid, kMaxRows);
  if (status != Status::ok && span_days > 0) {
    Diagnostic why = explain_period_grid(status, options, span_days, kMaxRows);
    why.file = spectrum.file;
    why.object_id = spectrum.object_id;
    throw Error(std::move(why));
  }
  status = find_period(time, mag, mag_err, number, options, spectrum.best);
  if (status == Status::ok) {
    for (BandObservations& band : spectrum.bands) {
      band.mag_err = search_errors(band.time, band.mag, band.mag_err, options);
    }
    status = compute_power(spectrum, chosen_isa(arguments.run.common));
  }
  if (status != Status::ok) throw Error(diagnose(status, spectrum.object_id, spectrum.file));
  return spectrum;
}

std::string csv_text(const Spectrum& spectrum) {
  std::string text = "frequency,period,power\n";
  for (std::size_t k = 0; k < spectrum.grid.count; ++k) {
    const double f = spectrum.grid.frequency(k);
    fmt::format_to(std::back_inserter(text), "{:.9g},{:.9g},{:.9g}\n", f, 1 / f, spectrum.power[k]);
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

std::string peaks_json(const Spectrum& spectrum) {
  const PeriodResult& best = spectrum.best;
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

int run(const Arguments& arguments) {
  check_writable({arguments.run.output, arguments.svg});
  const Spectrum spectrum =
      compute(arguments.together.empty() ? read_object(arguments) : read_bands(arguments), arguments);
  const PeriodResult& best = spectrum.best;
  const std::string& output = arguments.run.output;
  if (!output.empty()) write_output(output, csv_text(spectrum));
  if (!arguments.svg.empty()) write_output(arguments.svg, svg_of(spectrum));
  if (arguments.run.common.json) {
    const std::string text = peaks_json(spectrum);
    output == "-" ? print_note(text, Verbosity::normal) : write_output("-", text);
  } else if (output != "-") {
    write_output("-", peaks_csv(best));
  }
  print_note(fmt::format("{}: period {:.8g} +- {:.2g} d, probability {:.2g}, false alarm {:.2g}{}{}",
                         escaped(spectrum.object_id), best.period, best.period_err, best.period_probability,
                         best.false_alarm_probability, best.flags.empty() ? "" : ", ", to_string(best.flags)),
             arguments.run.common.verbosity());
  return 0;
}

}  // namespace

void add_periodogram(Command& astrom3) {
  auto arguments = std::make_shared<Arguments>();
  RunArguments& shared = arguments->run;
  Command& command = astrom3.subcommand("periodogram", "the periodogram of one light curve: CSV and SVG");
  command.footer(
      "Generalised Lomb-Scargle power, normalisation \"standard\". The chosen period and the runners-up go\n"
      "to stdout as CSV (log_odds: in nats, against the chosen period) or, with --json, as JSON.");
  add_common_options(command, shared.common);
  add_light_curve_options(command, shared);
  GroupOfOptions options = command.options.in({});
  options.add("o", shared.output, "OUT.csv or - (stdout): frequency [1/d], period [d], power");
  options.add("svg", arguments->svg, "OUT.svg: the power with the peaks marked, and the light curve folded");
  options.add("object", arguments->object_id, "the object of a long table (default: the first)");
  options.add("together", arguments->together,
              "all, or bands such as g,r,i: search these bands of the object as one, each with a mean\n"
              "and a shape of its own");
  command.exclude("together", "band");
  declare_options(shared.treatment.object.features.period, command.options);
  options.add("peaks", arguments->peaks, "how many periods are listed and marked");
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
