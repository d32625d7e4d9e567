// SPDX-License-Identifier: MIT
//
// Many light curves that are in memory already: read where they lie, embedded by several threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/arrow_c_data.h"
#include "astrom3/embed_object.h"
#include "astrom3/source.h"

namespace astrom3 {

/// Observations are kept where `column` holds one of `numbers` or one of `texts`; a null is not kept.
struct Condition {
  std::string column;
  std::vector<double> numbers;
  std::vector<std::string> texts;
};

/// Which columns make a light curve, and in what units.
struct TableOptions {
  std::string nested;  ///< Arrow: the column that holds the light curves; empty: the whole array
  std::string time = "time";
  std::string value = "flux";      ///< flux, or magnitudes with is_magnitude
  std::string error = "flux_err";  ///< one sigma, in the unit of the value
  std::string band_column;         ///< text, dictionary or whole numbers; empty: none
  bool is_magnitude = false;
  /// Selects where there is a band column, else declares the band. A column without it must hold
  /// one band per light curve.
  std::string band;
  std::optional<double> zero_point_jy;  ///< of magnitude 0; none: the band's own
  FluxUnit flux_unit = FluxUnit::mJy;
  NonfinitePolicy nonfinite = NonfinitePolicy::reject;  ///< for nulls, too
  std::vector<Condition> where;                         ///< all must hold
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

/// A column of a flat table: all light curves one after the other.
struct FlatColumn {
  std::string name;
  const void* data = nullptr;  ///< in the machine's byte order, aligned for its type
  NumberType type = NumberType::float64;
  std::vector<std::string> categories;  ///< not empty: data are numbers into it, below 0 is null
};

/// Light curves where they lie. Nothing is copied when a table is made; read() copies one of them.
///
/// Immutable: any number of threads may read at once.
class LightCurveTable {
 public:
  /// A flat table: light curve i is rows offsets[i] .. offsets[i+1]-1 of every column. The memory
  /// must outlive the table.
  /// Throws Error usage: offsets that decrease or leave [0, n_rows]; a column that is missing.
  static LightCurveTable from_columns(std::span<const std::int64_t> offsets, std::size_t n_rows,
                                      std::vector<FlatColumn> columns, const TableOptions& options);

  /// One Arrow array, a light curve a row, in any of these layouts (list: list, large_list,
  /// fixed_size_list; sliced arrays and nulls at any level):
  ///   list<struct<time, flux, ...>>     nested-pandas, HATS
  ///   struct<time: list, flux: list, ...>     also as the columns of a record batch
  /// Leaves are integers, floats, booleans; band and `where` columns also utf8, large_utf8, utf8_view
  /// and dictionaries of these.
  /// array  moved from (its `release` becomes null), released with the table
  /// Throws Error usage naming the column, its type and what was expected.
  static LightCurveTable from_arrow(const ArrowSchema& schema, ArrowArray& array,
                                    const TableOptions& options);

  LightCurveTable(LightCurveTable&&) noexcept;
  LightCurveTable& operator=(LightCurveTable&&) noexcept;
  ~LightCurveTable();

  std::size_t size() const noexcept;  ///< light curves

  /// Light curve i in mJy. One that cannot be read comes back with `rejection`: length_mismatch,
  /// missing_value, mixed_bands, usage.
  void read(std::size_t i, SourceObject& object) const;

  struct State;

 private:
  explicit LightCurveTable(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Feature values given for each light curve: value[feature] [N] or null where it is measured.
struct GivenFeatures {
  std::array<const double*, kFeatureCount> value{};
  std::array<bool, kFeatureCount> standardised{};
};

struct BatchOptions {
  ObjectOptions object;
  GivenFeatures given;                 ///< come before object.overrides
  std::size_t n_threads = 0;           ///< 0: all this process may use
  const std::int32_t* stop = nullptr;  ///< not 0, at any time: the call ends early
  std::int64_t* n_done = nullptr;      ///< light curves finished so far, for progress
};

/// Where embed_batch() writes; a null pointer is an output not asked for. N light curves, T steps,
/// D width. A rejected light curve has NaN in mean, sequence, logits and the numbers, zeros in the
/// tensors (as `astrom3 preprocess` writes them).
struct BatchOutput {
  float* mean = nullptr;                    ///< [N, D]
  float* sequence = nullptr;                ///< [N, T, D]
  float* logits = nullptr;                  ///< [N, classes]
  float* x_enc = nullptr;                   ///< [N, T, 9]
  float* mask = nullptr;                    ///< [N, T]
  Status* status = nullptr;                 ///< [N]
  std::uint32_t* flags = nullptr;           ///< [N] bits of Flag
  std::int64_t* n_raw = nullptr;            ///< [N] observations given, after the selection
  std::int64_t* n_used = nullptr;           ///< [N] steps with mask 1, or observations left
  double* features = nullptr;               ///< [N, 4] raw units, in the order of Feature
  FeatureSource* feature_source = nullptr;  ///< [N, 4]
  double* log10_mad = nullptr;              ///< [N]
  double* delta_t = nullptr;                ///< [N] years of 365 days
};

struct BatchSummary {
  std::size_t n_ok = 0;
  std::size_t first_rejected = 0;             ///< its number, where there is one
  std::optional<Diagnostic> first_rejection;  ///< of the lowest number
};

/// Embeds every light curve of `table`, as far as `output` asks for.
///
/// encoder  may be null when neither mean, sequence nor logits are asked for
/// Throws   Error usage (logits without a head, an output without an encoder), interrupted
/// Memory   beside the output: one light curve and one scratch of the encoder per thread
/// The same bits for any number of threads and however the light curves are divided into tables.
BatchSummary embed_batch(const LightCurveTable& table, const Encoder* encoder, const BatchOptions& options,
                         const BatchOutput& output);

}  // namespace astrom3
