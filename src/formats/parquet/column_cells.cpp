// SPDX-License-Identifier: MIT
#include "formats/parquet/column_cells.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "base/double_from_chars.h"
#include "base/utf8.h"
#include "formats/half.h"

namespace astrom3 {
namespace {

/// Everything needed to say where a bad cell is.
struct Place {
  const ColumnSpec& spec;
  std::uint64_t first_row;
  const ErrorContext& context;
  CellBudget& budget;

  void take(std::uint64_t n, std::uint64_t bytes) const { budget.take(n, bytes, spec.name, context); }
  [[noreturn]] void fail(std::int64_t row, std::string_view what) const {
    context.fail(fmt::format("row {}: {}", first_row + static_cast<std::uint64_t>(row) + 1, what), spec.name);
  }
};

bool is_decimal_type(arrow::Type::type id) {
  return id == arrow::Type::DECIMAL128 || id == arrow::Type::DECIMAL256;
}

bool is_number_type(arrow::Type::type id) {
  return arrow::is_integer(id) || arrow::is_floating(id) || is_decimal_type(id);
}

bool is_text_type(arrow::Type::type id) {
  return arrow::is_base_binary_like(id) || id == arrow::Type::FIXED_SIZE_BINARY;
}

bool is_list_type(arrow::Type::type id) {
  return id == arrow::Type::LIST || id == arrow::Type::LARGE_LIST || id == arrow::Type::FIXED_SIZE_LIST;
}

/// Arrays whose cells are numbers only after a conversion, with what visitors use of Arrow's numeric arrays.
template <typename Array, typename Convert>
struct ConvertedNumbers {
  const Array& array;
  Convert convert;

