// SPDX-License-Identifier: MIT
#include "base/module_loader.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/version.h"
#include "base/this_object.h"

namespace astrom3 {
namespace {

std::vector<std::filesystem::path> candidates(const ModuleRequest& request) {
  if (const char* named = std::getenv(request.environment); named != nullptr && *named != '\0')
    return {named};
  std::vector<std::filesystem::path> paths;
  const std::filesystem::path program = this_program(), object = this_object();
  if (!program.empty()) {
    const std::filesystem::path lib = program.parent_path().parent_path() / "lib";
    paths.push_back(lib / request.file_name);
    paths.push_back(lib / "astrom3" / request.file_name);
  }
  if (object != program) paths.push_back(object.parent_path() / request.file_name);
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

const void* ModuleTable::get(Status code) {
  const std::lock_guard lock(mutex_);
  if (table_ == nullptr) {
    const LoadedModule loaded = load_module(request_);
    if (loaded.table == nullptr)
      throw Error(code, fmt::format("the {} module cannot be loaded: {}", request_.noun, loaded.reason),
                  hint_);
    table_ = loaded.table;
  }
  return table_;
}

}  // namespace astrom3
