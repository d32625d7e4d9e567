// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/module_loader.h"
#include "formats/parquet.h"

namespace astrom3 {
namespace {

#ifdef ASTROM3_PARQUET_LIBRARIES  // in a Python wheel
constexpr const char* kHint = "pip install \"astrom3[parquet]\" brings the pyarrow that has it; or use CSV";
#else
constexpr const char* kHint =
    "build with Arrow C++ (conda libarrow and libparquet, or `make setup`, which installs the pyarrow "
    "wheel), "
    "set ASTROM3_PARQUET_MODULE to the module's file, or use CSV";
#endif

ModuleRequest request() {
  ModuleRequest request{.noun = "Parquet",
                        .file_name = "astrom3_parquet.so",
                        .entry = "astrom3_parquet_module",
                        .environment = "ASTROM3_PARQUET_MODULE",
                        .abi_version = ParquetModule::kAbiVersion};
#ifdef ASTROM3_PARQUET_LIBRARIES
  request.libraries = {ASTROM3_PARQUET_LIBRARIES};
#endif
#ifdef ASTROM3_PARQUET_INSTALLED_MODULE
  request.more_places.emplace_back(ASTROM3_PARQUET_INSTALLED_MODULE);
#endif
  return request;
}

}  // namespace

const ParquetModule& parquet_module(Status code) {
  static ModuleTable table(request(), kHint);
  return *static_cast<const ParquetModule*>(table.get(code));
}

std::unique_ptr<ParquetWriter> open_parquet_writer(std::vector<ColumnSpec> columns, const KeyValues& metadata,
                                                   ByteConsumer consumer) {
  return parquet_module(Status::output_error).open_writer(std::move(columns), metadata, std::move(consumer));
}

std::unique_ptr<ParquetReader> open_parquet_reader(const std::filesystem::path& file) {
  return parquet_module(Status::bad_parquet).open_reader(file);
}

std::unique_ptr<ParquetNestedReader> open_nested_reader(const std::filesystem::path& file) {
  return parquet_module(Status::bad_parquet).open_nested(file);
}

bool looks_like_parquet(std::span<const std::byte> head) noexcept {
  return head.size() >= 4 && std::memcmp(head.data(), "PAR1", 4) == 0;
}

}  // namespace astrom3
