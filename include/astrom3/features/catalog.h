// SPDX-License-Identifier: MIT
//
// A table of known features, joined to light curves by object id.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/features.h"

namespace astrom3 {

/// Read once; then any thread may look ids up. Ids are compared as exact strings.
class Catalog {
 public:
  /// Reads text (any separator, plain, gzip or Zstandard) or Parquet: an id column (`object_id` or
  /// `id_column`) and any of amplitude, period, lksl_statistic, rfr_score. standardised: the values are in
  /// the encoder's units already, where any sign is possible. Throws Error bad_catalog naming file, line and
  /// column: unreadable, empty, no id column, no feature column, one id with two different sets of values.
  static Catalog read(const std::filesystem::path& file, const std::string& id_column = {},
                      bool standardised = false);

  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;
  ~Catalog();

  bool has_column(Feature feature) const noexcept;
  std::size_t size() const noexcept;

  /// Adds the catalogue's values for `object_id` to those features of `overrides` that have no value yet.
  /// Returns ok, no_catalog_row, or bad_aux (empty, not finite, period <= 0, amplitude < 0) with
  /// `diagnostic` filled: column, value, line.
  Status look_up(std::string_view object_id, FeatureOverrides& overrides, Diagnostic& diagnostic) const;

  /// Number of rows that were never looked up.
  std::size_t unused_rows() const;
  /// Warnings from reading: repeated ids with equal values.
  const std::vector<Diagnostic>& warnings() const noexcept;
  /// An id that differs from `object_id` only by case, surrounding spaces, leading zeros or a
  /// trailing ".0": for the hint beside no_catalog_row.
  std::optional<std::string> similar_id(std::string_view object_id) const;

 private:
  struct State;
  explicit Catalog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
