// SPDX-License-Identifier: MIT
#include "map_curves.h"

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
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"
#include "file_claims.h"
#include "report.h"
#include "run_options.h"
#include "shown_magnitudes.h"
#include "signals.h"

namespace astrom3::cli {
namespace {

constexpr std::size_t kShownRejects = 5;

/// `value` as a share of `range` in whole numbers up to `top`.
std::uint32_t share_of(double value, double range, double top) {
  return range > 0 ? static_cast<std::uint32_t>(std::lround(std::clamp(value / range, 0.0, 1.0) * top)) : 0;
}

void append_bytes(std::string& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

/// Cleaned and packed, or why not.
std::optional<Diagnostic> take_curve(SourceObject& object, const CleaningOptions& cleaning,
                                     std::size_t max_points, std::optional<PackedCurve>& curve) {
  if (object.rejection) return object.rejection;
  LightCurveSummary summary;
  const Status status = clean(object.light_curve, cleaning, summary);
  if (status != Status::ok)
    return Diagnostic{.code = status,
                      .file = object.file,
                      .object_id = object.object_id,
                      .message = std::string(status_meaning(status))};
  curve = pack_curve(object.light_curve, max_points);
  curve->shown = shown_magnitudes(object);
  return std::nullopt;
}

}  // namespace

PackedCurve pack_curve(const LightCurve& lc, std::size_t max_points) {
  const auto [low, high] = std::minmax_element(lc.flux.begin(), lc.flux.end());
  PackedCurve packed{.time_start = lc.time.front(),
                     .time_span = lc.time.back() - lc.time.front(),
                     .flux_low = *low,
                     .flux_range = *high - *low,
                     .largest_error = *std::max_element(lc.flux_err.begin(), lc.flux_err.end()),
                     .n_observations = lc.size()};
  const std::size_t n = std::min(max_points, lc.size());
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t i = k * lc.size() / n;
    append_bytes(packed.bytes, share_of(lc.time[i] - packed.time_start, packed.time_span, 4294967295.0), 4);
    append_bytes(packed.bytes, share_of(lc.flux[i] - packed.flux_low, packed.flux_range, 65535.0), 2);
    append_bytes(packed.bytes, share_of(lc.flux_err[i], packed.largest_error, 65535.0), 2);
  }
  return packed;
}

namespace {

/// Rows by the id of their object, of which there may be several.
using RowsById = std::map<std::string_view, std::vector<std::size_t>>;

/// Takes the light curves of `source` into their rows; the first rejections go into `rejects`.
void take_curves(Source& source, const CleaningOptions& cleaning, const RowsById& rows,
                 std::size_t max_points, ProgressLine& progress, MapCurves& curves,
                 std::vector<Diagnostic>& rejects) {
  std::uint64_t n_objects = 0;
  SourceObject object;
  while (source.next(object)) {
    if (stop_requested()) throw Error(Status::interrupted, "stopped while reading light curves");
    progress.show(
        {.n_objects = ++n_objects, .bytes_read = source.bytes_read(), .bytes_total = source.bytes_total()});
    const auto found = rows.find(object.object_id);
    // What could not be read may hold objects of the map under other names.
    const bool is_wanted =
        found != rows.end() ? !curves.of[found->second.front()] : object.rejection.has_value();
    if (!is_wanted) continue;
    std::optional<PackedCurve> curve;
    if (auto rejection = take_curve(object, cleaning, max_points, curve)) {
      ++curves.n_rejected;
      if (rejects.size() < kShownRejects) rejects.push_back(std::move(*rejection));
      continue;
    }
    if (curve->bytes.size() < 8 * curve->n_observations) ++curves.n_thinned;
    curves.n_found += found->second.size();
    for (const std::size_t row : found->second) curves.of[row] = curve;
  }
}

}  // namespace

MapCurves read_map_curves(const RunArguments& a, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& object_ids, std::size_t max_points) {
  const Verbosity verbosity = a.common.verbosity();
  RowsById rows;
  for (std::size_t i = 0; i < object_ids.size(); ++i) rows[object_ids[i]].push_back(i);
  std::vector<Diagnostic> warnings;
  const auto files = light_curve_files(inputs, a.recursive, warnings);
  const auto source = open_source(files, a.treatment.reading);
  MapCurves curves;
  curves.of.resize(object_ids.size());
  std::vector<Diagnostic> rejects;
  {
    ProgressLine progress(verbosity, "auto");
    take_curves(*source, object_options(a).cleaning, rows, max_points, progress, curves, rejects);
  }
  for (Diagnostic& warning : source->take_warnings()) warnings.push_back(std::move(warning));
  for (const Diagnostic& warning : warnings) print_warning(warning, verbosity);
  for (const Diagnostic& reject : rejects) print_error(reject);
  if (curves.n_rejected > rejects.size())
    print_note(fmt::format("{} more light curves were rejected", curves.n_rejected - rejects.size()),
               verbosity);
  return curves;
}

}  // namespace astrom3::cli