  std::int64_t length() const { return array.length(); }
  std::int64_t null_count() const { return array.null_count(); }
  bool IsValid(std::int64_t i) const { return array.IsValid(i); }
  bool IsNull(std::int64_t i) const { return array.IsNull(i); }
  auto Value(std::int64_t i) const { return convert(array, i); }
};
template <typename Array, typename Convert>
ConvertedNumbers(const Array&, Convert) -> ConvertedNumbers<Array, Convert>;

/// The double nearest to a decimal.
template <typename Array>
double number_of_decimal(const Array& array, std::int64_t i) {
  double value = 0;
  const std::string digits = array.FormatValue(i);
  const auto end = digits.data() + digits.size();
  if (const auto read = double_from_chars(digits.data(), end, value);
      read.ec != std::errc{} || read.ptr != end)
    return std::numeric_limits<double>::quiet_NaN();
  return value;
}

std::int64_t ticks_per_day(arrow::TimeUnit::type unit) {
  constexpr std::int64_t kSeconds = 86400;
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return kSeconds;
    case arrow::TimeUnit::MILLI:
      return kSeconds * 1000;
    case arrow::TimeUnit::MICRO:
      return kSeconds * 1000000;
    case arrow::TimeUnit::NANO:
      break;
  }
  return kSeconds * 1000000000;
}

/// An array of ticks as days. Whole days are taken apart, since today's nanoseconds do not fit a double;
/// tables in memory are read alike, to the bit.
template <typename Array>
auto days(const arrow::Array& array, arrow::TimeUnit::type unit) {
  return ConvertedNumbers{static_cast<const Array&>(array),
                          [per_day = ticks_per_day(unit)](const Array& array_of_ticks, std::int64_t i) {
                            const std::int64_t ticks = array_of_ticks.Value(i);
                            return static_cast<double>(ticks / per_day) +
                                   static_cast<double>(ticks % per_day) / static_cast<double>(per_day);
                          }};
}

/// Calls `visit` with dates and durations as days, and with halves and decimals as numbers.
template <typename Visit>
void visit_converted(const arrow::Array& array, const Visit& visit) {
  switch (array.type_id()) {
    case arrow::Type::HALF_FLOAT:
      return visit(
          ConvertedNumbers{static_cast<const arrow::HalfFloatArray&>(array),
                           [](const auto& halves, std::int64_t i) { return float_of_f16(halves.Value(i)); }});
    case arrow::Type::DECIMAL128:
      return visit(ConvertedNumbers{static_cast<const arrow::Decimal128Array&>(array),
                                    number_of_decimal<arrow::Decimal128Array>});
    case arrow::Type::DECIMAL256:
      return visit(ConvertedNumbers{static_cast<const arrow::Decimal256Array&>(array),
                                    number_of_decimal<arrow::Decimal256Array>});
    case arrow::Type::DATE32:
      return visit(static_cast<const arrow::Date32Array&>(array));
    case arrow::Type::DATE64:
      return visit(days<arrow::Date64Array>(array, arrow::TimeUnit::MILLI));
    case arrow::Type::TIMESTAMP:
      return visit(
          days<arrow::TimestampArray>(array, static_cast<const arrow::TimestampType&>(*array.type()).unit()));
    case arrow::Type::DURATION:
      return visit(
          days<arrow::DurationArray>(array, static_cast<const arrow::DurationType&>(*array.type()).unit()));
    default:
      return;
  }
}

/// Calls `visit` with the array as its own numeric type.
template <typename Visit>
void visit_numbers(const arrow::Array& array, const Visit& visit) {
  switch (array.type_id()) {
#define ASTROM3_CASE(ID, ARRAY) \
  case arrow::Type::ID:         \
    return visit(static_cast<const arrow::ARRAY&>(array))
    ASTROM3_CASE(INT8, Int8Array);
    ASTROM3_CASE(INT16, Int16Array);
    ASTROM3_CASE(INT32, Int32Array);
    ASTROM3_CASE(INT64, Int64Array);
    ASTROM3_CASE(UINT8, UInt8Array);
    ASTROM3_CASE(UINT16, UInt16Array);
    ASTROM3_CASE(UINT32, UInt32Array);
    ASTROM3_CASE(UINT64, UInt64Array);
    ASTROM3_CASE(FLOAT, FloatArray);
    ASTROM3_CASE(DOUBLE, DoubleArray);
#undef ASTROM3_CASE
    default:
      return visit_converted(array, visit);
  }
}

void mark_valid(const arrow::Array& array, ColumnData& column) {
  column.valid.assign(static_cast<std::size_t>(array.length()), 1);
  if (array.null_count() == 0) return;
  for (std::int64_t i = 0; i < array.length(); ++i)
    column.valid[static_cast<std::size_t>(i)] = array.IsValid(i) ? 1 : 0;
}

template <typename T>
std::string number_text(T value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// Text of one width, as of numpy: what is shorter ends in NULs.
struct PaddedText {
  const arrow::FixedSizeBinaryArray& array;

  std::int64_t length() const { return array.length(); }
  bool IsValid(std::int64_t i) const { return array.IsValid(i); }
  std::string_view GetView(std::int64_t i) const {
    std::string_view cell = array.GetView(i);
    cell.remove_suffix(cell.size() - (cell.find_last_not_of('\0') + 1));
    return cell;
  }
};

void read_text(const arrow::Array& array, const Place& place, ColumnData& column) {
  const auto take = [&](const auto& strings) {
    for (std::int64_t i = 0; i < strings.length(); ++i) {
      const std::string_view cell = strings.IsValid(i) ? strings.GetView(i) : std::string_view{};
      place.take(1, cell.size());
      if (find_invalid_utf8(cell) != std::string_view::npos) place.fail(i, "text that is not UTF-8");
      column.text.emplace_back(cell);
    }
  };
  const auto take_decimals = [&](const auto& decimals) {
    for (std::int64_t i = 0; i < decimals.length(); ++i)
      column.text.push_back(decimals.IsValid(i) ? decimals.FormatValue(i) : std::string{});
  };
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return take(static_cast<const arrow::BinaryArray&>(array));
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return take(static_cast<const arrow::LargeBinaryArray&>(array));
    case arrow::Type::DECIMAL128:
      return take_decimals(static_cast<const arrow::Decimal128Array&>(array));
    case arrow::Type::DECIMAL256:
      return take_decimals(static_cast<const arrow::Decimal256Array&>(array));
    case arrow::Type::FIXED_SIZE_BINARY:
      return take(PaddedText{static_cast<const arrow::FixedSizeBinaryArray&>(array)});
    case arrow::Type::BOOL: {
      const auto& flags = static_cast<const arrow::BooleanArray&>(array);
      for (std::int64_t i = 0; i < flags.length(); ++i)
        column.text.emplace_back(flags.IsValid(i) ? (flags.Value(i) ? "true" : "false") : "");
      return;
    }
    default:
      break;
  }
  visit_numbers(array, [&](const auto& numbers) {
    for (std::int64_t i = 0; i < numbers.length(); ++i)
      column.text.push_back(numbers.IsValid(i) ? number_text(numbers.Value(i)) : std::string{});
  });
}

void read_integers(const arrow::Array& array, const Place& place, ColumnData& column) {
  place.take(static_cast<std::uint64_t>(array.length()), sizeof(std::int64_t));
  visit_numbers(array, [&](const auto& numbers) {
    for (std::int64_t i = 0; i < numbers.length(); ++i) {
      const auto value = numbers.IsValid(i) ? numbers.Value(i) : 0;
      if constexpr (std::is_same_v<decltype(numbers.Value(i)), std::uint64_t>) {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
          place.fail(i, fmt::format("{} does not fit 64 bits with a sign", value));
      }
      column.integers.push_back(static_cast<std::int64_t>(value));
    }
  });
}

void read_numbers(const arrow::Array& array, const Place& place, ColumnData& column) {
  place.take(static_cast<std::uint64_t>(array.length()), sizeof(double));
  visit_numbers(array, [&](const auto& numbers) {
    if constexpr (requires { numbers.raw_values(); }) {
      const auto* const values = numbers.raw_values();
      column.numbers.assign(values, values + numbers.length());
    } else {
      column.numbers.resize(static_cast<std::size_t>(numbers.length()));
      for (std::int64_t i = 0; i < numbers.length(); ++i)
        column.numbers[static_cast<std::size_t>(i)] = numbers.IsValid(i) ? numbers.Value(i) : 0;
    }
    for (std::int64_t i = 0; i < numbers.length() && numbers.null_count() > 0; ++i) {
      if (numbers.IsNull(i)) column.numbers[static_cast<std::size_t>(i)] = 0;
    }
  });
}

/// A list array of any kind as ranges of one array of values.
struct Lists {
  Lists(const arrow::Array& array, const Place& place) {
    place.take(static_cast<std::uint64_t>(array.length()), sizeof ranges.front());
    const auto take = [this](const auto& lists) {
      values = lists.values();
      for (std::int64_t i = 0; i < lists.length(); ++i)
        ranges.emplace_back(lists.value_offset(i), static_cast<std::int64_t>(lists.value_length(i)));
    };
    if (array.type_id() == arrow::Type::LIST) take(static_cast<const arrow::ListArray&>(array));
    if (array.type_id() == arrow::Type::LARGE_LIST) take(static_cast<const arrow::LargeListArray&>(array));
    if (array.type_id() == arrow::Type::FIXED_SIZE_LIST)
      take(static_cast<const arrow::FixedSizeListArray&>(array));
  }
  std::shared_ptr<arrow::Array> values;
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges;  ///< offset, length
};

void require_length(std::int64_t length, std::size_t& expected, std::int64_t row, const Place& place) {
  if (expected == 0) expected = static_cast<std::size_t>(length);
  if (static_cast<std::size_t>(length) != expected)
    place.fail(row, fmt::format("a list of {} values, expected {}", length, expected));
}

void append_floats(const arrow::Array& values, std::int64_t offset, std::int64_t length, std::int64_t row,
                   const Place& place, std::vector<float>& out) {
  place.take(static_cast<std::uint64_t>(length), sizeof(float));
  const auto slice = values.Slice(offset, length);
  if (slice->null_count() > 0) place.fail(row, "a null inside a list");
  visit_numbers(*slice, [&](const auto& numbers) {
    for (std::int64_t i = 0; i < length; ++i) out.push_back(static_cast<float>(numbers.Value(i)));
  });
}

void read_lists(const arrow::Array& array, ColumnSpec& spec, const Place& place, ColumnData& column) {
  const bool is_matrix = spec.type == CellType::matrix;
  const auto cells_of_null = [&] { return spec.width * (is_matrix ? spec.steps : 1); };
  const Lists outer(array, place);
  const Lists inner = is_matrix ? Lists(*outer.values, place) : outer;
  std::size_t n_leading_nulls = 0;
  for (std::int64_t row = 0; row < array.length(); ++row) {
    if (array.IsNull(row)) {
      if (spec.width == 0 || (is_matrix && spec.steps == 0)) {
        ++n_leading_nulls;
      } else {
        place.take(cells_of_null(), sizeof(float));
        column.floats.resize(column.floats.size() + cells_of_null(), 0.0f);
      }
      continue;
    }
    const auto [offset, length] = outer.ranges[static_cast<std::size_t>(row)];
    require_length(length, is_matrix ? spec.steps : spec.width, row, place);
    for (std::int64_t k = is_matrix ? offset : row; k < (is_matrix ? offset + length : row + 1); ++k) {
      if (is_matrix && outer.values->IsNull(k)) place.fail(row, "a null inside a list");
      const auto [start, width] = inner.ranges[static_cast<std::size_t>(k)];
      require_length(width, spec.width, row, place);
      append_floats(*inner.values, start, width, row, place, column.floats);
    }
  }
  // The size of the nulls before the first list was not known until that list.
  if (n_leading_nulls == 0) return;
  const std::size_t cell = cells_of_null();
  place.take(n_leading_nulls, checked_product(cell, sizeof(float)).value_or(UINT64_MAX));
  column.floats.insert(column.floats.begin(), n_leading_nulls * cell, 0.0f);
}

/// Cells with any number of rows. A cell that is not complete is null; the other cells are kept.
void read_rows(const arrow::Array& array, const ColumnSpec& spec, const Place& place, ColumnData& column) {
  const Lists outer(array, place);
  const Lists inner(*outer.values, place);
  column.counts.assign(static_cast<std::size_t>(array.length()), 0);
  for (std::int64_t row = 0; row < array.length(); ++row) {
    const auto cell = static_cast<std::size_t>(row);
    if (column.valid[cell] == 0) continue;
    const auto [offset, length] = outer.ranges[cell];
    bool whole = true;
    for (std::int64_t k = offset; whole && k < offset + length; ++k) {
      const auto [start, width] = inner.ranges[static_cast<std::size_t>(k)];
      whole = outer.values->IsValid(k) && static_cast<std::size_t>(width) == spec.width &&
              inner.values->Slice(start, width)->null_count() == 0;
    }
    column.valid[cell] = whole ? 1 : 0;
    if (!whole) continue;
    for (std::int64_t k = offset; k < offset + length; ++k) {
      const auto [start, width] = inner.ranges[static_cast<std::size_t>(k)];
      append_floats(*inner.values, start, width, row, place, column.floats);
    }
    column.counts[cell] = static_cast<std::size_t>(length);
  }
}

}  // namespace

