// SPDX-License-Identifier: MIT
#include "training/copies.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

#include "astrom3/light_curve.h"
#include "astrom3/training/training.h"
#include "base/median.h"
#include "base/random.h"

namespace astrom3::training {
namespace {

constexpr std::size_t kFewestOfCopy = 10;       // observations of a copy
constexpr std::size_t kLongestRun = 20;         // observations that are kept or left out together
constexpr double kNearest = 3, kFarthest = 10;  // outliers, in MAD
constexpr double kLongestAlias = 1000;          // days; 1 / |1 / P - 1| has no end at a day

using Indices = std::vector<std::size_t>;

double between(double low, double high, Random& random) {
  return low + (high - low) * random.uniform();
}

bool every_second(Random& random) {
  return random.uniform() < 0.5;
}

double mad_of(std::vector<double> values) {
  const double centre = median_in_place(values);
  for (double& value : values) value = std::abs(value - centre);
  return median_in_place(values);
}

/// The observations of one stretch of time.
Indices stretch(const LightCurve& curve, double shortest, Random& random) {
  const double length = between(std::min(shortest, 1.0), 1, random),
               all = curve.time.back() - curve.time.front();
  const double first = curve.time.front() + all * between(0, 1 - length, random), last = first + all * length;
  Indices kept;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (curve.time[i] >= first && curve.time[i] <= last) kept.push_back(i);
  }
  return kept;
}

/// Each observation, or each run of them, stays with probability `share`.
Indices thinned(const Indices& from, double share, bool in_runs, Random& random) {
  Indices kept;
  for (std::size_t i = 0; i < from.size();) {
    const double longest = in_runs ? static_cast<double>(kLongestRun) : 1;
    const auto run = 1 + static_cast<std::size_t>(random.uniform() * (longest - 1));
    const std::size_t end = std::min(from.size(), i + run);
    const bool stays = random.uniform() < share;
    for (; i < end; ++i) {
      if (stays) kept.push_back(from[i]);
    }
  }
  return kept;
}

Indices sampled(const LightCurve& curve, const Copies& copies, Random& random) {
  Indices all(curve.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const bool has_stretch = every_second(random), in_runs = every_second(random);
  const double share = 1 - copies.drop * random.uniform();
  Indices kept = has_stretch && copies.span < 1 ? stretch(curve, copies.span, random) : all;
  kept = thinned(kept, share, in_runs, random);
  return kept.size() < kFewestOfCopy ? all : kept;
}

}  // namespace

Random copy_random(std::uint64_t seed, std::string_view object_id, std::size_t copy) {
  constexpr std::uint64_t kCopies = 0x636F706965730000;  // keeps the numbers apart from the views'
  Random copies(seed ^ kCopies, copy);
  return Random(copies.bits() ^ stream_of(object_id));
}

LightCurve disturb(const LightCurve& curve, const Copies& copies, Random& random) {
  const double mad = mad_of(curve.flux);
  const double noise = every_second(random) ? copies.noise * random.uniform() * mad : 0;
  const double outliers = every_second(random) ? copies.outliers * random.uniform() : 0;
  LightCurve out;
  for (const std::size_t i : sampled(curve, copies, random)) {
    double flux = curve.flux[i], error = curve.flux_err[i];
    if (noise > 0) {
      flux += noise * random.normal();
      error = std::sqrt(error * error + noise * noise);
    }
    if (outliers > 0 && random.uniform() < outliers) {
      const double off = between(kNearest, kFarthest, random) * mad;
      flux += every_second(random) ? off : -off;
    }
    out.time.push_back(curve.time[i]);
    out.flux.push_back(flux);
    out.flux_err.push_back(error);
  }
  return out;
}

double wrong_period(double period, Random& random) {
  const double u = random.uniform();
  if (u < 0.25) return 2 * period;
  if (u < 0.5) return period / 2;
  if (u < 0.75) return 1 / (1 / period + 1);
  return std::min(1 / std::abs(1 / period - 1), kLongestAlias);
}

}  // namespace astrom3::training
