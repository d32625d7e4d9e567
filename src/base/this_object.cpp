// SPDX-License-Identifier: MIT
#include "base/this_object.h"

#ifndef __wasi__
#include <dlfcn.h>
#endif
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
#elif defined(__wasi__)
fs::path this_program() {
  return "/bin/astrom3";  // so that the page knows where the program looks for files that lie beside it
}
#else
fs::path this_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}
#endif

#ifdef __wasi__
fs::path this_object() {
  return this_program();
}
#else
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
#endif

}  // namespace astrom3
