// SPDX-License-Identifier: MIT
//
// How long work takes, by the clock on the wall and in the processor.
#pragma once

#include <chrono>
#include <ctime>
#include <functional>

namespace astrom3::bench {

struct Seconds {
  double wall = 0;
  double processor = 0;  ///< of all threads together
};

inline Seconds seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t start_processor = std::clock();
  work();
  return {.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          .processor = static_cast<double>(std::clock() - start_processor) / CLOCKS_PER_SEC};
}

}  // namespace astrom3::bench
