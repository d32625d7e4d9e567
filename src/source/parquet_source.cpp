// SPDX-License-Identifier: MIT
#include "source/parquet_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/source/source.h"
#include "base/number.h"
#include "formats/parquet.h"
#include "formats/table_leaf.h"
#include "source/grouped_source.h"
#include "source/nested_plan.h"
#include "source/object_builder.h"
#include "source/observation_intake.h"
#include "source/table_plan.h"

namespace astrom3 {
namespace {

constexpr std::size_t kUnused = static_cast<std::size_t>(-1);

}  // namespace

/// The cells of one observation: element `element` of row `row`.
struct ParquetSource::Cells {
  const ParquetSource& source;
  std::size_t row;
  std::int64_t element;

  std::size_t index(std::size_t column) const {
    const ColumnCells& cells = source.cells_of_[column];
    const std::int64_t begin = cells.data->begin[row];
    if (source.layout_ == NestedLayout::triples) {
      const std::int64_t offset =
          element * static_cast<std::int64_t>(kTriple) + static_cast<std::int64_t>(column);
      return static_cast<std::size_t>(begin + offset);
    }
    return static_cast<std::size_t>(begin + (cells.is_series ? element : 0));
  }
  bool is_null(std::size_t column) const {
    const LeafData& data = *source.cells_of_[column].data;
    return data.length[row] < 0 || data.valid[index(column)] == 0;
  }

