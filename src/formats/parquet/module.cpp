// SPDX-License-Identifier: MIT
//
// The one entry point of astrom3_parquet.so.
#include <arrow/util/config.h>

#include <memory>
#include <utility>

#include "astrom3/base/version.h"
#include "formats/parquet.h"
#include "formats/parquet/nested_reader.h"
#include "formats/parquet/table_reader.h"
#include "formats/parquet/table_writer.h"

extern "C" __attribute__((visibility("default"))) const void* astrom3_parquet_module() {
  static const astrom3::ParquetModule module{.abi_version = astrom3::ParquetModule::kAbiVersion,
                                             .astrom3_version = astrom3::kVersion,
                                             .arrow_version = ARROW_VERSION_STRING,
                                             .open_writer = astrom3::make_table_writer,
                                             .open_reader = astrom3::make_table_reader,
                                             .open_nested = astrom3::make_nested_reader};
  return &module;
}
