// SPDX-License-Identifier: MIT
//
// How a caller in C ends a call that takes long.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "base/joined_threads.h"

namespace astrom3::c_api {

/// The caller's flag as an atomic that a StopScope checks, copied by a thread that lives as long as this.
class StopFlag {
 public:
  explicit StopFlag(const int32_t* flag) {
    if (flag == nullptr) return;
    watcher_.start([this, flag] {
      while (!is_over_ && !stopped_) {
        stopped_ = std::atomic_ref<int32_t>(*const_cast<int32_t*>(flag)).load() != 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
  }
  ~StopFlag() { is_over_ = true; }
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;

  const std::atomic<bool>* get() const { return &stopped_; }

 private:
  std::atomic<bool> stopped_{false}, is_over_{false};
  JoinedThreads watcher_;  // the last member: it looks at the others until it is joined
};

}  // namespace astrom3::c_api
