// SPDX-License-Identifier: MIT
//
// Who owns files and runs this process, where the system knows users.
#pragma once

#include <sys/types.h>
#include <unistd.h>

namespace astrom3 {

#ifdef __wasi__  // has no users: all is one's own
inline uid_t effective_user() noexcept {
  return 0;
}
inline bool give_file(int, uid_t, gid_t) noexcept {
  return false;
}
#else
inline uid_t effective_user() noexcept {
  return ::geteuid();
}
/// Whether the open file now belongs to this user and group; an id of -1 stays as it is.
inline bool give_file(int descriptor, uid_t user, gid_t group) noexcept {
  return ::fchown(descriptor, user, group) == 0;
}
#endif

}  // namespace astrom3
