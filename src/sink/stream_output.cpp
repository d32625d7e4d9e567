// SPDX-License-Identifier: MIT
#include "sink/stream_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <sys/poll.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"

namespace astrom3 {
namespace {

constexpr std::size_t kBufferBytes = 1 << 16;

[[noreturn]] void fail(const std::string& name, const char* what, int error) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = name,
                         .message = fmt::format("{}: {}", what, std::generic_category().message(error))});
}

/// Under another name than "-" it may be a file that is appended to: opening it again would overwrite it.
bool is_standard_output(const std::filesystem::path& path) {
  return path == "-" || path == "/dev/stdout" || path == "/dev/fd/1" || path == "/proc/self/fd/1";
}

/// errno stays as it is.
bool is_pipe(const std::filesystem::path& path) {
  const int error = errno;
  struct ::stat info {};
  const bool is = ::stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
  errno = error;
  return is;
}

/// Throws Stopped.
void wait_for_room(int descriptor) {
  constexpr int kMilliseconds = 200;  // a signal between question and poll(2) goes unnoticed until then
  ::pollfd room{.fd = descriptor, .events = POLLOUT, .revents = 0};
  do {
    throw_if_stopped();
  } while (::poll(&room, 1, kMilliseconds) <= 0);
}

}  // namespace

bool is_stream(const std::filesystem::path& path) {
  if (is_standard_output(path)) return true;
  struct ::stat info {};
  return ::stat(path.c_str(), &info) == 0 &&
         (S_ISCHR(info.st_mode) || S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

StreamOutput::StreamOutput(const std::filesystem::path& path)
    : name_(is_standard_output(path) ? "stdout" : path.string()),
      descriptor_(STDOUT_FILENO),
      owned_(!is_standard_output(path)) {
  if (!owned_) return;
  for (;;) {
    // open(2) of a pipe without a reader would wait, whatever signal comes.
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor_ >= 0) break;
    // Of a socket, or of a terminal that is not there, nobody will ever be the reader.
    const bool waits_for_reader = errno == ENXIO && is_pipe(path);
    if (errno != EINTR && !waits_for_reader) fail(name_, "cannot open", errno);
    throw_if_stopped();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (::fcntl(descriptor_, F_SETFL, O_WRONLY) != 0) fail(name_, "cannot open", errno);
}

StreamOutput::~StreamOutput() {
  if (owned_) ::close(descriptor_);
}

void StreamOutput::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) flush();
}

void StreamOutput::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    wait_for_room(descriptor_);
#ifdef PIPE_BUF
    constexpr std::size_t kAtOnce = PIPE_BUF;
#else
    constexpr std::size_t kAtOnce = _POSIX_PIPE_BUF;  // every system's is as large
#endif
    // There is room for this much: with more, write(2) would wait for a slow reader.
    const ssize_t n = ::write(descriptor_, rest.data(), std::min(rest.size(), kAtOnce));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) fail(name_, "cannot write", n < 0 ? errno : ENOSPC);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  buffer_.clear();
}

}  // namespace astrom3
