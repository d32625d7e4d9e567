// SPDX-License-Identifier: MIT
//
// Any text as a table that embed or classify wrote: an Error, or as many vectors and scalars as ids.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "astrom3/base/error.h"
#include "downstream/result_file.h"
#include "input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  if (size == 0) return 0;
  static InputFile file;
  const auto bytes = std::as_bytes(std::span(data, size).subspan(1));
  if (size > 4 && data[1] == 'P' && data[2] == 'A' && data[3] == 'R') return 0;  // fuzz_parquet's
  const auto kind = static_cast<VectorKind>(data[0] % 3);
  try {
    const ResultRows rows = read_result_file(file.hold(bytes), kind, (data[0] & 128) != 0 ? "source_id" : "");
    const std::size_t n = rows.object_ids.size();
    require(rows.scalars.size() == n && rows.vectors.size() == n * rows.width);
    require((kind == VectorKind::none) == (rows.width == 0));
    require(rows.vector_names.size() == (kind == VectorKind::probabilities ? rows.width : 0));
    for (const std::string& id : rows.object_ids) require(!id.empty());
  } catch (const Error& error) {
    require(error.code() != Status::internal && error.code() != Status::ok);
  }
  return 0;
}
