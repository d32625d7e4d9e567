// SPDX-License-Identifier: MIT
#include "base/spooled_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/poll.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "base/atomic_file.h"
#include "base/descriptor_path.h"
#include "base/temporary_name.h"

namespace astrom3 {
namespace {

constexpr std::size_t kBlockBytes = 64 << 10;  // what a pipe holds

[[noreturn]] void fail(std::string_view what, int error) {
  throw Error(Diagnostic{.code = Status::io_error,
                         .file = "stdin",
                         .message = fmt::format("{}: {}", what, std::generic_category().message(error))});
}

int open_nameless(const std::string& folder) {
#ifdef O_TMPFILE
  if (const int nameless = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); nameless >= 0)
    return nameless;
#endif
  const std::string name =
      folder + "/" + temporary_name("stdin");  // a file system or a system without O_TMPFILE
  const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) fail("cannot make a temporary file in " + folder, errno);
  ::unlink(name.c_str());
  return descriptor;
}

/// Waits until the descriptor can be read from without blocking. Throws Stopped.
void wait_until_readable(int descriptor) {
  constexpr int kMilliseconds = 200;  // a signal between question and poll(2) goes unnoticed until then
  pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
  do {
    throw_if_stopped();
  } while (::poll(&wanted, 1, kMilliseconds) <= 0);
}

/// Reads a block until it is full or the input ends: a pipe returns only the bytes that were written at once.
std::size_t read_block(int descriptor, std::span<char> block) {
  std::size_t done = 0;
  while (done < block.size()) {
    wait_until_readable(descriptor);
    const ssize_t n = ::read(descriptor, block.data() + done, block.size() - done);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) fail("cannot read", errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

[[noreturn]] void fail_beyond(std::uint64_t max_bytes) {
  throw Error(Diagnostic{.code = Status::io_error,
                         .file = "stdin",
                         .message = fmt::format("has more than the {} MiB that are copied", max_bytes >> 20),
                         .hint = {"write it to a file and name that, or raise {}", {{"memory"}}}});
}

}  // namespace

SpooledInput::SpooledInput(int descriptor, std::uint64_t max_bytes,
                           const std::function<void(std::string_view head)>& check_head) {
  std::vector<char> block(kBlockBytes);
  std::size_t n = read_block(descriptor, block);
  check_head({block.data(), n});
  const char* const folder = std::getenv("TMPDIR");
  spool_ = open_nameless(folder != nullptr && *folder != '\0' ? folder : "/tmp");
  try {
    for (std::uint64_t offset = 0; n > 0; n = read_block(descriptor, block)) {
      if (n > max_bytes - offset) fail_beyond(max_bytes);
      write_fully(spool_, {block.data(), n}, offset, "the temporary copy of stdin");
      offset += n;
    }
  } catch (const Error& error) {
    ::close(spool_);
    if (error.code() == Status::io_error) throw;
    throw Error(Status::io_error, error.diagnostic().message, "name a folder with room in TMPDIR");
  } catch (const Stopped&) {
    ::close(spool_);
    throw;
  }
}

SpooledInput::~SpooledInput() {
  ::close(spool_);
}

std::filesystem::path SpooledInput::path() const {
  return path_of_descriptor(spool_);
}

}  // namespace astrom3
