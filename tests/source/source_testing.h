// SPDX-License-Identifier: MIT
//
// Text tables from strings, for tests of the sources.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "formats/byte_reader.h"
#include "formats/decompressed.h"
#include "source/text_source.h"
#include "tests/source/memory_twin.h"

namespace astrom3 {

/// One gzip member holding `text`.
inline std::string gzipped(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct ReadTable {
  std::vector<SourceObject> objects;
  std::vector<Diagnostic> warnings;
  std::string format;
};

/// All objects of a table with the bytes `text`; `file` is only its name. As columns in memory it must give
/// the same.
inline ReadTable read_table(std::string_view text, const SourceOptions& options = {},
                            const std::string& file = "lc/star.csv") {
  ReadTable table;
  TextSource source(DecompressedReader(ByteReader::in_memory(text)), file, options);
  for (SourceObject object; source.next(object);) table.objects.push_back(object);
  table.warnings = source.take_warnings();
  table.format = source.layout().plan.format;
  expect_same_from_memory(text, options, source.layout(), table.objects);
  return table;
}

/// The only object of a table.
inline SourceObject read_object(std::string_view text, const SourceOptions& options = {},
                                const std::string& file = "lc/star.csv") {
  const ReadTable table = read_table(text, options, file);
  EXPECT_EQ(table.objects.size(), 1u);
  return table.objects.empty() ? SourceObject{} : table.objects.front();
}

/// Why `object` could not be read; "" where it could.
inline std::string rejection_text(const SourceObject& object) {
  return object.rejection.has_value() ? to_string(*object.rejection) : "";
}

/// The rejection of the only object; Status::ok where it was read.
inline Diagnostic read_rejection(std::string_view text, const SourceOptions& options = {}) {
  return read_object(text, options).rejection.value_or(Diagnostic{});
}

}  // namespace astrom3
