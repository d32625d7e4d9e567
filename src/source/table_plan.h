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

struct TablePlan {
  std::string format;                     ///< "csv", "dat", or a survey format's name
  const SurveyFormat* survey = nullptr;   ///< null: a table of no known survey
  std::vector<std::string> names;         ///< of the columns; empty where they are numbered
  std::vector<Measurement> measurements;  ///< of a row, at least one
  std::vector<BoundRule> rules;           ///< for every measurement
  double time_units_per_day = 1;          ///< 86400 where times are seconds
  double mjy_per_unit = 0;                ///< of fluxes; 0: as the survey's unit says
  std::optional<std::size_t> zero_point;  ///< column: AB magnitude of one flux unit
  std::optional<double> missing_error;    ///< where no column or cell has an error
  std::string band;                       ///< what the file itself says the band is; "" when it does not

  const ColumnMap& columns() const noexcept { return measurements.front().columns; }
};

/// How the cells of a column are read.
struct ColumnUse {
  bool is_read = false;
  bool as_text = false;  ///< also as text
};

/// The use of every column of the plan: what the intake asks its cells for.
std::vector<ColumnUse> uses_of_columns(const TablePlan& plan);

/// A number in the header of a file, where there is one.
using HeaderCard = std::function<std::optional<double>(std::string_view keyword)>;

/// The plan for columns called `names`; `survey` may be null.
///
/// card  what the survey keeps in the header; null where there is none
/// Throws what map_columns() throws, Error mixed_bands where a row holds several bands and the options choose
/// none, bad_header for fluxes of which nobody knows how much they are.
TablePlan plan_table(std::vector<std::string> names, const SurveyFormat* survey, const SourceOptions& options,
                     const HeaderCard& card = {});

/// The same for columns without names: the fields have numbers.
TablePlan plan_numbered_table(std::size_t n_columns, const SurveyFormat* survey,
                              const SourceOptions& options);

}  // namespace astrom3
