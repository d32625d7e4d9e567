// SPDX-License-Identifier: MIT
//
// astrom3 periodogram: the power of one light curve at every frequency, as CSV and as a plot.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "run_options.h"
#include "text_file.h"

namespace astrom3::cli {
namespace {

struct Arguments {
  RunArguments run;
  std::string object_id, svg;
  std::size_t peaks = 5;
};

struct Spectrum {
  std::string object_id;
  FrequencyGrid grid;
  std::vector<double> power;
  PeriodResult best;
};

constexpr double kLongestPeriodDays = 1000;
constexpr std::size_t kMaxRows = 20'000'000;

/// The object asked for, or the first; cleaned.
SourceObject read_object(const Arguments& arguments) {
  std::vector<Diagnostic> warnings;
  const auto files = expand_inputs(arguments.run.inputs, {.recursive = arguments.run.recursive}, warnings);
  for (const Diagnostic& warning : warnings) print_warning(warning, arguments.run.common.verbosity());
  const auto source = open_source(files, source_options(arguments.run));
  SourceObject object;
  while (source->next(object)) {
    if (!arguments.object_id.empty() && object.object_id != arguments.object_id) continue;
    if (object.rejection) throw Error(*object.rejection);
    LightCurveSummary summary;
    const Status status = clean(object.light_curve, object_options(arguments.run).cleaning, summary);
    if (status == Status::ok) return object;
    throw Error(Diagnostic{.code = status,
                           .file = object.file,
                           .object_id = object.object_id,
                           .message = std::string(status_meaning(status))});
  }
  throw Error(Status::no_input,
              arguments.object_id.empty()
                  ? std::string("there is no light curve in the input")
                  : fmt::format("no object \"{}\" in the input", escaped(arguments.object_id)));
}

Spectrum compute(const SourceObject& object, const Arguments& arguments) {
  std::vector<double> time, mag, mag_err;
  const LightCurve& lc = object.light_curve;
  for (std::size_t i = 0; i < lc.size(); ++i) {
    if (!(lc.flux[i] > 0)) continue;
    time.push_back(lc.time[i]);
    mag.push_back(-2.5 * std::log10(lc.flux[i]));
    mag_err.push_back(2.5 / std::log(10.0) * std::fabs(lc.flux_err[i]) / lc.flux[i]);
  }
  PeriodOptions options = object_options(arguments.run).features.period;
  options.n_alternates = arguments.peaks > 0 ? arguments.peaks - 1 : 0;
  Spectrum spectrum{.object_id = object.object_id, .grid = {}, .power = {}, .best = {}};
  Status status = find_period(time, mag, mag_err, options, spectrum.best);
  if (status == Status::ok) {
    const double span = time.back() - time.front();
    const double longest =
        options.period_max > 0 ? options.period_max : std::min(kLongestPeriodDays, span / 2);
    spectrum.grid = {1 / longest, 1 / (options.oversampling * span), 0};
    const double count = (1 / options.period_min - spectrum.grid.minimum) / spectrum.grid.step + 1;
    if (!(count < static_cast<double>(kMaxRows))) {
      throw Error(Status::usage, fmt::format("{:.3g} frequencies are more than {}", count, kMaxRows),
                  "a larger --period-min or a smaller --oversampling");
    }
    spectrum.grid.count = static_cast<std::size_t>(count);
    spectrum.power.resize(spectrum.grid.count);
    for (double& e : mag_err) e = std::hypot(e, options.error_floor_mag);
    status = gls_power(time, mag, mag_err, spectrum.grid, {.isa = chosen_isa(arguments.run.common)},
                       std::span<double>(spectrum.power));
  }
  if (status != Status::ok) {
    throw Error(Diagnostic{.code = status,
                           .file = object.file,
                           .object_id = object.object_id,
                           .message = std::string(status_meaning(status))});
  }
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

/// Power over frequency, the highest value of each pixel column, with the periods found marked.
std::string svg_text(const Spectrum& spectrum) {
  constexpr double kWidth = 1000, kHeight = 360, kLeft = 60, kRight = 20, kTop = 40, kBottom = 50;
  const double f_low = spectrum.grid.minimum, f_high = spectrum.grid.frequency(spectrum.grid.count - 1);
  const double top = std::max(0.05, *std::max_element(spectrum.power.begin(), spectrum.power.end()) * 1.1);
  const auto x_of = [&](double f) {
    return kLeft + (f - f_low) / (f_high - f_low) * (kWidth - kLeft - kRight);
  };
  const auto y_of = [&](double p) { return kHeight - kBottom - p / top * (kHeight - kTop - kBottom); };
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n<polyline fill=\"none\" stroke=\"#1f4e79\" "
      "points=\"",
      kWidth, kHeight);
  double column = -1, highest = 0, at = f_low;
  for (std::size_t k = 0; k < spectrum.grid.count; ++k) {
    const double f = spectrum.grid.frequency(k), now = std::floor(2 * x_of(f));
    if (now != column && column >= 0) {
      fmt::format_to(std::back_inserter(text), "{:.1f},{:.1f} ", x_of(at), y_of(highest));
      highest = 0;
    }
    column = now;
    if (spectrum.power[k] >= highest) highest = spectrum.power[k], at = f;
  }
  fmt::format_to(std::back_inserter(text), "{:.1f},{:.1f}\"/>\n", x_of(at), y_of(highest));
  std::vector<PeriodCandidate> marks{{spectrum.best.period, spectrum.best.power, 0}};
  marks.insert(marks.end(), spectrum.best.alternates.begin(), spectrum.best.alternates.end());
  for (std::size_t i = marks.size(); i-- > 0;) {
    const double x = x_of(1 / marks[i].period);
    fmt::format_to(std::back_inserter(text),
                   "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"{3}\" "
                   "stroke-dasharray=\"3 3\"/>\n"
                   "<text x=\"{0:.1f}\" y=\"{4}\" text-anchor=\"middle\" fill=\"{3}\">{5:.6g} d</text>\n",
                   x, kTop, kHeight - kBottom, i == 0 ? "#c00000" : "#999999", i == 0 ? kTop - 18 : kTop - 4,
                   marks[i].period);
  }
  for (int tick = 0; tick <= 10; ++tick) {
    const double f = f_low + (f_high - f_low) * tick / 10, p = top * tick / 10;
    fmt::format_to(std::back_inserter(text),
                   "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.3g}</text>\n"
                   "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.2f}</text>\n",
                   x_of(f), kHeight - kBottom + 18, f, kLeft - 6, y_of(p) + 4, p);
  }
  fmt::format_to(std::back_inserter(text),
                 "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">frequency [1/d]</text>\n</svg>\n",
                 kWidth / 2, kHeight - 10);
  return text;
}

/// The period chosen and the runners-up, best first: what stdout gets where the spectrum does not go.
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
  nlohmann::ordered_json json{{"object_id", escaped(spectrum.object_id)},
                              {"period", best.period},
                              {"period_err", best.period_err},
                              {"power", best.power},
                              {"false_alarm_probability", best.false_alarm_probability},
                              {"doubled", best.doubled},
                              {"flags", to_string(best.flags)},
                              {"alternates", nlohmann::ordered_json::array()}};
  for (const PeriodCandidate& c : best.alternates) {
    json["alternates"].push_back(
        {{"period", c.period}, {"power", c.power}, {"log_odds", c.log_evidence - best.log_evidence}});
  }
  return json.dump(2) + '\n';
}

int run(const Arguments& arguments) {
  const Spectrum spectrum = compute(read_object(arguments), arguments);
  const PeriodResult& best = spectrum.best;
  const std::string& output = arguments.run.output;
  if (!output.empty()) write_text_file(output, csv_text(spectrum));
  if (!arguments.svg.empty()) write_text_file(arguments.svg, svg_text(spectrum));
  if (arguments.run.common.json) {
    const std::string text = peaks_json(spectrum);
    output == "-" ? print_note(text, Verbosity::normal) : write_text_file("-", text);
  } else if (output != "-") {
    write_text_file("-", peaks_csv(best));
  }
  print_note(fmt::format("{}: period {:.8g} +- {:.2g} d, false alarm {:.2g}{}{}", escaped(spectrum.object_id),
                         best.period, best.period_err, best.false_alarm_probability,
                         best.flags.empty() ? "" : ", ", to_string(best.flags)),
             arguments.run.common.verbosity());
  return 0;
}

}  // namespace

void add_periodogram(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  RunArguments& shared = arguments->run;
  CLI::App* command = app.add_subcommand("periodogram", "the periodogram of one light curve: CSV and SVG");
  command->footer(
      "Generalised Lomb-Scargle power, normalisation \"standard\". The period chosen and the runners-up go\n"
      "to stdout as CSV (log_odds in nats against the first) or, with --json, as JSON.");
  add_common_options(*command, shared.common);
  add_light_curve_options(*command, shared);
  command->add_option("-o", shared.output, "OUT.csv or - : frequency [1/d], period [d], power");
  command->add_option("--svg", arguments->svg, "OUT.svg: a plot with the peaks marked");
  command->add_option("--object", arguments->object_id, "the object of a long table (default: the first)");
  add_period_options(*command, shared);
  command->add_option("--peaks", arguments->peaks, "periods listed and marked")->capture_default_str();
  command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace astrom3::cli
