// SPDX-License-Identifier: MIT
//
// How observations are taken from the rows of a table: which columns, which bands, what to drop.
#pragma once

#include <cstddef>
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

/// A rule whose column is there.
struct BoundRule {
  const DropRule* rule = nullptr;
  std::size_t column = 0;
};

/// One measurement of a row: where it is and, in a row of several, which band it has.
struct Measurement {
  ColumnMap columns;
  std::string band{};              ///< of this measurement; "" where a column or nothing says it
  std::vector<BoundRule> rules{};  ///< of this measurement alone
};

/// A condition of --where: rows are kept whose cell is one of these values.
struct RowCondition {
  std::size_t column = 0;
  std::vector<std::string> values;
};

struct TablePlan {
  std::string format;                     ///< "csv", "dat", or a survey format's name
  const SurveyFormat* survey = nullptr;   ///< null: a table of no known survey
  std::vector<std::string> names;         ///< of the columns; empty where they are numbered
  std::vector<std::string> units;         ///< beside the names, as the table says them; "" where it says none
  std::vector<Measurement> measurements;  ///< of a row, at least one
  std::vector<BoundRule> rules;           ///< for every measurement
  double time_units_per_day = 1;          ///< 86400 where times are seconds
  double epoch = 0;                       ///< the day of time 0
  double mjy_per_unit = 0;                ///< of fluxes; 0: as the survey's unit says
  double mag_per_unit = 1;                ///< of magnitudes; 0.001 where they are in mmag
  double error_per_value_unit = 1;        ///< how many units of the value one unit of its error is
  std::optional<std::size_t> zero_point;  ///< column: AB magnitude of one flux unit
  std::optional<std::size_t> zero_point_system;  ///< column: "ab" where it is AB
  std::optional<double> missing_error;           ///< where no column or cell has an error
  std::string band;  ///< what the file itself says the band is; "" when it does not
  std::vector<RowCondition> conditions;
  std::optional<std::size_t> magnitude_beside;  ///< column: what the flux has to agree with
  std::vector<std::size_t> quality;  ///< columns that tell good rows from bad ones and that no rule reads
  std::vector<std::size_t> watched;  ///< columns whose few values may be bands that nobody named
  /// Longitude and latitude on the sky, both watched, where no column says whose a row is.
  std::optional<std::pair<std::size_t, std::size_t>> position;

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

/// A number in the header of a file, where there is one.
using HeaderCard = std::function<std::optional<double>(std::string_view keyword)>;

/// The plan for columns so labelled; `survey` may be null.
///
/// card  what the survey keeps in the header; null where there is none
/// Throws what map_columns() throws, Error mixed_bands where a row holds several bands and the options choose
/// none, bad_header for values in a unit of which nobody knows how much it is.
TablePlan plan_table(ColumnLabels labels, const SurveyFormat* survey, const SourceOptions& options,
                     const HeaderCard& card = {});

/// The same for columns without names: the fields have numbers.
TablePlan plan_numbered_table(std::size_t n_columns, const SurveyFormat* survey,
                              const SourceOptions& options);

}  // namespace astrom3