  ParsedNumber number(std::size_t column) const {
    if (is_null(column)) return {.kind = NumberKind::missing};
    const ColumnCells& cells = source.cells_of_[column];
    if (cells.is_text) return parse_number(text(column));
    const double value = cells.data->numbers[index(column)];
    if (std::isfinite(value)) [[likely]]
      return {.kind = NumberKind::number, .value = value};
    // Many writers have no null and say NaN.
    return {.kind = std::isnan(value) ? NumberKind::missing : NumberKind::nonfinite};
  }
  std::string_view text(std::size_t column) const {
    const ColumnCells& cells = source.cells_of_[column];
    if (!cells.is_text || is_null(column)) return {};
    return cells.data->text[index(column)];
  }
  std::optional<std::uint64_t> bits(std::size_t column) const {
    const ColumnCells& cells = source.cells_of_[column];
    if (cells.is_text) return flag_bits(text(column));
    return flag_bits(number(column));
  }
  Diagnostic at(std::size_t column, Status code, const std::string& message, Hint hint) const {
    std::string place = fmt::format("row {}", source.rows_before_ + row + 1);
    if (source.layout_ != NestedLayout::rows) place += fmt::format(", element {}", element + 1);
    Diagnostic diagnostic{.code = code,
                          .file = source.file(),
                          .column = source.plan().names[column],
                          .message = fmt::format("{}: {}", place, message),
                          .hint = hint};
    diagnostic.value = "null";
    if (!is_null(column)) {
      const ColumnCells& cells = source.cells_of_[column];
      diagnostic.value = cells.is_text ? std::string(text(column).substr(0, 80))
                                       : fmt::format("{}", cells.data->numbers[index(column)]);
    }
    return diagnostic;
  }
};

ParquetSource::ParquetSource(std::filesystem::path place, const std::string& file,
                             const SourceOptions& options)
    : GroupedSource(file, options), place_(std::move(place)) {
  std::error_code error;
  size_ = std::filesystem::file_size(place_, error);
  if (error) size_ = 0;
}

TableDescription ParquetSource::describe() const {
  if (layout_ == NestedLayout::rows) return intake().describe("Parquet, an observation a row");
  return intake().describe(layout_ == NestedLayout::lists
                               ? "Parquet, an object a row with lists"
                               : "Parquet, an object a row with a list of triples");
}

std::uint64_t ParquetSource::bytes_read() const {
  if (reader_ == nullptr || reader_->row_count() == 0) return 0;
  const double done =
      static_cast<double>(rows_before_ + next_row_) / static_cast<double>(reader_->row_count());
  return handed_out_of(static_cast<std::uint64_t>(done * static_cast<double>(size_)));
}

void ParquetSource::open() {
  reader_ = open_nested_reader(place_);
  if (reader_->row_count() == 0) fail_without_rows();
  NestedPlan nested = plan_nested_table(reader_->leaves(), options(),
                                        {.format = "parquet", .bad_column = Status::bad_parquet});
  layout_ = nested.layout;
  leaf_of_ = std::move(nested.leaf_of);
  start(std::move(nested.plan));
  warn_of_header(reader_->notes());
  select_columns();
}

void ParquetSource::select_columns() {
  const std::vector<ColumnUse> uses = uses_of_columns(plan());
  std::vector<ParquetNestedReader::Choice> choices;
  std::vector<std::size_t> choice_of(leaf_of_.size(), kUnused);
  for (std::size_t column = 0; column < leaf_of_.size(); ++column) {
    if (!uses[column].is_read && !uses[column].is_watched) continue;
    const bool text =
        uses[column].as_text || uses[column].is_watched || !reader_->leaves()[leaf_of_[column]].is_number;
    const auto same = std::find_if(choices.begin(), choices.end(), [&](const auto& c) {
      return c.leaf == leaf_of_[column] && c.as_text == text;
    });
    choice_of[column] = static_cast<std::size_t>(same - choices.begin());
    if (same == choices.end()) choices.push_back({.leaf = leaf_of_[column], .as_text = text});
  }
  data_.resize(choices.size());
  cells_of_.assign(leaf_of_.size(), {});
  for (std::size_t column = 0; column < leaf_of_.size(); ++column) {
    if (choice_of[column] == kUnused) continue;
    cells_of_[column] = {.data = &data_[choice_of[column]],
                         .is_text = choices[choice_of[column]].as_text,
                         .is_series = reader_->leaves()[leaf_of_[column]].shape == TableLeaf::Shape::series};
  }
  reader_->select(std::move(choices));
}

bool ParquetSource::read_batch() {
  rows_before_ += n_rows_in_batch_;
  next_row_ = 0;
  n_rows_in_batch_ = 0;
  throw_if_stopped();
  n_rows_in_batch_ = reader_->next(data_);
  return n_rows_in_batch_ > 0;
}

std::string_view ParquetSource::id_of(std::size_t row, bool& is_null) const {
  const auto column = columns().object_id;
  is_null = false;
  if (!column.has_value()) return file_id();
  const LeafData& data = *cells_of_[*column].data;
  is_null = data.valid[row] == 0;
  return data.text[row];
}

Diagnostic ParquetSource::at_row(std::size_t row, Status code, std::string message) const {
  return {.code = code,
          .file = file(),
          .message = fmt::format("row {}: {}", rows_before_ + row + 1, std::move(message))};
}

bool ParquetSource::read_row() {
  if (next_row_ == n_rows_in_batch_ && !read_batch()) return false;
  take_row(next_row_++);
  return true;
}

void ParquetSource::take_row(std::size_t row) {
  bool is_null = false;
  const std::string_view id = id_of(row, is_null);
  const auto number = static_cast<std::int64_t>(rows_before_ + row + 1);
  const auto no_id = [&] {
    return at_row(row, Status::bad_id, is_null ? "the id is null" : "the id is empty");
  };
  if (layout_ == NestedLayout::rows) {
    if (id.empty()) return add_row_without_id(id, no_id());
    return add_row(id, number, [&](ObjectBuilder& object) { intake().take(object, Cells{*this, row, 0}); });
  }
  // Without ids the rows of a table have the file's name and their number.
  ObjectBuilder object(columns().object_id.has_value() ? std::string(id) : fmt::format("{}:{}", id, number));
  if (id.empty()) object.reject(no_id());
  take_object(row, object);
  add_object(std::move(object));
}

void ParquetSource::take_object(std::size_t row, ObjectBuilder& object) {
  if (auto fault = fault_of_row(row)) return object.reject(*std::move(fault));
  const LeafData& times = *cells_of_[columns().time].data;
  const std::int64_t n = layout_ == NestedLayout::triples
                             ? times.length[row] / static_cast<std::int64_t>(kTriple)
                             : times.length[row];
  object.reserve(static_cast<std::size_t>(n));
  if (take_numbers(row, object)) return;
  for (std::int64_t element = 0; element < n; ++element) intake().take(object, Cells{*this, row, element});
}

/// Takes lists of nothing but finite numbers at once; false where a cell needs to be looked at by itself.
bool ParquetSource::take_numbers(std::size_t row, ObjectBuilder& object) {
  if (layout_ != NestedLayout::lists || !intake().is_plain()) return false;
  const auto numbers_of = [&](std::size_t column) -> std::optional<std::span<const double>> {
    const ColumnCells& cells = cells_of_[column];
    if (cells.is_text || !cells.is_series || cells.data->length[row] < 0) return std::nullopt;
    const auto first = static_cast<std::size_t>(cells.data->begin[row]);
    const auto n = static_cast<std::size_t>(cells.data->length[row]);
    const auto valid = std::span(cells.data->valid).subspan(first, n);
    const auto numbers = std::span<const double>(cells.data->numbers).subspan(first, n);
    if (n > 0 && std::memchr(valid.data(), 0, n) != nullptr) return std::nullopt;
    const bool are_finite =
        std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
    return are_finite ? std::optional(numbers) : std::nullopt;
  };
  const auto time = numbers_of(columns().time), value = numbers_of(columns().value);
  const auto error = numbers_of(*columns().error);
  if (!time.has_value() || !value.has_value() || !error.has_value()) return false;
  if (value->size() != time->size() || error->size() != time->size()) return false;
  intake().take_plain(object, *time, *value, *error);
  return true;
}

std::optional<Diagnostic> ParquetSource::fault_of_row(std::size_t row) {
  lists_.clear();
  for (std::size_t column = 0; column < leaf_of_.size(); ++column) {
    const ColumnCells& cells = cells_of_[column];
    const bool is_list = cells.is_series || layout_ == NestedLayout::triples;
    if (cells.data == nullptr || !is_list || column == columns().object_id) continue;
    const bool is_time = column == columns().time;
    lists_.insert(is_time ? lists_.begin() : lists_.end(), {.column = plan().names[column],
                                                            .n = cells.data->length[row],
                                                            .is_ragged = cells.data->ragged[row] != 0});
  }
  auto fault = fault_of_lists(lists_);
  if (fault.has_value()) {
    Diagnostic place = at_row(row, fault->code, std::move(fault->message));
    place.column = std::move(fault->column);
    place.hint = std::move(fault->hint);
    return place;
  }
  return fault;
}

void ParquetSource::describe_failure(Diagnostic& diagnostic) const {
  if (layout_ != NestedLayout::rows && rows_before_ + next_row_ > 0)
    diagnostic.message += fmt::format("; rows from {} on were not read", rows_before_ + next_row_ + 1);
}

}  // namespace astrom3
