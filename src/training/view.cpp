// SPDX-License-Identifier: MIT
#include "training/view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "astrom3/features/scaling.h"
#include "astrom3/tensor.h"
#include "astrom3/training/training.h"
#include "base/random.h"
#include "training/objects.h"

namespace astrom3::training {
namespace {

constexpr std::size_t kFewest = 10;  // a light curve is not thinned below this many observations
constexpr std::size_t kFirstScalar = static_cast<std::size_t>(Channel::amplitude);
constexpr std::size_t kScalars = kChannels - kFirstScalar;

std::array<float, kScalars> scalars_of(const TrainingObject& object, const Scaling& scaling) {
  std::array<float, kScalars> scalars{};
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const double value = object.features[i];
    scalars[i] = static_cast<float>(
        object.is_standardised ? value : scaling.standardise(static_cast<Feature>(i), value));
  }
  scalars[kFeatureCount] = static_cast<float>(object.log10_mad);
  scalars[kFeatureCount + 1] = static_cast<float>(object.delta_t);
  return scalars;
}

std::size_t below(Random& random, std::size_t n) {
  return std::min(n - 1, static_cast<std::size_t>(random.uniform() * static_cast<double>(n)));
}

/// The observations left after leaving out a random share of at most `most`.
std::vector<std::size_t> thinned(std::size_t n, double most, Random& random) {
  std::vector<std::size_t> kept;
  if (most > 0) {
    const double share = most * random.uniform();
    for (std::size_t i = 0; i < n; ++i) {
      if (random.uniform() >= share) kept.push_back(i);
    }
  }
  if (kept.size() < std::min(n, kFewest)) {
    kept.resize(n);
    std::iota(kept.begin(), kept.end(), std::size_t{0});
  }
  return kept;
}

/// Scalars into every row that is used, zeros into the rest.
void finish(std::size_t n, const std::array<float, kScalars>& scalars, std::span<float> x_enc,
            std::span<float> mask) {
  for (std::size_t row = 0; row < n; ++row)
    std::copy(scalars.begin(), scalars.end(), &x_enc[row * kChannels + kFirstScalar]);
  std::fill(x_enc.begin() + static_cast<std::ptrdiff_t>(n * kChannels), x_enc.end(), 0.0f);
  std::fill_n(mask.begin(), n, 1.0f);
  std::fill(mask.begin() + static_cast<std::ptrdiff_t>(n), mask.end(), 0.0f);
}

}  // namespace

Random view_random(std::uint64_t seed, std::size_t epoch, std::string_view object_id, std::size_t view) {
  Random epochs(seed, epoch);
  return Random(epochs.bits() ^ stream_of(object_id), view);
}

void write_view(const TrainingObject& object, const Scaling& scaling, std::span<float> x_enc,
                std::span<float> mask) {
  const std::size_t n = std::min(object.size(), mask.size()), first = (object.size() - n) / 2;
  for (std::size_t row = 0; row < n; ++row)
    std::copy_n(&object.observations[(first + row) * kObserved], kObserved, &x_enc[row * kChannels]);
  finish(n, scalars_of(object, scaling), x_enc, mask);
}

void write_view(const TrainingObject& star, const Scaling& scaling, const Augmentation& augmentation,
                Random random, std::span<float> x_enc, std::span<float> mask) {
  const std::size_t copy = star.copies.empty() ? 0 : below(random, star.copies.size() + 1);
  const TrainingObject& object = copy == 0 ? star : star.copies[copy - 1];
  const std::vector<std::size_t> kept = thinned(object.size(), augmentation.drop, random);
  const std::size_t n = std::min(kept.size(), mask.size()), spare = kept.size() - n;
  const std::size_t first = augmentation.crop && spare > 0 ? below(random, spare + 1) : spare / 2;
  const double shift = augmentation.time_shift > 0 ? augmentation.time_shift * (2 * random.uniform() - 1) : 0;
  const double brighter =
      augmentation.brightness > 0 ? augmentation.brightness * (2 * random.uniform() - 1) : 0;
  const double error_factor =
      augmentation.error_scale > 1 ? std::pow(augmentation.error_scale, 2 * random.uniform() - 1) : 1;
  for (std::size_t row = 0; row < n; ++row) {
    const float* observed = &object.observations[kept[first + row] * kObserved];
    float* x = &x_enc[row * kChannels];
    double flux = static_cast<double>(observed[1]);
    if (augmentation.noise > 0)
      flux += augmentation.noise * static_cast<double>(observed[2]) * random.normal();
    x[0] = static_cast<float>(static_cast<double>(observed[0]) + shift);
    x[1] = static_cast<float>(flux);
    x[2] = static_cast<float>(static_cast<double>(observed[2]) * error_factor);
  }
  auto scalars = scalars_of(object, scaling);
  scalars[kFeatureCount] = static_cast<float>(object.log10_mad + brighter);
  finish(n, scalars, x_enc, mask);
}

}  // namespace astrom3::training
