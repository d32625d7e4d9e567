// SPDX-License-Identifier: MIT
//
// Every text table that a test reads is read a second time as columns in memory, and must give the same.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/source/light_curve_table.h"
#include "base/number.h"
#include "formats/byte_reader.h"
#include "formats/csv.h"
#include "formats/decompressed.h"
#include "source/column_names.h"
#include "source/text_layout.h"

namespace astrom3 {

/// The cells of a text table as the columns that a data frame would hold: of numbers where every cell is one
/// or missing, else of texts.
class FrameOfText {
 public:
  FrameOfText(std::string_view text, const TextLayout& layout) {
    CsvReader reader(DecompressedReader(ByteReader::in_memory(text)));
    const std::string_view head = reader.peek(layout.header_bytes + kBom.size() + 1);
    const bool is_old_macintosh = head.find('\n') == std::string_view::npos && head.find('\r') != head.npos;
    if (head.starts_with(kBom)) reader.skip(kBom.size(), 0);
    reader.peek(layout.header_bytes);
    reader.skip(layout.header_bytes, layout.header_lines);
    reader.set_dialect({.delimiter = layout.delimiter, .line_end = is_old_macintosh ? '\r' : '\n'});
    const std::size_t n_columns = layout.plan.columns().n_columns;
    cells_.resize(n_columns);
    CsvRecord record;
    while (reader.next(record)) {
      is_whole_ = is_whole_ && record.problem == Status::ok && record.fields.size() == n_columns;
      if (!is_whole_) return;
      for (std::size_t i = 0; i < n_columns; ++i) cells_[i].emplace_back(record.fields[i]);
      ++n_rows_;
    }
    for (std::size_t i = 0; i < n_columns; ++i) {
      names_.push_back(layout.plan.names.empty() ? fmt::format("column {}", i + 1) : layout.plan.names[i]);
      // A column in memory has a place for its unit in its name alone.
      const bool has_unit = i < layout.plan.units.size() && !layout.plan.units[i].empty();
      if (layout.plan.survey == nullptr && has_unit && parse_column_name(names_.back()).unit.empty())
        names_.back() += fmt::format(" [{}]", layout.plan.units[i]);
    }
  }

  bool is_whole() const { return is_whole_ && n_rows_ > 0; }
  std::size_t n_rows() const { return n_rows_; }

  /// as_text  every column as texts
  std::vector<FlatColumn> columns(bool as_text) {
    data_.resize(cells_.size());
    codes_.resize(cells_.size());
    std::vector<FlatColumn> columns;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      FlatColumn column{.name = names_[i], .data = nullptr, .categories = {}};
      if (!as_text && take_numbers(i)) {
        column.data = data_[i].data();
      } else {
        codes_[i].clear();
        for (std::size_t row = 0; row < n_rows_; ++row) codes_[i].push_back(static_cast<std::int32_t>(row));
        column.data = codes_[i].data();
        column.type = NumberType::int32;
        column.categories = cells_[i];
      }
      columns.push_back(std::move(column));
    }
    return columns;
  }

 private:
  static constexpr std::string_view kBom = "\xef\xbb\xbf";

  /// Whether the column can be numbers without a loss: 0x10 and 007 cannot.
  bool take_numbers(std::size_t i) {
    data_[i].clear();
    for (const std::string& cell : cells_[i]) {
      const ParsedNumber number = parse_number(cell);
      if (number.kind == NumberKind::missing) {
        data_[i].push_back(std::numeric_limits<double>::quiet_NaN());
        continue;
      }
      const bool is_padded = cell.size() > 1 && cell[0] == '0' && cell[1] != '.';
      if (number.kind != NumberKind::number || is_padded) return false;
      if (cell.find('.') == std::string::npos && std::abs(number.value) > 0x1p53) return false;
      data_[i].push_back(number.value);
    }
    return true;
  }

