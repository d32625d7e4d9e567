// SPDX-License-Identifier: MIT
//
// How observations are made of the rows of a table: which columns and bands are read, what is dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/source/source.h"
#include "source/columns.h"
#include "source/survey_formats.h"

namespace astrom3 {

/// A rule whose column exists.
struct BoundRule {
  const DropRule* rule = nullptr;
  std::size_t column = 0;
};

/// One measurement of a row: where it is and, in a row of several, which band it has.
struct Measurement {
  ColumnMap columns;
  std::string band{};              ///< of this measurement; "" if a column says it, or nothing
  std::vector<BoundRule> rules{};  ///< of this measurement alone
};

/// A condition of --where: a row is kept if its cell is one of these values.
struct RowCondition {
  std::size_t column = 0;
  std::vector<std::string> values;
};

/// What says how bright magnitude 0 is.
enum class MagnitudeSystem : std::uint8_t { of_band, ab, vega };

/// The system that a unit of magnitudes names, as "mag(AB)", "ABmag" or "Vega".
MagnitudeSystem system_of(std::string_view unit);

struct TablePlan {
  std::string format;                     ///< "csv", "dat", or a survey format's name
  const SurveyFormat* survey = nullptr;   ///< null: a table of no known survey
  std::vector<std::string> names;         ///< of the columns; empty where they are numbered
  std::vector<std::string> units;         ///< beside the names, as the table has them; "" if it has none
  std::vector<Measurement> measurements;  ///< of a row, at least one
  std::vector<BoundRule> rules;           ///< for every measurement
  double time_units_per_day = 1;          ///< 86400 where times are seconds
  double epoch = 0;                       ///< the day of time 0
  double mjy_per_unit = 0;                ///< of fluxes; 0: as the survey's unit says
  double mag_per_unit = 1;                ///< of magnitudes; 0.001 where they are in mmag
  double error_per_value_unit = 1;        ///< how many units of the value one unit of its error is
  std::optional<std::size_t> zero_point;  ///< column: AB magnitude of one flux unit
  std::optional<std::size_t> zero_point_system;  ///< column: "ab" where it is AB, of magnitudes "vega"
  std::optional<std::size_t> row_unit;           ///< column: the unit of the values and errors of its row
  MagnitudeSystem system = MagnitudeSystem::of_band;  ///< as the unit of the magnitudes says
  bool has_real_ids = false;                          ///< the column of ids holds floating-point numbers
  std::optional<double> missing_error;                ///< used if no column or cell has an error
  std::string band;                                   ///< the band that the file names; "" if it names none
  std::vector<RowCondition> conditions;
  std::optional<std::size_t> magnitude_beside;  ///< column: the magnitude that the flux has to agree with
  std::vector<std::size_t> quality;       ///< columns that tell good rows from bad ones, but are in no rule
  std::vector<std::size_t> watched;       ///< columns whose few values may be bands that nobody named
  std::vector<std::size_t> likely_bands;  ///< those of them whose names are those of bands
  /// Columns that may say whose a row is, if no column is known to; or others that are called so.
  std::vector<std::size_t> possible_ids;
  /// Longitude and latitude on the sky, both watched, if no column holds ids.
  std::optional<std::pair<std::size_t, std::size_t>> position;

  /// The column of quality whose values say how the columns of quality, which are not used, could be.
  std::optional<std::size_t> remarked_quality() const noexcept {
    const bool may_be = survey == nullptr || survey->names_quality;
    const bool is_remarked = may_be && !quality.empty() && conditions.empty();
    return is_remarked ? std::optional(quality.front()) : std::nullopt;
  }
  const ColumnMap& columns() const noexcept { return measurements.front().columns; }
  /// For messages: the name, or "field 3" where there is none.
  std::string name_of(std::size_t column) const;
};

/// How the cells of a column are read.
struct ColumnUse {
  bool is_read = false;
  bool as_text = false;     ///< also as text
  bool is_watched = false;  ///< as text, where that can be had: no light curve needs it
};

/// The use of every column of the plan: what the intake asks its cells for.
std::vector<ColumnUse> uses_of_columns(const TablePlan& plan);

/// A number in the header of a file, if there is one.
using HeaderCard = std::function<std::optional<double>(std::string_view keyword)>;

/// The plan for columns with these labels; `survey` may be null.
///
/// card  numbers that the survey keeps in the header; null if there is no header
/// Throws what map_columns() throws, Error mixed_bands if a row holds several bands and the options choose
/// none, bad_header for values in a unit without a known size.
TablePlan plan_table(ColumnLabels labels, const SurveyFormat* survey, const SourceOptions& options,
                     const HeaderCard& card = {});

/// As plan_table(), for columns without names: the fields have numbers.
TablePlan plan_numbered_table(std::size_t n_columns, const SurveyFormat* survey,
                              const SourceOptions& options);

}  // namespace astrom3
