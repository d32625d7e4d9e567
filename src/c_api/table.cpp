// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "c_api/boundary.h"
#include "c_api/handles.h"

namespace astrom3::c_api {
namespace {

std::string text_or(const char* text, const char* otherwise) {
  return text == nullptr ? otherwise : text;
}

Condition condition_of(const astrom3_condition& given) {
  require(given.column, "where: column");
  if (given.n_numbers > 0) require(given.numbers, "where: numbers");
  Condition condition{.column = given.column, .numbers = {}, .texts = {}};
  condition.numbers.assign(given.numbers, given.numbers + given.n_numbers);
  for (std::size_t i = 0; i < given.n_texts; ++i) {
    require(given.texts, "where: texts");
    require(given.texts[i], "where: texts");
    condition.texts.emplace_back(given.texts[i]);
  }
  return condition;
}

SourceOptions options_of(const astrom3_table_options* given) {
  require_struct(given, "options");
  if (given->flux_unit < ASTROM3_NJY || given->flux_unit > ASTROM3_AB27_5) {
    throw Error(Status::usage, fmt::format("options: no flux unit has the number {}", given->flux_unit));
  }
  SourceOptions options;
  options.nested = text_or(given->nested, "");
  options.magnitudes = given->is_magnitude != 0;
  if (given->time != nullptr) options.columns["time"] = given->time;
  if (given->value != nullptr) options.columns[options.magnitudes ? "mag" : "flux"] = given->value;
  if (given->error != nullptr) options.columns[options.magnitudes ? "mag_err" : "flux_err"] = given->error;
  if (given->band_column != nullptr) options.columns["band"] = given->band_column;
  options.band = text_or(given->band, "");
  options.flux_unit = static_cast<FluxUnit>(given->flux_unit);
  options.nonfinite = given->drop_nonfinite != 0 ? NonfinitePolicy::drop : NonfinitePolicy::reject;
  if (!std::isnan(given->zero_point_jy)) options.zero_point_jy = given->zero_point_jy;
  return options;
}

std::vector<Condition> conditions_of(const astrom3_table_options& given) {
  if (given.n_where > 0) require(given.where, "where");
  std::vector<Condition> conditions;
  for (std::size_t i = 0; i < given.n_where; ++i) conditions.push_back(condition_of(given.where[i]));
  return conditions;
}

FlatColumn column_of(const astrom3_column& given) {
  require(given.name, "columns: name");
  if (given.type < ASTROM3_INT8 || given.type > ASTROM3_FLOAT64) {
    throw Error(Status::usage,
                fmt::format("column \"{}\": no type has the number {}", escaped(given.name), given.type));
  }
  FlatColumn column{
      .name = given.name, .data = given.data, .type = static_cast<NumberType>(given.type), .categories = {}};
  for (std::size_t i = 0; i < given.n_categories; ++i) {
    require(given.categories, "columns: categories");
    require(given.categories[i], "columns: categories");
    column.categories.emplace_back(given.categories[i]);
  }
  return column;
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

static_assert(ASTROM3_FLOAT64 == static_cast<int>(NumberType::float64));
static_assert(ASTROM3_AB27_5 == static_cast<int>(FluxUnit::AB27_5));

void astrom3_table_options_init(astrom3_table_options* options) {
  if (options == nullptr) return;
  *options = {};
  options->struct_size = sizeof *options;
  options->flux_unit = ASTROM3_MJY;
  options->zero_point_jy = std::numeric_limits<double>::quiet_NaN();
}

astrom3_status astrom3_table_from_columns(const int64_t* offsets, size_t n, size_t n_rows,
                                          const astrom3_column* columns, size_t n_columns,
                                          const astrom3_table_options* options, astrom3_table** table) {
  return guarded([&] {
    require(offsets, "offsets");
    require(columns, "columns");
    require(table, "table");
    *table = nullptr;
    std::vector<FlatColumn> flat;
    for (std::size_t i = 0; i < n_columns; ++i) flat.push_back(column_of(columns[i]));
    *table = new astrom3_table{LightCurveTable::from_columns(
        std::span(offsets, n + 1), n_rows, std::move(flat), options_of(options), conditions_of(*options))};
    return Status::ok;
  });
}

astrom3_status astrom3_table_from_arrow(const struct ArrowSchema* schema, struct ArrowArray* array,
                                        const astrom3_table_options* options, astrom3_table** table) {
  const astrom3_status status = guarded([&] {
    require(schema, "schema");
    require(array, "array");
    require(table, "table");
    *table = nullptr;
    *table = new astrom3_table{
        LightCurveTable::from_arrow(*schema, *array, options_of(options), conditions_of(*options))};
    return Status::ok;
  });
  if (status != 0 && array != nullptr && array->release != nullptr) array->release(array);
  return status;
}

size_t astrom3_table_size(const astrom3_table* table) {
  return table == nullptr ? 0 : table->table.size();
}

void astrom3_table_close(astrom3_table* table) {
  delete table;
}
