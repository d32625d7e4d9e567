// SPDX-License-Identifier: MIT
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "astrom3/version.h"
#include "formats/parquet.h"

namespace astrom3 {
namespace {

constexpr const char* kModuleName = "astrom3_parquet.so";
constexpr const char* kHint =
    "build with Arrow C++ (conda libarrow and libparquet, or `make setup`, which installs the pyarrow "
    "wheel), "
    "set ASTROM3_PARQUET_MODULE to the module's file, or use CSV";

std::vector<std::filesystem::path> candidates() {
  if (const char* named = std::getenv("ASTROM3_PARQUET_MODULE"); named != nullptr && *named != '\0')
    return {named};
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  if (const auto executable = std::filesystem::read_symlink("/proc/self/exe", error); !error) {
    const std::filesystem::path lib = executable.parent_path().parent_path() / "lib";
    paths.push_back(lib / kModuleName);
    paths.push_back(lib / "astrom3" / kModuleName);
  }
#ifdef ASTROM3_PARQUET_BUILD_MODULE
  paths.emplace_back(ASTROM3_PARQUET_BUILD_MODULE);
#endif
#ifdef ASTROM3_PARQUET_INSTALLED_MODULE
  paths.emplace_back(ASTROM3_PARQUET_INSTALLED_MODULE);
#endif
  return paths;
}

/// The module in `file`, or null with `reason`. A loaded module stays: objects of it may live on.
const ParquetModule* load(const std::filesystem::path& file, std::string& reason) {
  void* const handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    reason = ::dlerror();
    return nullptr;
  }
  using Entry = const ParquetModule* (*)();
  const auto entry = reinterpret_cast<Entry>(::dlsym(handle, "astrom3_parquet_module"));
  if (entry == nullptr) {
    reason = fmt::format("{}: no astrom3 Parquet module", file.string());
    return nullptr;
  }
  const ParquetModule* const module = entry();
  if (module->abi_version != ParquetModule::kAbiVersion ||
      std::strcmp(module->astrom3_version, kVersion) != 0) {
    reason =
        fmt::format("{}: made for another version of astrom3 than this one ({})", file.string(), kVersion);
    return nullptr;
  }
  return module;
}

struct Loaded {
  const ParquetModule* module = nullptr;
  std::string reason;
};

Loaded load_first() {
  Loaded loaded;
  for (const std::filesystem::path& file : candidates()) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) continue;
    loaded.module = load(file, loaded.reason);
    if (loaded.module != nullptr) return loaded;
  }
  if (loaded.reason.empty()) loaded.reason = fmt::format("{} was not found", kModuleName);
  return loaded;
}

}  // namespace

const ParquetModule& parquet_module(Status code) {
  static std::mutex mutex;
  static const ParquetModule* module = nullptr;
  const std::lock_guard lock(mutex);
  if (module == nullptr) {
    Loaded loaded = load_first();
    if (loaded.module == nullptr)
      throw Error(code, "the Parquet module cannot be loaded: " + loaded.reason, kHint);
    module = loaded.module;
  }
  return *module;
}

std::unique_ptr<ParquetWriter> open_parquet_writer(std::vector<ColumnSpec> columns, const KeyValues& metadata,
                                                   ByteConsumer consumer) {
  return parquet_module(Status::output_error).open_writer(std::move(columns), metadata, std::move(consumer));
}

std::unique_ptr<ParquetReader> open_parquet_reader(const std::filesystem::path& file) {
  return parquet_module(Status::bad_parquet).open_reader(file);
}

bool looks_like_parquet(std::span<const std::byte> head) noexcept {
  return head.size() >= 4 && std::memcmp(head.data(), "PAR1", 4) == 0;
}

}  // namespace astrom3
