// SPDX-License-Identifier: MIT
//
// Stands in for apps/signals.cpp in a browser, where there are no signals: the page ends the program.
#include "signals.h"

#include <atomic>
#include <csignal>

namespace astrom3::cli {

void install_signal_handlers() {}

const std::atomic<bool>& stop_requested() noexcept {
  static const std::atomic<bool> stop{false};
  return stop;
}

int caught_signal() noexcept {
  return SIGINT;
}

bool broken_pipe() noexcept {
  return false;
}

}  // namespace astrom3::cli
