// SPDX-License-Identifier: MIT
//
// How a signal ends what reads or waits.
#pragma once

#include <atomic>
#include <exception>

namespace astrom3 {

/// Thrown by what reads while a StopScope says that it is to end. It is no Error, because a reader makes a
/// rejected object of an Error of its file and goes on.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped by a signal"; }
};

/// While this object lives, throw_if_stopped() on this thread heeds `stop`; null: what was heeded before.
class StopScope {
 public:
  explicit StopScope(const std::atomic<bool>* stop) noexcept;
  ~StopScope();
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;

 private:
  const std::atomic<bool>* before_;
};

/// Throws Stopped once the flag of the innermost StopScope of this thread is set. Cheap enough to be asked
/// for every block that is read.
void throw_if_stopped();
bool is_stopped() noexcept;
/// The flag of the innermost StopScope of this thread, for the StopScope of another that works for it; may be
/// null.
const std::atomic<bool>* heeded_stop() noexcept;

}  // namespace astrom3
