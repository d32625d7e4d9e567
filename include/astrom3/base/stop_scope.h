// SPDX-License-Identifier: MIT
//
// How a signal ends code that reads or waits.
#pragma once

#include <atomic>
#include <exception>

namespace astrom3 {

/// Thrown by readers when a StopScope says that they have to end. It is not an Error, because a reader turns
/// an Error of its file into a rejected object and goes on.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped by a signal"; }
};

/// While this object lives, throw_if_stopped() on this thread checks `stop`; null: the flag of before.
class StopScope {
 public:
  explicit StopScope(const std::atomic<bool>* stop) noexcept;
  ~StopScope();
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;

 private:
  const std::atomic<bool>* before_;
};

/// Throws Stopped once the flag of the innermost StopScope of this thread is set. Cheap enough to be called
/// for every block that is read.
void throw_if_stopped();
bool is_stopped() noexcept;
/// The flag of the innermost StopScope of this thread, for the StopScope of another thread that works for it;
/// may be null.
const std::atomic<bool>* heeded_stop() noexcept;

}  // namespace astrom3
