// SPDX-License-Identifier: MIT
//
// A file that grows beyond a limit is an error of the write, not a signal.
#pragma once

#include <signal.h>

namespace astrom3 {

/// While it lives, a write beyond RLIMIT_FSIZE is an error (EFBIG) on this thread, not a signal
/// that ends the process.
class NoFileSizeSignal {
 public:
  NoFileSizeSignal();
  ~NoFileSizeSignal();
  NoFileSizeSignal(const NoFileSizeSignal&) = delete;
  NoFileSizeSignal& operator=(const NoFileSizeSignal&) = delete;

 private:
  sigset_t signal_{};
  sigset_t previous_{};
};

}  // namespace astrom3
