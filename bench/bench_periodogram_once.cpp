// SPDX-License-Identifier: MIT
//
// One timed periodogram for compare_periodograms.py, which runs others in between.
//
//   bench_periodogram_once OBSERVATIONS OUT MODE FIRST STEP COUNT
//
// OBSERVATIONS: float64 [3, N] time, y, error. MODE: f32, f64, f64-width14 or search. Prints seconds (the
// best of three) and writes the power as float64.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <ios>
#include <span>
#include <string>
#include <vector>

#include "astrom3/features/period_search.h"
#include "astrom3/features/periodogram.h"

namespace {

using namespace astrom3;

double best_of_three(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  std::ifstream input(argv[1], std::ios::binary | std::ios::ate);
  std::vector<double> columns(static_cast<std::size_t>(input.tellg()) / sizeof(double));
  input.seekg(0);
  input.read(reinterpret_cast<char*>(columns.data()),
             static_cast<std::streamsize>(columns.size() * sizeof(double)));
  const std::size_t n = columns.size() / 3;
  const std::span<const double> all(columns), time = all.first(n), y = all.subspan(n, n), err = all.last(n);
  const FrequencyGrid grid{std::strtod(argv[4], nullptr), std::strtod(argv[5], nullptr),
                           std::strtoull(argv[6], nullptr, 10)};
  const std::string mode = argv[3];
  std::vector<double> power(grid.count);
  double seconds = 0;
  if (mode == "f32") {
    std::vector<float> narrow(grid.count);
    seconds = best_of_three([&] { gls_power(time, y, err, grid, {}, std::span<float>(narrow)); });
    std::copy(narrow.begin(), narrow.end(), power.begin());
  } else if (mode == "search") {
    const double last = grid.frequency(grid.count - 1);
    PeriodResult result;
    const PeriodOptions options{.period_min = 1 / last, .period_max = 1 / grid.minimum, .oversampling = 5};
    seconds = best_of_three([&] { find_period(time, y, err, options, result); });
    power.assign(1, result.period);
  } else {
    const PeriodogramOptions options{.kernel_width = mode == "f64" ? std::size_t{10} : std::size_t{14}};
    seconds = best_of_three([&] { gls_power(time, y, err, grid, options, std::span<double>(power)); });
  }
  std::ofstream out(argv[2], std::ios::binary);
  out.write(reinterpret_cast<const char*>(power.data()),
            static_cast<std::streamsize>(power.size() * sizeof(double)));
  fmt::print("{:.9f}\n", seconds);
  return 0;
}
