// SPDX-License-Identifier: MIT
#include "signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <initializer_list>

namespace astrom3::cli {
namespace {

std::atomic<bool> stop{false};
std::atomic<int> signal_number{SIGINT};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch lock-free atomics only");

bool on_terminal = false;  // set before any handler is there

extern "C" void on_signal(int number) {
  if (stop.exchange(true)) _exit(128 + number);  // the second request does not wait
  signal_number = number;
  // Otherwise the user who pressed Ctrl-C sees no reaction until the current work has stopped.
  constexpr char kText[] = "\r\x1b[Kastrom3: stopping; once more ends at once\n";
  if (on_terminal) (void)!::write(STDERR_FILENO, kText, sizeof kText - 1);
}

}  // namespace

void install_signal_handlers() {
  on_terminal = ::isatty(STDERR_FILENO) != 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    sigaction(number, &action, nullptr);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

const std::atomic<bool>& stop_requested() noexcept {
  return stop;
}
int caught_signal() noexcept {
  return signal_number.load();
}

bool broken_pipe() noexcept {
  pollfd out{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&out, 1, 0) >= 0 && (out.revents & POLLERR) != 0;
}

}  // namespace astrom3::cli
