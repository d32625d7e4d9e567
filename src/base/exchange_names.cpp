// SPDX-License-Identifier: MIT
#include "base/exchange_names.h"

#include <fcntl.h>
#include <stdio.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace astrom3 {
namespace {

#ifdef __APPLE__
constexpr unsigned kExchange = RENAME_SWAP, kToNew = RENAME_EXCL;

int rename_in(int folder, const std::string& from, const std::string& to, unsigned how) {
  return ::renameatx_np(folder, from.c_str(), folder, to.c_str(), how) == 0 ? 0 : errno;
}
#elif defined(__wasi__)  // knows only renames that replace
constexpr unsigned kExchange = 0, kToNew = 0;

int rename_in(int, const std::string&, const std::string&, unsigned) {
  return ENOSYS;
}
#else
constexpr unsigned kExchange = RENAME_EXCHANGE, kToNew = RENAME_NOREPLACE;

int rename_in(int folder, const std::string& from, const std::string& to, unsigned how) {
  return ::renameat2(folder, from.c_str(), folder, to.c_str(), how) == 0 ? 0 : errno;
}
#endif

}  // namespace

int exchange_names(int folder, const std::string& a, const std::string& b) noexcept {
  return rename_in(folder, a, b, kExchange);
}

int rename_to_new(int folder, const std::string& from, const std::string& to) noexcept {
  return rename_in(folder, from, to, kToNew);
}

}  // namespace astrom3
