// SPDX-License-Identifier: MIT
#include "astrom3/bundled.h"

#include <dlfcn.h>

#include <cstdlib>
#include <system_error>

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

/// The program or shared library this code is in; empty where the system does not say.
fs::path this_object() {
  Dl_info info{};
  std::error_code error;
  const bool known =
      ::dladdr(reinterpret_cast<const void*>(&default_model), &info) != 0 && info.dli_fname != nullptr;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  // Of a program dladdr() gives the first word of the command line, which may be a name found along PATH.
  if (!known || fs::path(info.dli_fname).filename() == program.filename()) return program;
  const fs::path library = fs::canonical(info.dli_fname, error);
  return error ? program : library;
}

}  // namespace

std::optional<fs::path> bundled_checkpoint() {
  const fs::path folder = this_object().parent_path();
  for (const char* up : {"..", "../.."}) {
    const fs::path directory = (folder / up / "share/astrom3/models/asas3").lexically_normal();
    std::error_code error;
    if (fs::exists(directory / "config.json", error)) return directory;
  }
  return std::nullopt;
}

std::optional<DefaultModel> default_model() {
  if (const char* named = std::getenv("ASTROM3_MODEL"); named != nullptr && *named != '\0')
    return DefaultModel{.model = named, .from_environment = true};
  if (const auto bundled = bundled_checkpoint()) return DefaultModel{.model = bundled->string()};
  return std::nullopt;
}

}  // namespace astrom3
