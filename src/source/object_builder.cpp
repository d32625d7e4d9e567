// SPDX-License-Identifier: MIT
#include "source/object_builder.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "astrom3/light_curve.h"

namespace astrom3 {
namespace {

constexpr double kSentinelMads = 20;
constexpr double kFullJulianDate = 1e5;  // float32 keeps such a time to 1/128 day at best

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Whether `value` lies more than 20 MAD from the median of `values`. [N] is consumed.
bool is_far_out(double value, std::vector<double> values) {
  const double center = median(values);
  for (double& v : values) v = std::abs(v - center);
  return std::abs(value - center) > kSentinelMads * median(values);
}

/// -2.5 log10(flux), with an arbitrary zero point: differences are all that matter here.
std::vector<double> magnitudes_of(const std::vector<double>& flux) {
  std::vector<double> mags(flux.size());
  std::transform(flux.begin(), flux.end(), mags.begin(), [](double f) { return -2.5 * std::log10(f); });
  return mags;
}

bool has_outlying_sentinel(const LightCurve& light_curve, bool is_magnitude, double value, double error) {
  if (light_curve.size() < 3) return false;
  if (value != 0) {
    std::vector<double> values = is_magnitude ? magnitudes_of(light_curve.flux) : light_curve.flux;
    if (is_magnitude) {
      // A sentinel magnitude lies at the faint or the bright end.
      value = value > 0 ? *std::max_element(values.begin(), values.end())
                        : *std::min_element(values.begin(), values.end());
    }
    if (is_far_out(value, std::move(values))) return true;
  }
  if (error == 0) return false;
  std::vector<double> errors = light_curve.flux_err;
  if (is_magnitude) {
    for (std::size_t i = 0; i < errors.size(); ++i) errors[i] /= light_curve.flux[i];
  }
  const double largest = *std::max_element(errors.begin(), errors.end());
  return is_far_out(largest, std::move(errors));
}

/// Every time is a float32 beyond 10^5 days, and not all are whole days.
bool looks_like_float32(const std::vector<double>& times) {
  bool has_fraction = false;
  for (const double t : times) {
    if (!(std::abs(t) > kFullJulianDate && std::abs(t) < 1e9) ||
        static_cast<double>(static_cast<float>(t)) != t) {
      return false;
    }
    has_fraction = has_fraction || t != std::floor(t);
  }
  return times.size() > 1 && has_fraction;
}

}  // namespace

void ObjectBuilder::add(double time, double value, double error, FluxWithError converted) {
  if (light_curve_.size() == kMaxPoints) {
    reject({.code = Status::too_many_points, .message = "more than 10^7 observations"});
    return;
  }
  light_curve_.time.push_back(time);
  light_curve_.flux.push_back(converted.flux);
  light_curve_.flux_err.push_back(converted.flux_err);
  if (is_sentinel(value)) sentinel_value_ = value;
  if (is_sentinel(error)) sentinel_error_ = error;
  looks_like_magnitudes_ = looks_like_magnitudes_ && value >= 5 && value <= 25 && error < 1;
}

void ObjectBuilder::reserve(std::size_t n) {
  light_curve_.time.reserve(n);
  light_curve_.flux.reserve(n);
  light_curve_.flux_err.reserve(n);
}

ObjectBuilder& ObjectBuilder::part(std::uint32_t number, std::string_view name) {
  const auto found =
      std::find_if(parts_.begin(), parts_.end(), [&](const ObjectBuilder& p) { return p.band == number; });
  if (found != parts_.end()) return *found;
  parts_.emplace_back(id_ + ":" + std::string(name));
  parts_.back().band = number;
  parts_.back().flags_ = flags_;
  return parts_.back();
}

bool ObjectBuilder::take_parts(std::string_view file, const ColumnMap& columns,
                               std::vector<SourceObject>& parts) {
  if (parts_.empty() || is_rejected()) return false;
  for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
    part->flags_.set(flags_);
    parts.push_back(part->finish(file, columns));
  }
  return true;
}

void ObjectBuilder::reject(Diagnostic rejection) {
  if (is_rejected()) return;
  rejection.object_id = id_;
  rejection_ = std::make_unique<Diagnostic>(std::move(rejection));
  light_curve_ = {};
  for (const ObjectBuilder& part : parts_) n_raw_ += part.n_raw_;
  parts_.clear();
}

SourceObject ObjectBuilder::finish(std::string_view file, const ColumnMap& columns) {
  if (dropped_.total() > 0) flags_.set(Flag::points_dropped);
  if (!is_empty()) {
    if (has_outlying_sentinel(light_curve_, columns.is_magnitude, sentinel_value_, sentinel_error_)) {
      flags_.set(Flag::sentinel_suspected);
    }
    // Where the file has magnitudes of its own, the flux is no magnitude by mistake.
    if (!columns.has_magnitudes && looks_like_magnitudes_) flags_.set(Flag::looks_like_magnitudes);
    if (looks_like_float32(light_curve_.time)) flags_.set(Flag::time_precision);
  }
  SourceObject object{.object_id = std::move(id_),
                      .file = std::string(file),
                      .light_curve = std::move(light_curve_),
                      .n_raw = n_raw_,
                      .dropped = dropped_,
                      .flags = flags_,
                      .is_magnitude = zero_point_jy > 0,
                      .zero_point_jy = zero_point_jy,
                      .band = std::move(band_name),
                      .rejection = {}};
  if (!is_rejected()) return object;
  object.rejection = std::move(*rejection_);
  if (object.rejection->code == Status::bad_id) {
    object.object_id = escaped(object.object_id, 4 * object.object_id.size());  // fit for any output
    object.rejection->object_id = object.object_id;
  }
  return object;
}

SourceObject rejected_object(Diagnostic rejection) {
  SourceObject object;
  object.object_id = rejection.object_id;
  object.file = rejection.file;
  object.rejection = std::move(rejection);
  return object;
}

}  // namespace astrom3
