// SPDX-License-Identifier: MIT
//
// Tensors as the input of a training: folders of `preprocess`, tables like those of AstroM3Processed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/features/scaling.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/shared_space/modality.h"

namespace astrom3 {

/// What an object is used for: test where holdout_position(id) is below the test share, validation where it
/// is below the sum of both, else train. The id alone decides.
enum class Split : std::uint8_t { train, validation, test };

/// A folder of tensors, or a table with a row an object.
struct TensorSource {
  std::filesystem::path path;
  bool is_folder = false;
  std::string id_column;        ///< of a table; empty: its objects are called by their places
  std::string prefix;           ///< then "train/0", "train/1", ...: of all tables of this prefix together
  std::uint64_t first_row = 0;  ///< of the table, among those
};

/// Tensors, and what they say of themselves. A modality, a length or a scaling is the same in all sources.
struct TrainingTensors {
  std::vector<TensorSource> sources;
  PerModality<bool> has{};
  bool has_labels = false;                          ///< tables: a column `label`
  std::size_t n_steps = 0;                          ///< of light curves in folders; 0: tables, any number
  std::size_t n_pixels = 0;                         ///< of spectra
  std::size_t n_columns = 0;                        ///< of metadata
  std::optional<Scaling> scaling;                   ///< folders: of channels 3-6
  std::optional<MetadataScaling> metadata_scaling;  ///< folders
  /// Of the objects of tables whose names begin with train, validation (val, valid, dev) or test.
  std::map<std::string, Split, std::less<>> split;

  bool empty() const noexcept { return sources.empty(); }
  bool has_tables() const noexcept { return !empty() && !sources.front().is_folder; }
};

/// Looks at folders of preprocess_modalities() or of `preprocess` with light curves alone; or at Parquet
/// tables, and folders of them, as those of AstroM3Processed:
///
///   photometry  lists of rows of nine numbers: time, flux, flux_err, and six that are the same in all rows,
///               standardised; of any length
///   spectra     [3, pixels]
///   metadata    [columns], standardised
///   label       a name, or its number: of the names that the table's Hugging Face features list, else of the
///               ten published classes; may be absent, as object_id (`id_column`) may
///
/// Throws Error bad_tensors, naming the file: not such a source, an older layout, folders beside tables, or
/// sources that differ in what they hold; no_input where a folder holds no table.
TrainingTensors find_training_tensors(const std::vector<std::filesystem::path>& paths,
                                      const std::string& id_column = {});

}  // namespace astrom3
