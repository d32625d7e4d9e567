// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "astrom3/source/arrow_c_data.h"
#include "astrom3/source/light_curve_table.h"
#include "astrom3/source/source.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"  // IWYU pragma: keep (completes the types of c_api.h)

namespace astrom3::c_api {
namespace {

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

std::vector<Condition> conditions_of(const astrom3_condition* where, std::size_t n) {
  if (n > 0) require(where, "where");
  std::vector<Condition> conditions;
  for (std::size_t i = 0; i < n; ++i) conditions.push_back(condition_of(where[i]));
  return conditions;
}

SourceOptions reading_of(const astrom3_options* options) {
  return options == nullptr ? SourceOptions{} : options->treatment.reading;
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

std::vector<FlatColumn> columns_of(const astrom3_column* columns, std::size_t n) {
  require(columns, "columns");
  std::vector<FlatColumn> flat;
  for (std::size_t i = 0; i < n; ++i) flat.push_back(column_of(columns[i]));
  return flat;
}

/// Puts the result of make() into *table.
template <typename Make>
astrom3_status make_table(astrom3_table** table, const Make& make) {
  return guarded([&] {
    require(table, "table");
    *table = nullptr;
    *table = new astrom3_table{make()};
    return Status::ok;
  });
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

static_assert(ASTROM3_QUALITY == static_cast<int>(LightCurveTable::Use::quality));
static_assert(ASTROM3_FLOAT64 == static_cast<int>(NumberType::float64));

astrom3_status astrom3_table_columns(const char* const* names, size_t n, const astrom3_options* options,
                                     uint8_t* read) {
  return guarded([&] {
    require(names, "names");
    require(read, "read");
    std::vector<std::string> all;
    for (std::size_t i = 0; i < n; ++i) {
      require(names[i], "names");
      all.emplace_back(names[i]);
    }
    const auto reading = LightCurveTable::columns_read(std::move(all), reading_of(options));
    for (std::size_t i = 0; i < n; ++i) read[i] = reading.ids == i ? 2 : reading.is_read[i] ? 1 : 0;
    return Status::ok;
  });
}

astrom3_status astrom3_table_uses(const char* const* names, size_t n, const astrom3_options* options,
                                  uint8_t* uses) {
  return guarded([&] {
    require(names, "names");
    require(uses, "uses");
    std::vector<std::string> all;
    for (std::size_t i = 0; i < n; ++i) {
      require(names[i], "names");
      all.emplace_back(names[i]);
    }
    const auto reading = LightCurveTable::columns_read(std::move(all), reading_of(options));
    for (std::size_t i = 0; i < n; ++i) uses[i] = static_cast<uint8_t>(reading.uses[i]);
    return Status::ok;
  });
}

astrom3_status astrom3_table_from_columns(const int64_t* offsets, size_t n, size_t n_rows,
                                          const astrom3_column* columns, size_t n_columns,
                                          const astrom3_options* options, const astrom3_condition* where,
                                          size_t n_where, astrom3_table** table) {
  return make_table(table, [&] {
    require(offsets, "offsets");
    if (n >= PTRDIFF_MAX / sizeof(int64_t))
      throw Error(Status::usage, fmt::format("offsets: {} light curves do not fit into memory", n));
    return LightCurveTable::from_columns(std::span(offsets, n + 1), n_rows, columns_of(columns, n_columns),
                                         reading_of(options), conditions_of(where, n_where));
  });
}

astrom3_status astrom3_table_from_rows(size_t n_rows, const astrom3_column* columns, size_t n_columns,
                                       const astrom3_options* options, const astrom3_condition* where,
                                       size_t n_where, astrom3_table** table) {
  return make_table(table, [&] {
    return LightCurveTable::from_rows(n_rows, columns_of(columns, n_columns), reading_of(options),
                                      conditions_of(where, n_where));
  });
}

astrom3_status astrom3_table_from_arrow(const struct ArrowSchema* schema, struct ArrowArray* array,
                                        const astrom3_options* options, const astrom3_condition* where,
                                        size_t n_where, astrom3_table** table) {
  const astrom3_status status = make_table(table, [&] {
    require(schema, "schema");
    require(array, "array");
    return LightCurveTable::from_arrow(*schema, *array, reading_of(options), conditions_of(where, n_where));
  });
  if (status != 0 && array != nullptr && array->release != nullptr) array->release(array);
  return status;
}

astrom3_status astrom3_table_is_long(const struct ArrowSchema* schema, const astrom3_options* options,
                                     int32_t* is_long) {
  return guarded([&] {
    require(schema, "schema");
    require(is_long, "is_long");
    *is_long = LightCurveTable::is_long(*schema, reading_of(options)) ? 1 : 0;
    return Status::ok;
  });
}

size_t astrom3_table_size(const astrom3_table* table) {
  return table == nullptr ? 0 : table->table.size();
}

astrom3_status astrom3_table_ids(const astrom3_table* table, size_t first, int64_t* offsets, char* bytes) {
  return guarded([&] {
    require(table, "table");
    require(offsets, "offsets");
    constexpr int64_t kMostBytes = int64_t{4} << 30;  // a dictionary may repeat one text very often
    offsets[0] = 0;
    for (std::size_t i = 0; i < table->table.size(); ++i) {
      const std::string id = table->table.object_id(i, first);
      if (offsets[i] > kMostBytes - static_cast<int64_t>(id.size()))
        throw Error(Status::usage, "object_id: the ids of these light curves take more than 4 GiB");
      if (bytes != nullptr) id.copy(bytes + offsets[i], id.size());
      offsets[i + 1] = offsets[i] + static_cast<int64_t>(id.size());
    }
    return Status::ok;
  });
}

astrom3_status astrom3_table_warnings(astrom3_table* table, const char* header, size_t* n) {
  return guarded([&] {
    require(table, "table");
    require(n, "n");
    table->warnings.clear();
    for (const Diagnostic& warning : table->table.warnings(header == nullptr ? "" : header))
      table->warnings.push_back(to_string(warning, "warning", option_spelling()));
    *n = table->warnings.size();
    return Status::ok;
  });
}

const char* astrom3_table_warning(const astrom3_table* table, size_t i) {
  if (table == nullptr || i >= table->warnings.size()) return nullptr;
  return table->warnings[i].c_str();
}

void astrom3_table_close(astrom3_table* table) {
  delete table;
}
