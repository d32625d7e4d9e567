// SPDX-License-Identifier: MIT
//
// Binary tables of FITS files, row by row.
//
// Goals: the tables of light curves, read as bytes from a literal path; every number in a header is
// checked before it is used. Non-goals: ASCII tables, variable-length arrays, CFITSIO's
// file-name syntax.
// Source  FITS standard 4.0, Pence et al. 2010, A&A 524, A42 and its update of 2018.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "formats/decompressed.h"

namespace astrom3 {

/// The cards of one header: keyword to value, strings without their quotes. A keyword that is there
/// twice keeps its first value.
class FitsHeader {
 public:
  /// One card of 80 bytes; false for END.
  bool add(std::string_view card);

  bool has(std::string_view keyword) const { return values_.contains(std::string(keyword)); }
  std::string text(std::string_view keyword) const;  ///< "" if there is none
  std::optional<std::int64_t> integer(std::string_view keyword) const;
  std::optional<double> number(std::string_view keyword) const;
  /// The texts of COMMENT and HISTORY, a line each, up to kMostNotes bytes in all.
  const std::string& notes() const noexcept { return notes_; }

 private:
  static constexpr std::size_t kMostNotes = 1 << 16;
  std::map<std::string, std::string> values_;
  std::string notes_;
};

struct FitsColumn {
  std::string name;        ///< TTYPE, "col7" where there is none
  std::string unit;        ///< TUNIT
  char type = 'D';         ///< the letter of TFORM: L X B I J K A E D C M P Q
  std::size_t repeat = 1;  ///< number of values in a cell; of type A, number of characters
  std::size_t offset = 0;  ///< first byte of the cell in a row
  double scale = 1, zero = 0;
  std::optional<std::int64_t> null;  ///< of integer columns

  bool is_number() const noexcept {
    return repeat == 1 && std::string_view("BIJKED").find(type) != std::string_view::npos;
  }
  /// Numbers in each cell, one or many.
  bool holds_numbers() const noexcept {
    return std::string_view("BIJKED").find(type) != std::string_view::npos;
  }
  bool is_text() const noexcept { return type == 'A' || (type == 'L' && repeat == 1); }
};

struct FitsTable {
  std::size_t row_bytes = 0;
  std::uint64_t n_rows = 0;
  std::vector<FitsColumn> columns;
};

/// The HDUs of a file, and the rows of one of them.
class FitsReader {
 public:
  static constexpr std::size_t kBlock = 2880;
  static constexpr std::size_t kMaxHeaderBlocks = 1000;
  static constexpr std::size_t kMaxRowBytes = 1 << 20;

  explicit FitsReader(DecompressedReader bytes) : bytes_(std::move(bytes)) {}

  /// Skips the rest of the current HDU's data and reads the header of the next HDU; false at the end.
  /// Throws Error bad_header if the bytes are not a FITS header, and what DecompressedReader throws.
  bool next_hdu();
  const FitsHeader& header() const noexcept { return header_; }
  /// "BINTABLE", "IMAGE", ...; "PRIMARY" for the first.
  const std::string& kind() const noexcept { return kind_; }
  bool is_light_curve_table() const;  ///< a binary table that is not a compressed image

  /// The layout of the current HDU's table. Throws Error bad_header naming keyword and value.
  FitsTable table() const;
  /// The next row of that table; false after the last. Throws Error bad_header where the file ends before.
  bool next_row(std::span<char> row);

  /// The next bytes of the current HDU's data, which may be fewer than asked for only at its end.
  std::size_t read_data(std::span<char> into);

  std::uint64_t bytes_read() const noexcept { return bytes_.bytes_read(); }
  std::uint64_t bytes_total() const noexcept { return bytes_.bytes_total(); }

 private:
  std::size_t read_up_to(std::span<char> into);
  void skip_data();
  std::uint64_t data_bytes() const;

  DecompressedReader bytes_;
  FitsHeader header_;
  std::string kind_;
  std::uint64_t data_left_ = 0;  ///< unread bytes of the current HDU's data, padding included
  std::uint64_t rows_left_ = 0;
  bool has_hdu_ = false;
};

/// A cell of a number column: NaN and TNULL are missing.
ParsedNumber fits_number(const FitsColumn& column, std::span<const char> row);
/// All numbers of a cell, where a missing one is NaN. `column` holds numbers.
std::vector<double> fits_numbers(const FitsColumn& column, std::span<const char> row);
/// A cell as text: characters without the blanks behind them, true or false, or a number in digits.
std::string fits_text(const FitsColumn& column, std::span<const char> row);

/// The numbers of an image, scaled; NaN where BLANK says that there is none.
struct FitsImage {
  std::vector<std::size_t> shape;  ///< slowest axis first: [NAXIS2, NAXIS1]
  std::vector<double> values;
};

/// The data of the current HDU, which has to be an image of at most `max_values` numbers. Throws Error
/// bad_header, also where the file ends before.
FitsImage read_image(FitsReader& reader, std::size_t max_values);

}  // namespace astrom3
