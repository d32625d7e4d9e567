// SPDX-License-Identifier: MIT
#include "periodogram_input.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"
#include "file_claims.h"
#include "periodogram_plot.h"
#include "report.h"
#include "run_options.h"
#include "shown_magnitudes.h"

namespace astrom3::cli {
namespace {

/// Objects from the inputs of the command line.
std::unique_ptr<Source> open_inputs(const PeriodogramInput& arguments) {
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

[[noreturn]] void fail_without_object(const PeriodogramInput& arguments) {
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
Spectrum read_object(const PeriodogramInput& arguments) {
  const auto source = open_inputs(arguments);
  SourceObject object;
  while (source->next(object)) {
    if (!arguments.object_id.empty() && object.object_id != arguments.object_id) continue;
    if (object.rejection) throw Error(*object.rejection);
    LightCurveSummary summary;
    const Status status = clean(object.light_curve, object_options(arguments.run).cleaning, summary);
    if (status != Status::ok) throw Error(diagnose(status, object.object_id, object.file));
    Spectrum spectrum{.object_id = object.object_id, .file = object.file};
    spectrum.bands.push_back(to_magnitudes(object, ""));
    return spectrum;
  }
  fail_without_object(arguments);
}

/// The same with all bands of the object, or those named; one that cannot be used is left out with a word.
Spectrum read_bands(const PeriodogramInput& arguments) {
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

}  // namespace

Spectrum read_star(const PeriodogramInput& arguments) {
  return arguments.together.empty() ? read_object(arguments) : read_bands(arguments);
}

}  // namespace astrom3::cli
