// SPDX-License-Identifier: MIT
//
// Any doubles through clean(), compute_features() and build_tensor(): no crash, and a tensor that
// is finite whenever the status is ok.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "astrom3/features/features.h"
#include "astrom3/light_curve.h"
#include "astrom3/tensor.h"
#include "require.h"

namespace {

using namespace astrom3;

bool all_finite(const auto& values) {
  return std::all_of(values.begin(), values.end(), [](auto v) { return std::isfinite(v); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint8_t choices = data[0], padding = data[1];
  const std::size_t n = std::min<std::size_t>((size - 2) / (3 * sizeof(double)), 32);
  LightCurve lc;
  std::vector<double> values(3 * n);
  if (n > 0) std::memcpy(values.data(), data + 2, values.size() * sizeof(double));
  for (std::size_t i = 0; i < n; ++i) {
    // Odd choices fold times into a few days, where most of the code past the span check lives.
    const double t = values[3 * i];
    lc.time.push_back((choices & 1u) != 0 && std::isfinite(t) ? std::fmod(t, 5.0) : t);
    lc.flux.push_back(values[3 * i + 1]);
    lc.flux_err.push_back(values[3 * i + 2]);
  }
  CleaningOptions cleaning;
  cleaning.nonfinite = (choices & 2u) != 0 ? NonfinitePolicy::drop : NonfinitePolicy::reject;
  cleaning.allow_negative_error = (choices & 4u) != 0;
  cleaning.on_mad_zero = static_cast<MadZeroPolicy>((choices >> 3) % 3);
  cleaning.error_floor_mag = (choices & 32u) != 0 ? 0.02 : 0;
  LightCurveSummary summary;
  if (clean(lc, cleaning, summary) != Status::ok) return 0;
  require(lc.size() >= 2 && std::is_sorted(lc.time.begin(), lc.time.end()));

  FeatureOptions options;
  options.period.period_min = 2;  // few frequencies: the fuzzer is after the arithmetic
  options.period.period_max = 20;
  options.period.n_candidates = 3;
  options.period.n_harmonics = 2;
  options.rfr = (choices & 64u) != 0 ? RfrMethod::forest : RfrMethod::line;
  Features features;
  const Status status = compute_features(lc, options, {}, published_scaling(), features);
  require(status == Status::ok && all_finite(features.value));

  TensorOptions tensor;
  tensor.n_steps = 1 + padding % 70;
  tensor.padding = (choices & 128u) != 0 ? Padding::aux : Padding::zeros;
  std::vector<float> x_enc(tensor.n_steps * kChannels), mask(tensor.n_steps);
  TensorSummary of_tensor;
  const Status built =
      build_tensor(lc, summary, features, published_scaling(), tensor, x_enc, mask, of_tensor);
  require(all_finite(x_enc) && all_finite(mask));
  require(built == Status::ok || std::all_of(mask.begin(), mask.end(), [](float m) { return m == 0; }));
  return 0;
}
