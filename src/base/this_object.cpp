// SPDX-License-Identifier: MIT
#include "base/this_object.h"

#include <dlfcn.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

namespace astrom3 {

namespace fs = std::filesystem;

#ifdef __APPLE__
fs::path this_program() {
  std::uint32_t n = 0;
  ::_NSGetExecutablePath(nullptr, &n);  // how long it is, with its NUL
  std::string path(n, '\0');
  std::error_code error;
  if (::_NSGetExecutablePath(path.data(), &n) != 0) return {};
  return fs::canonical(path.c_str(), error);
}
#else
fs::path this_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}
#endif

fs::path this_object() {
  Dl_info info{};
  std::error_code error;
  const bool known =
      ::dladdr(reinterpret_cast<const void*>(&this_object), &info) != 0 && info.dli_fname != nullptr;
  const fs::path program = this_program();
  // Of a program dladdr() gives the first word of the command line, which may be a name found along PATH.
  if (!known || fs::path(info.dli_fname).filename() == program.filename()) return program;
  const fs::path library = fs::canonical(info.dli_fname, error);
  return error ? program : library;
}

}  // namespace astrom3