  bool is_whole_ = true;
  std::size_t n_rows_ = 0;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> cells_;
  std::vector<std::vector<double>> data_;
  std::vector<std::vector<std::int32_t>> codes_;
};

inline void expect_same_bits(const std::vector<double>& a, const std::vector<double>& b,
                             const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint64_t>(a[i]), std::bit_cast<std::uint64_t>(b[i])) << what << " " << i;
}

/// The same light curve, but for where it was read.
inline void expect_same_object(const SourceObject& memory, const SourceObject& file) {
  const std::string& id = file.object_id;
  expect_same_bits(memory.light_curve.time, file.light_curve.time, id + " time");
  expect_same_bits(memory.light_curve.flux, file.light_curve.flux, id + " flux");
  expect_same_bits(memory.light_curve.flux_err, file.light_curve.flux_err, id + " flux_err");
  EXPECT_EQ(memory.n_raw, file.n_raw) << id;
  EXPECT_EQ(memory.dropped.nonfinite, file.dropped.nonfinite) << id;
  EXPECT_EQ(memory.dropped.missing, file.dropped.missing) << id;
  EXPECT_EQ(memory.dropped.upper_limits, file.dropped.upper_limits) << id;
  EXPECT_EQ(memory.dropped.null_values, file.dropped.null_values) << id;
  EXPECT_EQ(memory.dropped.quality, file.dropped.quality) << id;
  EXPECT_EQ(memory.dropped.other_bands, file.dropped.other_bands) << id;
  Flags flags = memory.flags;
  if (file.flags.has(Flag::no_final_newline)) flags.set(Flag::no_final_newline);
  EXPECT_EQ(flags.bits(), file.flags.bits()) << id;
  EXPECT_EQ(memory.rejection.value_or(Diagnostic{}).code, file.rejection.value_or(Diagnostic{}).code)
      << id << ": " << memory.rejection.value_or(Diagnostic{}).message;
}

/// Whether a fault of the text itself, which no table in memory has, decided what came out.
inline bool is_of_text(const SourceObject& object) {
  switch (object.rejection.value_or(Diagnostic{}).code) {
    case Status::field_count:
    case Status::unclosed_quote:
    case Status::line_too_long:
    case Status::not_text:
    case Status::bad_encoding:
    case Status::bad_compression:
    case Status::io_error:
    case Status::not_grouped:
    case Status::no_rows:
      return true;
    default:
      return false;
  }
}

/// Reads `text` as columns in memory and compares with what its source gave.
inline void expect_same_from_memory(std::string_view text, const SourceOptions& options,
                                    const TextLayout& layout, const std::vector<SourceObject>& expected) {
  const bool has_notation = options.decimal != '.' || options.d_exponent;
  if (has_notation || layout.plan.measurements.empty() || layout.plan.format == "asassn_dat") return;
  for (const SourceObject& object : expected) {
    if (is_of_text(object)) return;
  }
  FrameOfText frame(text, layout);
  if (!frame.is_whole()) return;
  for (const bool as_text : {true, false}) {
    SCOPED_TRACE(as_text ? "columns of texts" : "columns of numbers");
    try {
      const auto table = LightCurveTable::from_rows(frame.n_rows(), frame.columns(as_text), options);
      ASSERT_EQ(table.size(), expected.size());
      SourceObject object;
      for (std::size_t i = 0; i < table.size(); ++i) {
        table.read(i, object);
        if (layout.plan.columns().object_id.has_value()) {
          EXPECT_EQ(object.object_id, expected[i].object_id);
        }
        EXPECT_EQ(object.object_id, table.object_id(i));
        expect_same_object(object, expected[i]);
      }
    } catch (const Error& error) {  // the file as a whole is rejected
      ASSERT_EQ(expected.size(), 1u) << error.what();
      EXPECT_EQ(expected[0].rejection.value_or(Diagnostic{}).code, error.code()) << error.what();
    }
  }
}

}  // namespace astrom3
