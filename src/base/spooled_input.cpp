// SPDX-License-Identifier: MIT
#include "base/spooled_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"

namespace astrom3 {
namespace {

constexpr std::size_t kBlockBytes = 1 << 18;

[[noreturn]] void fail(std::string_view what, int error) {
  throw Error(Diagnostic{.code = Status::io_error,
                         .file = "stdin",
                         .message = fmt::format("{}: {}", what, std::generic_category().message(error))});
}

int open_nameless(const std::string& folder) {
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0) return descriptor;
  std::string name = folder + "/astrom3.XXXXXX";  // a file system without O_TMPFILE
  descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) fail("cannot make a temporary file in " + folder, errno);
  ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

SpooledInput::SpooledInput(int descriptor) {
  const char* const folder = std::getenv("TMPDIR");
  spool_ = open_nameless(folder != nullptr && *folder != '\0' ? folder : "/tmp");
  std::vector<char> block(kBlockBytes);
  std::uint64_t offset = 0;
  try {
    for (;;) {
      const ssize_t n = ::read(descriptor, block.data(), block.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("cannot read", errno);
      if (n == 0) break;
      write_fully(spool_, {block.data(), static_cast<std::size_t>(n)}, offset, "the temporary copy of stdin");
      offset += static_cast<std::uint64_t>(n);
    }
  } catch (const Error& error) {
    ::close(spool_);
    if (error.code() == Status::io_error) throw;
    throw Error(Status::io_error, error.diagnostic().message, "name a folder with room in TMPDIR");
  }
}

SpooledInput::~SpooledInput() {
  ::close(spool_);
}

std::filesystem::path SpooledInput::path() const {
  return fmt::format("/proc/self/fd/{}", spool_);
}

}  // namespace astrom3
