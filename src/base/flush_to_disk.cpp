// SPDX-License-Identifier: MIT
#include "base/flush_to_disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace astrom3 {
namespace {

int flush_once(int descriptor) noexcept {
#ifdef F_FULLFSYNC
  if (::fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
  if (errno == EINTR) return EINTR;  // a file system without it has fsync(2)
#endif
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

}  // namespace

int flush_to_disk(int descriptor) noexcept {
  int error = 0;
  do {
    error = flush_once(descriptor);
  } while (error == EINTR);
  return error;
}

}  // namespace astrom3
