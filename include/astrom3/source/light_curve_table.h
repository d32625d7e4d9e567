// SPDX-License-Identifier: MIT
//
// Light curves that are already in memory, read without a copy, by the same rules as files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/arrow_c_data.h"
#include "astrom3/source/source.h"

namespace astrom3 {

/// An observation is kept if `column` holds one of `numbers` or one of `texts`; a null is not kept.
/// Observations that are not kept are not counted either.
struct Condition {
  std::string column;
  std::vector<double> numbers;
  std::vector<std::string> texts;
};

enum class NumberType : std::uint8_t {
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  float32,
  float64,
  boolean  ///< one bit each, as Arrow has it
};

/// A column of a flat table.
struct FlatColumn {
  std::string name;
  const void* data = nullptr;  ///< in the machine's byte order, aligned for its type; null: not read
  NumberType type = NumberType::float64;
  std::vector<std::string> categories{};  ///< not empty: data are numbers into it, below 0 is null
};

/// Light curves in the caller's memory. Making a table copies nothing; read() copies one light curve.
///
/// Columns, bands, units and values that are not measurements are found as in a file of the same columns;
/// SourceOptions holds for both. NaN is a missing value. Immutable: any number of threads may read at once.
class LightCurveTable {
 public:
  /// A flat table: light curve i is rows offsets[i] .. offsets[i+1]-1 of every column. The memory
  /// must outlive the table.
  /// Throws Error usage (offsets that decrease or leave [0, n_rows], a column that is read and has no data),
  /// or the error with which a file of these columns would be rejected: missing_column, ambiguous_column,
  /// no_zero_point, ...
  static LightCurveTable from_columns(std::span<const std::int64_t> offsets, std::size_t n_rows,
                                      std::vector<FlatColumn> columns, const SourceOptions& options,
                                      std::vector<Condition> where = {});

  /// A long table, one observation per row: the column of ids names its object; light curves come in the
  /// order of their first row. Without such a column all rows are one light curve. Throws as from_columns().
  static LightCurveTable from_rows(std::size_t n_rows, std::vector<FlatColumn> columns,
                                   const SourceOptions& options, std::vector<Condition> where = {});

  /// What a column is used for.
  enum class Use : std::uint8_t {
    none,
    other,  ///< bands, quality flags, zero points
    object_id,
    time,
    flux,
    flux_err,
    mag,
    mag_err,
    counts,      ///< fluxes of a survey that defines their size in mJy itself
    counts_err,  ///< their errors
    seconds,     ///< times that are not in days
    watched,     ///< not needed; if it holds text or few numbers, bands may be found in it
    quality      ///< not needed either; tells good rows from bad ones, and is not used
  };

  /// Which columns from_columns() or from_rows() would read of a table with these names.
  struct Reading {
    std::vector<bool> is_read;       ///< of each column
    std::optional<std::size_t> ids;  ///< the column of ids
    std::vector<Use> uses;           ///< of each column
  };
  /// Throws as from_columns().
  static Reading columns_read(std::vector<std::string> names, const SourceOptions& options);

  /// One Arrow array in any layout that a Parquet file may have (list: list, large_list, fixed_size_list,
  /// list_view, large_list_view; sliced arrays and nulls at any level):
  ///   list<struct<time, flux, ...>>     nested-pandas, HATS
  ///   struct<time: list, flux: list, ...>     also as the columns of a record batch
  ///   a record batch with such a column beside others, or one of triples: list<list<time, flux, error>>
  ///   a record batch with one observation per row, as from_rows()
  /// Leaves are integers, floats, decimals, booleans; bands, ids and flags also utf8, large_utf8, utf8_view
  /// and dictionaries of these. Times may also be timestamps and dates, which are days since 1970-01-01, and
  /// durations.
  ///
  /// array  moved from (its `release` becomes null), released with the table
  ///
  /// Throws Error usage naming the column, its type and what was expected, and as from_columns().
  static LightCurveTable from_arrow(const ArrowSchema& schema, ArrowArray& array,
                                    const SourceOptions& options, std::vector<Condition> where = {});

  /// Whether arrays of this schema hold one observation per row, so that a light curve may continue in the
  /// next array. Throws as from_arrow().
  static bool is_long(const ArrowSchema& schema, const SourceOptions& options);

  LightCurveTable(LightCurveTable&&) noexcept;
  LightCurveTable& operator=(LightCurveTable&&) noexcept;
  ~LightCurveTable();

  /// Number of light curves; with SourceOptions::split_bands every band is a light curve.
  std::size_t size() const noexcept;

  /// Light curve i in mJy. If it cannot be read, `rejection` says why.
  void read(std::size_t i, SourceObject& object) const;

  /// The id of light curve i: from the column of ids, else i; "<id>:<band>" with SourceOptions::split_bands.
  ///
  /// first  the number of light curve 0, if the table is one of several
  std::string object_id(std::size_t i, std::size_t first = 0) const;

  /// What may change a number and is not used, or is taken otherwise than it may be meant: the warnings that
  /// a file of the same columns would give. Of values and ids, those of the first 64 light curves are looked
  /// at.
  ///
  /// header  what is said beside the table, a line each that begins with '#', as the comments of a file
  std::vector<Diagnostic> warnings(std::string_view header = {}) const;

  /// How the table was understood; nothing is counted.
  TableDescription describe() const;

  struct State;

 private:
  explicit LightCurveTable(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
