// SPDX-License-Identifier: MIT
//
// A row of a catalogue as the metadata encoder is given it: named columns, transformed, then standardised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

class KeyedTable;

/// What a column becomes before it is standardised.
///
/// plain     itself
/// absolute  m + D, an absolute magnitude: D = 5 log10(p) - 10 with the raw parallax p in mas, 1 where it is
/// not
///           above 0
/// cosine, sine  of degrees
enum class Transform : std::uint8_t { plain, absolute, cosine, sine };
/// "", "abs", "cos", "sin": upstream's words.
std::string_view transform_name(Transform transform) noexcept;

/// The columns that a checkpoint was trained with, in its order, and how they were standardised.
struct MetadataScaling {
  std::vector<std::string> columns;   ///< upstream's names
  std::vector<Transform> transforms;  ///< one for each, as the two below
  std::vector<double> mean, std;
  std::string source;  ///< the file, for the record

  /// Every bit of the numbers, for the identity of a model.
  std::string described() const;
};

/// The 34 columns of the published checkpoints, in their order, with their transforms; no mean and no std,
/// which are a split's.
MetadataScaling published_metadata_columns();

/// Reads upstream's `info.json` of a split (its columns without those of the light curve) or our
/// `preprocessor_config.json` with its key "metadata". Throws Error bad_scaling naming the file and the JSON
/// pointer: lists of different lengths, a std of 0, an unknown function, two columns of one name.
MetadataScaling read_metadata_scaling(const std::filesystem::path& file);

/// Whether that file is one that read_metadata_scaling() can take: it has `all_cols`, or `metadata`. Throws
/// Error bad_scaling where it is no JSON.
bool has_metadata_scaling(const std::filesystem::path& file);

struct MetadataOptions {
  std::string id_column;  ///< empty: object_id, asassn_name, source_id or edr3_source_id
  bool impute_mean =
      false;  ///< a missing value becomes the training mean, with a flag; else its row is rejected
};

/// A column of a table in memory: numbers, of which NaN is missing, or texts as the cells of a file.
struct MetadataColumn {
  std::string name;
  std::vector<double> numbers;
  std::vector<std::string> texts;
};

/// The unit in which a column is read, whatever catalogue's name it has: "mag", "mas", "mas/yr", "deg", "" of
/// a pure number, and "id" of a column of ids. Nothing where the name is none that is known.
std::optional<std::string_view> metadata_unit(std::string_view column);

/// One object's columns, or why there are none.
struct MetadataRow {
  Status status =
      Status::ok;        ///< missing_value, sentinel, not_a_number, nonfinite, ambiguous, overflow_float32
  std::string message;   ///< which column, and what it holds; where status is not ok
  std::vector<float> x;  ///< standardised, in the order of the scaling
  std::vector<std::string> flags;  ///< "parallax_not_positive", "imputed:COLUMN", "out_of_range:COLUMN=Z"
};

/// One object's raw columns, transformed and standardised, in float64 until the last cast.
///
/// raw       [columns] in the units of docs/multimodal.md; NaN: missing
/// parallax  mas, as it is; NaN where the table has none (then no column may need it)
/// Status    missing_value naming the column, unless imputed; overflow_float32
MetadataRow standardise_metadata(const MetadataScaling& scaling, std::span<const double> raw, double parallax,
                                 const MetadataOptions& options);

/// A table with a row an object, joined by its id.
///
/// Columns are found by upstream's names, those of the Gaia archive, of VizieR, 2MASS or AllWISE, whatever
/// their case; what is missing and follows from others is computed: colours, parallax_over_error, pm, the
/// errors of the Gaia magnitudes from the fluxes' signal to noise, l and b from ra and dec. Nothing else is
/// ever filled in.
class MetadataTable {
 public:
  /// Reads text (plain or compressed) or Parquet. Throws Error bad_metadata naming all columns that are
  /// missing at once, and where the file cannot be read.
  MetadataTable(const std::filesystem::path& file, MetadataScaling scaling, MetadataOptions options = {});
  /// The same of columns in memory, each with a cell for every row. Without a column of ids, rows are called
  /// by their numbers: "0", "1", ...
  MetadataTable(std::vector<MetadataColumn> columns, std::size_t n_rows, MetadataScaling scaling,
                MetadataOptions options = {});
  ~MetadataTable();
  MetadataTable(MetadataTable&&) noexcept;
  MetadataTable& operator=(MetadataTable&&) noexcept;

  const MetadataScaling& scaling() const noexcept;
  std::size_t size() const noexcept;
  const std::vector<std::string>& ids() const noexcept;  ///< each once, in the order of the table
  /// Where each column comes from, in words: "j_mag: Jmag", "bp_rp: BPmag - RPmag".
  const std::vector<std::string>& origins() const noexcept;
  /// Remarks about the table as a whole, as units that cannot be.
  const std::vector<Diagnostic>& warnings() const noexcept;

  /// The row of an object; null where the table has none. An id is compared exactly, then without blanks and
  /// without "EDR3" or "Gaia DR3" before it.
  const MetadataRow* find(std::string_view object_id) const;

 private:
  struct State;
  void take(KeyedTable& table, MetadataScaling scaling, MetadataOptions options, const std::string& name);
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
