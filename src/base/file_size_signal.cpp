// SPDX-License-Identifier: MIT
#include "base/file_size_signal.h"

#ifndef __wasi__
#include <signal.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#endif

namespace astrom3 {
#ifdef __wasi__

NoFileSizeSignal::NoFileSizeSignal() = default;
NoFileSizeSignal::~NoFileSizeSignal() = default;

#else
namespace {

/// Takes a signal that waits for this thread, so that it does not arrive once it is let through again.
void take_waiting(const sigset_t& signal) {
#ifdef __APPLE__  // has no sigtimedwait(2)
  sigset_t waiting{};
  int taken = 0;
  if (::sigpending(&waiting) == 0 && sigismember(&waiting, SIGXFSZ) == 1) ::sigwait(&signal, &taken);
#else
  const std::timespec now{};
  while (::sigtimedwait(&signal, nullptr, &now) < 0 && errno == EINTR) continue;
#endif
}

}  // namespace

NoFileSizeSignal::NoFileSizeSignal() {
  sigemptyset(&signal_);
  sigaddset(&signal_, SIGXFSZ);
  pthread_sigmask(SIG_BLOCK, &signal_, &previous_);
}

NoFileSizeSignal::~NoFileSizeSignal() {
  if (sigismember(&previous_, SIGXFSZ) == 0) take_waiting(signal_);
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

#endif

}  // namespace astrom3
