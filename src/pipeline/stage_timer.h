// SPDX-License-Identifier: MIT
//
// How long a stage took.
#pragma once

#include <chrono>

namespace astrom3 {

/// Adds the time between its construction and destruction to `total` (seconds), if not null.
class StageTimer {
 public:
  using Clock = std::chrono::steady_clock;

  explicit StageTimer(double* total) : total_(total), start_(Clock::now()) {}
  ~StageTimer() {
    if (total_ != nullptr) *total_ += std::chrono::duration<double>(Clock::now() - start_).count();
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  double* total_;
  Clock::time_point start_;
};

}  // namespace astrom3
