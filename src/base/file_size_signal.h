// SPDX-License-Identifier: MIT
//
// A file that grows beyond a limit is an error of the write, not a signal.
#pragma once

#ifndef __wasi__  // has no signals
#include <signal.h>
#endif

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
#ifndef __wasi__
  sigset_t signal_{};
  sigset_t previous_{};
#endif
};

}  // namespace astrom3
