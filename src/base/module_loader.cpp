// SPDX-License-Identifier: MIT
#include "base/module_loader.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <system_error>

#include "astrom3/version.h"

namespace astrom3 {
namespace {

/// The folder of the shared library that holds this function; empty where a program does.
std::filesystem::path library_folder() {
  Dl_info info{};
  std::error_code error;
  if (::dladdr(reinterpret_cast<const void*>(&load_module), &info) == 0 || info.dli_fname == nullptr)
    return {};
  const std::filesystem::path file = info.dli_fname;
  if (!file.is_absolute() || file == std::filesystem::read_symlink("/proc/self/exe", error)) return {};
  return file.parent_path();
}

std::vector<std::filesystem::path> candidates(const ModuleRequest& request) {
  if (const char* named = std::getenv(request.environment); named != nullptr && *named != '\0')
    return {named};
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  if (const auto executable = std::filesystem::read_symlink("/proc/self/exe", error); !error) {
    const std::filesystem::path lib = executable.parent_path().parent_path() / "lib";
    paths.push_back(lib / request.file_name);
    paths.push_back(lib / "astrom3" / request.file_name);
  }
  if (const auto folder = library_folder(); !folder.empty()) paths.push_back(folder / request.file_name);
  paths.insert(paths.end(), request.more_places.begin(), request.more_places.end());
  return paths;
}

LoadedModule load(const std::filesystem::path& file, const ModuleRequest& request) {
  for (const std::string& library : request.libraries) {
    if (::dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) return {.reason = ::dlerror()};
  }
  void* const handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return {.reason = ::dlerror()};
  using Entry = const void* (*)();
  const auto entry = reinterpret_cast<Entry>(::dlsym(handle, request.entry));
  if (entry == nullptr)
    return {.reason = fmt::format("{}: no astrom3 {} module", file.string(), request.noun)};
  const void* const table = entry();
  ModuleIdentity identity{};
  std::memcpy(&identity, table, sizeof identity);
  if (identity.abi_version != request.abi_version || std::strcmp(identity.astrom3_version, kVersion) != 0) {
    return {.reason = fmt::format("{}: made for another version of astrom3 than this one ({})", file.string(),
                                  kVersion)};
  }
  return {.table = table};
}

}  // namespace

LoadedModule load_module(const ModuleRequest& request) {
  LoadedModule loaded;
  for (const std::filesystem::path& file : candidates(request)) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) continue;
    loaded = load(file, request);
    if (loaded.table != nullptr) return loaded;
  }
  if (loaded.reason.empty()) loaded.reason = fmt::format("{} was not found", request.file_name);
  return loaded;
}

}  // namespace astrom3
