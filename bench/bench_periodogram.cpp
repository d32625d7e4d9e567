// SPDX-License-Identifier: MIT
//
// The period search's cost: 200 observations over 1500 d, 2e5 frequencies, one thread.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <random>
#include <span>
#include <vector>

#include "astrom3/features/period_search.h"
#include "astrom3/features/periodogram.h"

namespace {

using namespace astrom3;

struct Observations {
  std::vector<double> time, mag, mag_err;
};

Observations rr_lyrae(std::size_t n) {
  std::mt19937_64 rng(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal(0, 0.03);
  Observations o;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = std::floor(1500 * uniform(rng)) + 0.3 * uniform(rng);
    const double angle = 2 * std::numbers::pi * t / 0.5678;
    o.time.push_back(2457000 + t);
    o.mag.push_back(14 + 0.4 * std::sin(angle) + 0.2 * std::sin(2 * angle) + normal(rng));
    o.mag_err.push_back(0.03);
  }
  return o;
}

const FrequencyGrid kGrid{1e-3, 1 / (5 * 1500.0), 200'000};

template <typename Real>
void power(benchmark::State& state, PeriodogramMethod method, std::size_t width) {
  const Observations o = rr_lyrae(static_cast<std::size_t>(state.range(0)));
  std::vector<Real> out(kGrid.count);
  for (auto _ : state) {
    gls_power(o.time, o.mag, o.mag_err, kGrid, {.method = method, .kernel_width = width},
              std::span<Real>(out));
    benchmark::DoNotOptimize(out.data());
  }
}

void nufft_f32(benchmark::State& state) {
  power<float>(state, PeriodogramMethod::nufft, 10);
}
void nufft_f64(benchmark::State& state) {
  power<double>(state, PeriodogramMethod::nufft, 10);
}
void nufft_f64_width14(benchmark::State& state) {
  power<double>(state, PeriodogramMethod::nufft, 14);
}
void direct_f64(benchmark::State& state) {
  power<double>(state, PeriodogramMethod::direct, 10);
}

/// Search and choice: 0.0375 to 750 d at oversampling 5 is 2e5 frequencies.
void search_and_choice(benchmark::State& state) {
  const Observations o = rr_lyrae(static_cast<std::size_t>(state.range(0)));
  PeriodResult result;
  for (auto _ : state) {
    find_period(o.time, o.mag, o.mag_err, {.period_min = 0.0375, .oversampling = 5}, result);
    benchmark::DoNotOptimize(result.period);
  }
}

BENCHMARK(nufft_f32)->Arg(50)->Arg(200)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(nufft_f64)->Arg(50)->Arg(200)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(nufft_f64_width14)->Arg(200)->Unit(benchmark::kMillisecond);
BENCHMARK(direct_f64)->Arg(20)->Arg(50)->Arg(200)->Unit(benchmark::kMillisecond);
BENCHMARK(search_and_choice)->Arg(50)->Arg(200)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