bool is_readable_as(const arrow::DataType& type, CellType wanted) {
  const arrow::Type::type id = type.id();
  switch (wanted) {
    case CellType::text:
      return is_text_type(id) || is_number_type(id) || id == arrow::Type::BOOL;
    case CellType::integer:
      return arrow::is_integer(id);
    case CellType::number:
      return is_number_type(id);
    case CellType::vector:
      return is_list_type(id) && arrow::is_floating(type.field(0)->type()->id());
    case CellType::matrix:
    case CellType::rows:
      return is_list_type(id) && is_readable_as(*type.field(0)->type(), CellType::vector);
  }
  return false;
}

bool is_time(const arrow::DataType& type) {
  return type.id() == arrow::Type::TIMESTAMP || type.id() == arrow::Type::DURATION ||
         arrow::is_date(type.id());
}

void read_cells(const arrow::Array& array, ColumnSpec& spec, std::uint64_t first_row,
                const ErrorContext& context, CellBudget& budget, ColumnData& column) {
  const Place place{spec, first_row, context, budget};
  place.take(static_cast<std::uint64_t>(array.length()), sizeof column.valid.front());
  column.clear();
  mark_valid(array, column);
  switch (spec.type) {
    case CellType::text:
      place.take(static_cast<std::uint64_t>(array.length()), sizeof(std::string));
      return read_text(array, place, column);
    case CellType::integer:
      return read_integers(array, place, column);
    case CellType::number:
      return read_numbers(array, place, column);
    case CellType::vector:
    case CellType::matrix:
      return read_lists(array, spec, place, column);
    case CellType::rows:
      return read_rows(array, spec, place, column);
  }
}

}  // namespace astrom3
