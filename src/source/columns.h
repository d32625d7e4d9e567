// SPDX-License-Identifier: MIT
//
// Which column of a table is the time, the flux, ...: recognised header names and --columns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "source/column_names.h"

namespace astrom3 {

/// What a column is for. The names are those of --columns (object_id: --id-column).
enum class ColumnRole : std::uint8_t { time, mag, mag_err, flux, flux_err, band, object_id };
inline constexpr std::size_t kColumnRoles = 7;

std::string_view role_name(ColumnRole role) noexcept;
/// Whether `name` may be given to --columns.
bool is_column_role(std::string_view name) noexcept;

/// Positions (0-based) of the columns that are read.
struct ColumnMap {
  std::size_t n_columns = 0;
  std::size_t time = 0;
  std::size_t value = 0;             ///< the flux, or the magnitude if no flux is read
  bool is_magnitude = false;         ///< what `value` and `error` hold
  bool has_magnitudes = false;       ///< there is a magnitude column, read or not
  bool has_fluxes = false;           ///< there is a flux column, read or not
  std::optional<std::size_t> error;  ///< none: SourceOptions::missing_error is used
  std::optional<std::size_t> band;
  std::optional<std::size_t> object_id;
};

/// Whether these header fields name at least a time and a flux or magnitude.
bool names_a_light_curve(std::span<const std::string_view> fields, const SourceOptions& options);

/// The value of --columns and --id-column for "the table has no such column": "band=-".
inline constexpr std::string_view kNoColumn = "-";

/// Finds every role. Recognised names are compared without case, and in the order of the list (hjd before
/// mjd). A flux with a known unit is preferred to magnitudes, and magnitudes are preferred to a flux without
/// a known unit. Throws Error missing_column (listing the columns found), ambiguous_column (also if two
/// columns may hold the ids), or missing_error_column.
ColumnMap map_columns(const ColumnLabels& labels, const SourceOptions& options);

/// Whether `name` is that of a time, a magnitude, a flux or an error, read or not.
bool is_measurement(std::string_view name, const SourceOptions& options);

/// Whether `name` is that of a time.
bool is_time(std::string_view name, const SourceOptions& options);

/// Whether a column of quality marks the good rows, as "is_good", and not the bad ones.
bool marks_good_rows(std::string_view name);

/// Whether `name` is one of the names of bands, or of ids.
bool may_hold_bands(std::string_view name);
bool may_hold_ids(std::string_view name);

/// How many columns may hold the ids, by their names; 1 if the documented name is among them.
std::size_t count_id_columns(std::span<const std::string> names);

/// As map_columns(), for a table without header: all of SourceOptions::columns are 1-based numbers.
/// Throws Error bad_header (with the hint how to name the columns), or missing_column.
ColumnMap map_numbered_columns(std::size_t n_columns, const SourceOptions& options);

/// Whether --columns holds nothing but field numbers.
bool columns_are_numbers(const SourceOptions& options);

/// Throws Error usage for a role of --columns that does not exist or has no column.
void check_columns_option(const SourceOptions& options);

}  // namespace astrom3
