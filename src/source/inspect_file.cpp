// SPDX-License-Identifier: MIT
//
// Describes a file of light curves, without computing features.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"
#include "base/median.h"

namespace astrom3 {
namespace {

constexpr std::size_t kFirstRejects = 5;

LightCurveSketch sketch_of(const SourceObject& object) {
  const LightCurve& curve = object.light_curve;
  const auto [first, last] = std::minmax_element(curve.time.begin(), curve.time.end());
  std::vector<double> values = curve.flux;
  LightCurveSketch sketch{.object_id = object.object_id, .n = curve.size(), .span_days = *last - *first};
  const double flux = median_in_place(values);
  if (!object.is_magnitude) {
    sketch.median = flux;
    sketch.unit = "mJy";
  } else if (flux > 0) {
    sketch.median = -2.5 * std::log10(1e-3 * flux / object.zero_point_jy);
    sketch.unit = object.band.empty() ? "mag" : object.band + " mag";
  }
  return sketch;
}

void add(FileReport& report, const SourceObject& object) {
  ++report.n_objects;
  report.n_observations += object.n_raw;
  report.n_kept += object.light_curve.size();
  report.dropped += object.dropped;
  if (report.first_id.empty()) report.first_id = object.object_id;
  if (object.negative_error < 0 && report.n_negative_errors++ == 0) {
    report.warnings.push_back(
        {.code = Status::negative_error,
         .file = object.file,
         .object_id = object.object_id,
         .message = "an error is below zero, so that the object is rejected",
         .hint = hint_for_negative_error(object.negative_error, object.n_negative_errors)});
  }
  if (report.first.n == 0 && object.light_curve.size() > 0) report.first = sketch_of(object);
  if (object.rejection.has_value()) {
    ++report.rejected[object.rejection->code];
    if (report.first_rejects.size() < kFirstRejects) report.first_rejects.push_back(*object.rejection);
  }
  for (const double time : object.light_curve.time) {
    report.time_min = report.has_times ? std::min(report.time_min, time) : time;
    report.time_max = report.has_times ? std::max(report.time_max, time) : time;
    report.has_times = true;
  }
}

FileReport read_report(const std::filesystem::path& file, const SourceOptions& options) {
  FileReport report;
  report.file = file.string();
  const auto source = open_source({file}, options);
  for (SourceObject object; source->next(object);) {
    report.table = source->describe();
    add(report, object);
  }
  report.table = source->describe();
  // Without a column of bands every observation is of the survey's one.
  if (auto& bands = report.table.bands; bands.size() == 1 && bands[0].second == 0)
    bands[0].second = static_cast<std::size_t>(report.n_observations);
  for (Diagnostic& warning : source->take_warnings()) report.warnings.push_back(std::move(warning));
  return report;
}

}  // namespace

FileReport inspect_file(const std::filesystem::path& file, SourceOptions options) {
  // Every band is described; whether they can be read as one light curve is decided when they are read.
  if (options.band.empty()) options.split_bands = true;
  FileReport report = read_report(file, options);
  const auto without = report.rejected.find(Status::no_zero_point);
  if (without == report.rejected.end() || file == "-") return report;
  // Magnitudes can be described without a zero point, which is the only thing that is missing.
  options.zero_point_jy = 1;
  FileReport more = read_report(file, options);
  more.table.units = "magnitudes, not all of a known zero point";
  more.rejected[Status::no_zero_point] = without->second;
  more.first_rejects.insert(more.first_rejects.begin(), std::move(report.first_rejects.front()));
  return more;
}

}  // namespace astrom3
