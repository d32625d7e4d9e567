// SPDX-License-Identifier: MIT
//
// Delimited text as records of fields. The fields are views into the blocks that were read, not copies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "formats/decompressed.h"

namespace astrom3 {

/// How a table is written.
struct CsvDialect {
  static constexpr char kBlanks = ' ';  ///< as delimiter: any run of spaces and tabs

  char delimiter = ',';
  char line_end = '\n';         ///< a '\r' before '\n' is dropped
  char comment = '#';           ///< at the start of a line: the line is skipped
  bool gives_comments = false;  ///< instead of skipping them
};

/// One record. All views are valid until the next call to the reader.
struct CsvRecord {
  std::span<const std::string_view> fields;  ///< quotes removed; blanks around fields kept
  std::string_view text;                     ///< the whole record without its line end
  std::int64_t line = 0;                     ///< 1-based number of its first line
  std::int64_t byte = 0;                     ///< offset of text[0] in the decompressed file
  bool ends_with_newline = true;             ///< false: the file's last line may be incomplete
  Status problem = Status::ok;               ///< not_text (a NUL byte) or bad_encoding (not UTF-8)
  bool spans_lines = false;                  ///< a quoted field holds a line end
  bool is_comment = false;                   ///< the line begins with CsvDialect::comment
};

/// Splits `line` at `delimiter`, and at runs of blanks with CsvDialect::kBlanks. Quoted fields are one
/// field: "a ""b""" is a "b" (unescaped in place, which is why `line` is writable).
void split_fields(std::span<char> line, char delimiter, std::vector<std::string_view>& fields);

/// Reads records one after the other. Blank lines and comments are skipped, and counted as lines.
/// Memory is one block, or one record if that is longer; never more than about 4 MiB.
class CsvReader {
 public:
  static constexpr std::size_t kMaxRecord = 1 << 20;  ///< bytes in a line or a quoted record

  explicit CsvReader(DecompressedReader bytes);

  /// The next bytes: at least `n`, fewer only when the file ends before. Nothing is consumed.
  /// Throws what DecompressedReader throws.
  std::string_view peek(std::size_t n);
  /// Drops the first `n` bytes of what peek() returned; they held `n_lines` line ends.
  void skip(std::size_t n, std::int64_t n_lines) noexcept;
  void set_dialect(CsvDialect dialect) noexcept { dialect_ = dialect; }

  /// The next record, or false at the end of the file.
  /// Throws Error unclosed_quote or line_too_long (with line and byte), and what DecompressedReader throws.
  bool next(CsvRecord& record);
  /// To be called after next() threw unclosed_quote or line_too_long. Gives the line that the faulty record
  /// begins with, at most its first 64 KiB; the next call of next() reads the line after it.
  void take_faulty_line(CsvRecord& record);
  /// Undoes next() for a record that spans lines: it may have swallowed other records between the stray
  /// quotes of two rows. Call take_faulty_line() next.
  void give_back();

  const DecompressedReader& bytes() const noexcept { return bytes_; }
  DecompressedReader& bytes() noexcept { return bytes_; }
  char line_end() const noexcept { return dialect_.line_end; }
  std::int64_t line() const noexcept { return line_; }       ///< of the next byte, 1-based
  std::uint64_t offset() const noexcept { return offset_; }  ///< of the next byte

 private:
  bool refill();
  void drop_rest_of_line();
  std::size_t find_record_end(bool quotes, std::int64_t& n_lines);
  void emit(std::size_t length, CsvRecord& record);
  bool quoted_at(std::size_t i) const noexcept;

  DecompressedReader bytes_;
  CsvDialect dialect_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // the unread part of buffer_ is [begin_, end_)
  std::size_t end_ = 0;
  bool at_end_ = false;
  bool has_quotes_ = false;  // somewhere in the buffer: lines must be looked at one by one
  bool has_odd_ = false;     // likewise for NUL and non-ASCII bytes
  std::int64_t line_ = 1;
  std::uint64_t offset_ = 0;
  std::vector<std::string_view> fields_;
  bool in_faulty_line_ = false;  // the rest of the faulty line is still to be dropped
  // A quote that opens in a line before this offset ends in that line or not at all: the text after the line
  // was searched once, up to here. If it were searched again for every line, the time would be
  // quadratic.
  std::uint64_t unclosed_before_ = 0;
  std::string spanned_;             // the last record, if it spans lines, with its line end
  std::int64_t spanned_lines_ = 0;  // number of lines in spanned_
};

}  // namespace astrom3
