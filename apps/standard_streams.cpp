// SPDX-License-Identifier: MIT
#include "standard_streams.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include "astrom3/base/error.h"

namespace astrom3::cli {

void hold_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The other way round: reading from standard input fails, writing to the others does.
    const int mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", mode) != descriptor) std::_Exit(exit_code(Status::internal));
  }
}

bool standard_output_failed() noexcept {
  return std::ferror(stdout) != 0;
}

void flush_standard_output() {
  const bool failed_before = standard_output_failed();
  errno = 0;
  if (std::fflush(stdout) == 0 && !failed_before) return;
  throw Error(Diagnostic{
      .code = Status::output_error,
      .file = "stdout",
      .message = errno == 0 ? std::string("cannot write")
                            : fmt::format("cannot write: {}", std::generic_category().message(errno))});
}

}  // namespace astrom3::cli
