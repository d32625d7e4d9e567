// SPDX-License-Identifier: MIT
//
// Parquet tables in and out, through a module that is loaded when the first one is opened.
//
// Arrow and Parquet C++ are large; they live in astrom3_parquet.so (src/formats/parquet/), which
// the library finds and loads on demand. A program that touches no Parquet pays nothing for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "formats/table_leaf.h"

namespace astrom3 {

/// What the cells of a column hold.
enum class CellType : std::uint8_t {
  text,     ///< UTF-8
  integer,  ///< int64
  number,   ///< float64
  vector,   ///< float32 [width]
  matrix,   ///< float32 [steps, width]
  rows,     ///< float32 [n, width], where n differs between cells; for reading only
};

struct ColumnSpec {
  std::string name;
  CellType type = CellType::text;
  bool nullable = true;
  std::size_t width = 0;  ///< vector, matrix, rows
  std::size_t steps = 0;  ///< matrix
};

/// One column of a batch of n rows. Only the list of the column's type is used; null cells hold a
/// placeholder there (empty text, 0), so that every list has the same number of cells.
struct ColumnData {
  std::vector<std::string> text{};       ///< [n]
  std::vector<std::int64_t> integers{};  ///< [n]
  std::vector<double> numbers{};         ///< [n]
  std::vector<float> floats{};           ///< [n, width] or [n, steps, width]
  std::vector<std::size_t> counts{};     ///< [n] rows: how many a cell has; its floats follow one another
  std::vector<std::uint8_t> valid{};     ///< [n] 1: a value, 0: null

  void clear() {
    text.clear();
    integers.clear();
    numbers.clear();
    floats.clear();
    counts.clear();
    valid.clear();
  }
};

/// Key-value pairs of the file's footer.
using KeyValues = std::vector<std::pair<std::string, std::string>>;

/// Receives the bytes of a file in order; throws when they cannot be kept.
using ByteConsumer = std::function<void(std::span<const std::byte>)>;

/// Writes a table, one row group a batch. Equal batches give equal bytes (for one version of Arrow).
/// Throws Error output_error, or whatever the consumer threw. Use from one thread.
class ParquetWriter {
 public:
  virtual ~ParquetWriter() = default;
  /// columns: one entry a ColumnSpec, all of `n_rows` cells. Throws Error internal where not.
  virtual void write(std::span<const ColumnData> columns, std::size_t n_rows) = 0;
  /// Writes the footer; without it the bytes are no Parquet file.
  virtual void close() = 0;
};

struct ParquetColumnInfo {
  std::string name;
  std::string type;  ///< Arrow's name of it, for messages
};

/// Reads a flat table batch by batch; memory is bounded by the batch, not by the file.
///
/// Nothing is trusted: page checksums are verified where present and every batch is validated in
/// full (offsets, lengths, UTF-8) before a value is taken from it. Throws Error bad_parquet naming
/// file, column and row. Use from one thread.
class ParquetReader {
 public:
  virtual ~ParquetReader() = default;
  virtual const std::vector<ParquetColumnInfo>& columns() const = 0;
  virtual const KeyValues& metadata() const = 0;
  virtual std::uint64_t row_count() const = 0;

  /// Chooses columns by exact name, each to be read as `type`; call before the first next().
  ///   text     strings of any Arrow form, also dictionary-encoded; integers in decimal digits; true
  ///            and false;
  ///            floating point as its shortest text that reads back to the same number
  ///   integer  integers that fit int64
  ///   number   floating point and integers (int64 beyond 2^53 rounds to the nearest double)
  ///   vector, matrix  lists of float32 or float64, all of one length; `width` and `steps` are
  ///            taken from the first row when 0
  ///   rows     lists of lists of numbers; a cell that holds a null, or a list that is not `width` long, is
  ///            not valid and has no rows
  /// Throws Error bad_parquet when a column is absent, there twice or of another kind.
  virtual void select(std::vector<ColumnSpec> wanted) = 0;
  /// The next rows of the selected columns, in the order of select(); returns how many, 0 at the end.
  virtual std::size_t next(std::vector<ColumnData>& columns) = 0;
};

/// The cells of one leaf for n rows: all cells of a row, then those of the next.
struct LeafData {
  std::vector<double> numbers{};       ///< cells of a number leaf; 0 where null
  std::vector<std::string> text{};     ///< cells of a text leaf, or of integers that were asked for as text
  std::vector<std::uint8_t> valid{};   ///< for each cell, 0 where it is null
  std::vector<std::int64_t> begin{};   ///< [n] first cell of each row
  std::vector<std::int64_t> length{};  ///< [n] number of cells of each row; -1: null. Scalars have 1
  /// [n] for triples: 1 if the row holds a list that does not have three values
  std::vector<std::uint8_t> ragged{};
};

/// Reads chosen leaves batch by batch, and validates every batch as ParquetReader does.
class ParquetNestedReader {
 public:
  struct Choice {
    std::size_t leaf = 0;
    bool as_text = false;  ///< integers in decimal digits; text stays text
  };
  virtual ~ParquetNestedReader() = default;
  virtual const std::vector<TableLeaf>& leaves() const = 0;
  virtual std::uint64_t row_count() const = 0;
  /// What writers noted beside the table, as comments of a text: a line "# key: value" for each, up to 64
  /// KiB.
  virtual std::string notes() const = 0;
  /// Throws Error bad_parquet for a leaf that cannot be read so.
  virtual void select(std::vector<Choice> chosen) = 0;
  /// The next rows of the chosen leaves, in their order; returns how many, 0 at the end.
  virtual std::size_t next(std::vector<LeafData>& data) = 0;
};

/// Throws Error output_error, saying what to do, when the module is missing.
std::unique_ptr<ParquetWriter> open_parquet_writer(std::vector<ColumnSpec> columns, const KeyValues& metadata,
                                                   ByteConsumer consumer);

/// Throws Error bad_parquet when the file cannot be read or the module is missing.
std::unique_ptr<ParquetReader> open_parquet_reader(const std::filesystem::path& file);

/// Throws Error bad_parquet when the file cannot be read or the module is missing.
std::unique_ptr<ParquetNestedReader> open_nested_reader(const std::filesystem::path& file);

/// True when `head`, the first bytes of a file, are Parquet's magic.
bool looks_like_parquet(std::span<const std::byte> head) noexcept;

/// What the module exports, found by the C name "astrom3_parquet_module".
struct ParquetModule {
  static constexpr std::uint32_t kAbiVersion = 4;

  std::uint32_t abi_version;
  const char* astrom3_version;  ///< library and module must come from one build
  const char* arrow_version;
  std::unique_ptr<ParquetWriter> (*open_writer)(std::vector<ColumnSpec> columns, const KeyValues& metadata,
                                                ByteConsumer consumer);
  std::unique_ptr<ParquetReader> (*open_reader)(const std::filesystem::path& file);
  std::unique_ptr<ParquetNestedReader> (*open_nested)(const std::filesystem::path& file);
};

/// Loads the module, once, from the first of: the file named by ASTROM3_PARQUET_MODULE (then nothing
/// else is tried), ../lib and ../lib/astrom3 beside the executable, the build tree, the place of
/// installation. Throws Error with `code` naming the reason and what to do. Thread-safe.
const ParquetModule& parquet_module(Status code);

}  // namespace astrom3
