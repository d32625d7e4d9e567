// SPDX-License-Identifier: MIT
#include "astrom3/base/stop_scope.h"

#include <atomic>

namespace astrom3 {
namespace {

thread_local const std::atomic<bool>* heeded = nullptr;

}  // namespace

StopScope::StopScope(const std::atomic<bool>* stop) noexcept : before_(heeded) {
  if (stop != nullptr) heeded = stop;
}

StopScope::~StopScope() {
  heeded = before_;
}

bool is_stopped() noexcept {
  return heeded != nullptr && heeded->load(std::memory_order_relaxed);
}

const std::atomic<bool>* heeded_stop() noexcept {
  return heeded;
}

void throw_if_stopped() {
  if (is_stopped()) throw Stopped();
}

}  // namespace astrom3
