// SPDX-License-Identifier: MIT
//
// A Parquet file taken to pieces, so that a mutant of one piece is still a Parquet file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "thrift_value.h"

namespace astrom3 {

/// A footer, and the pages of its column chunks in the order of the footer. Mutants change values of the
/// footer or of a page's header, or the bytes of a page; sizes and offsets follow, now and then wrongly.
class ParquetPieces {
 public:
  /// Nothing where `file` is none, or one whose pages cannot be told apart.
  static std::optional<ParquetPieces> take_apart(std::string_view file);

  /// Changes one or a few things.
  void mutate(Random& random);
  std::string put_together(Random& random);

 private:
  struct Page {
    ThriftValue header;
    std::string bytes;
  };
  struct Chunk {
    std::size_t group = 0, column = 0;
    std::vector<Page> pages;
  };

  ThriftValue* chunk_metadata(const Chunk& chunk);
  bool take_pages(std::string_view file, Chunk& chunk);

  ThriftValue footer_;
  std::vector<Chunk> chunks_;
};

}  // namespace astrom3
