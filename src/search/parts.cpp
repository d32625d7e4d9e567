// SPDX-License-Identifier: MIT
#include "search/parts.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace astrom3 {

void for_each_part(std::size_t n_parts, std::size_t n_threads,
                   const std::function<void(std::size_t thread, std::size_t part)>& work) {
  std::atomic<std::size_t> next{0};
  const auto loop = [&](std::size_t thread) {
    for (std::size_t part = next++; part < n_parts; part = next++) work(thread, part);
  };
  std::vector<std::jthread> threads;
  try {
    for (std::size_t t = 1; t < std::min(n_threads, n_parts); ++t) threads.emplace_back(loop, t);
  } catch (const std::system_error&) {
    // Fewer threads than asked for: slower, not wrong.
  }
  loop(0);
}

}  // namespace astrom3
