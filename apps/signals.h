// SPDX-License-Identifier: MIT
//
// Ctrl-C and SIGTERM ask a run to stop; a second one ends the process at once.
#pragma once

#include <atomic>

namespace astrom3::cli {

/// SIGINT, SIGTERM and SIGHUP set stop_requested(), but for those that the caller ignores, as nohup
/// does, and a terminal is told; SIGPIPE is ignored, so that a closed pipe is a write error with a clean end;
/// SIGXFSZ likewise.
void install_signal_handlers();

const std::atomic<bool>& stop_requested() noexcept;

/// The signal that asked to stop, or SIGINT when there was none.
int caught_signal() noexcept;

/// True when standard output is a pipe without a reader.
bool broken_pipe() noexcept;

}  // namespace astrom3::cli
