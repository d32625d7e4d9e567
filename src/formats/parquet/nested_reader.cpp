// SPDX-License-Identifier: MIT
#include "formats/parquet/nested_reader.h"

#include <arrow/api.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/parquet/astropy_notes.h"
#include "formats/parquet/column_cells.h"
#include "formats/parquet/column_masks.h"
#include "formats/parquet/open_file.h"
#include "formats/parquet/stored_schema.h"

namespace astrom3 {
namespace {

constexpr std::int64_t kTriple = 3;

bool is_list_array(arrow::Type::type id) {
  return id == arrow::Type::LIST || id == arrow::Type::LARGE_LIST || id == arrow::Type::FIXED_SIZE_LIST;
}

struct LeafPlace {
  std::vector<std::string> path;  ///< names, lists left out
  std::shared_ptr<arrow::DataType> type;
};

/// The leaves below a column, in the order of its Parquet columns.
class LeafFinder {
 public:
  LeafFinder(std::vector<TableLeaf>& leaves, std::vector<LeafPlace>& places)
      : leaves_(leaves), places_(places) {}

  /// unit  of the column, where its field does not give one
  void add(const arrow::Field& column, const std::string& unit) {
    type_ = column.type()->ToString();
    walk(column, {column.name()}, 0, unit);
  }

 private:
  /// unit  of the lists that the field is in
  void walk(const arrow::Field& field, std::vector<std::string> path, int depth, std::string unit) {
    const arrow::DataType& type = *field.type();
    if (std::string own = unit_of(field); !own.empty()) unit = std::move(own);
    if (type.id() == arrow::Type::STRUCT) {
      for (const auto& child : type.fields()) {
        std::vector<std::string> longer = path;
        longer.push_back(child->name());
        walk(*child, std::move(longer), depth, {});
      }
    } else if (is_list_array(type.id())) {
      walk(*type.field(0), std::move(path), depth + 1, std::move(unit));
    } else {
      add_leaf(field.type(), std::move(path), depth, std::move(unit));
    }
  }

  void add_leaf(const std::shared_ptr<arrow::DataType>& type, std::vector<std::string> path, int depth,
                std::string unit) {
    TableLeaf leaf;
    leaf.name = path.back();
    if (path.size() > 1) leaf.group = path.front();
    leaf.type = type_;
    leaf.unit = std::move(unit);
    leaf.is_time = is_time(*type);
    leaf.is_number = leaf.is_time || is_readable_as(*type, CellType::number);
    leaf.is_readable = is_readable_as(*type, CellType::text);
    leaf.is_real = arrow::is_floating(type->id()) || arrow::is_decimal(type->id());
    constexpr TableLeaf::Shape kShapes[] = {TableLeaf::Shape::scalar, TableLeaf::Shape::series,
                                            TableLeaf::Shape::triples};
    if (depth <= 2) leaf.shape = kShapes[depth];
    leaves_.push_back(std::move(leaf));
    places_.push_back({.path = std::move(path), .type = type});
  }

  std::vector<TableLeaf>& leaves_;
  std::vector<LeafPlace>& places_;
  std::string type_;
};

/// The rows of a column as ranges of an array of cells.
struct Rows {
  std::shared_ptr<arrow::Array> cells;
  std::vector<std::int64_t> begin, length;

  explicit Rows(std::shared_ptr<arrow::Array> column) : cells(std::move(column)) {
    for (std::int64_t i = 0; i < cells->length(); ++i) {
      begin.push_back(i);
      length.push_back(1);
    }
  }

  /// A null row, or one whose struct is null, has length -1 from then on.
  void mark_nulls() {
    for (std::size_t row = 0; row < begin.size(); ++row) {
      if (length[row] == 1 && begin[row] < cells->length() && cells->IsNull(begin[row])) length[row] = -1;
    }
  }

  void open_lists() {
    mark_nulls();
    const auto take = [this](const auto& lists) {
      const std::int64_t n = lists.length();
      const std::int64_t first = n > 0 ? lists.value_offset(0) : 0;
      const std::int64_t last = n > 0 ? lists.value_offset(n - 1) + lists.value_length(n - 1) : 0;
      for (std::size_t row = 0; row < begin.size(); ++row) {
        if (length[row] < 0) continue;
        length[row] = lists.value_length(begin[row]);
        begin[row] = lists.value_offset(begin[row]) - first;
      }
      return lists.values()->Slice(first, last - first);
    };
    std::shared_ptr<arrow::Array> values;
    if (cells->type_id() == arrow::Type::LIST) values = take(static_cast<const arrow::ListArray&>(*cells));
    if (cells->type_id() == arrow::Type::LARGE_LIST)
      values = take(static_cast<const arrow::LargeListArray&>(*cells));
    if (cells->type_id() == arrow::Type::FIXED_SIZE_LIST)
      values = take(static_cast<const arrow::FixedSizeListArray&>(*cells));
    cells = std::move(values);
  }
};

class NestedReader final : public ParquetNestedReader {
 public:
  explicit NestedReader(const std::filesystem::path& path) : context_{Status::bad_parquet, path.string()} {
    ParquetFile file = open_parquet_file(path, context_);
    reader_ = std::move(file.reader);
    masks_.emplace(*reader_);
    n_rows_ = static_cast<std::uint64_t>(reader_->parquet_reader()->metadata()->num_rows());
    const UnitsByName units = units_noted_beside();
    LeafFinder finder(leaves_, places_);
    const auto& fields = reader_->manifest().schema_fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::size_t n_before = leaves_.size();
      const arrow::Field& column = *file.columns[i];
      const auto noted = units.find(column.name());
      finder.add(column, noted == units.end() ? std::string{} : noted->second);
      std::vector<int> columns;
      collect_leaves(fields[i], columns);
      if (columns.size() != leaves_.size() - n_before) {  // a map, a union: nothing that is read here
        leaves_.resize(n_before);
        places_.resize(n_before);
        continue;
      }
      columns_.insert(columns_.end(), columns.begin(), columns.end());
    }
  }

  const std::vector<TableLeaf>& leaves() const override { return leaves_; }
  std::uint64_t row_count() const override { return n_rows_; }

  std::string notes() const override {
    constexpr std::size_t kMostBytes = 1 << 16;
    const auto& pairs = reader_->parquet_reader()->metadata()->key_value_metadata();
    std::string notes;
    for (int i = 0; pairs != nullptr && i < pairs->size() && notes.size() < kMostBytes; ++i) {
      const bool is_yaml = pairs->key(i) == kAstropyNotes;
      std::string_view rest = pairs->value(i);
      if (pairs->key(i) == "pandas") {  // names and types of columns; behind them, what the user noted
        const std::size_t noted = rest.find("\"attributes\"");
        if (noted == std::string_view::npos) continue;
        rest.remove_prefix(noted);
      }
      rest = rest.substr(0, kMostBytes);
      for (bool is_first = true; is_first || !rest.empty(); is_first = false) {
        const std::size_t stop = std::min(rest.find_first_of(is_yaml ? "\n" : ",\n"), rest.size());
        notes += is_yaml ? fmt::format("# {}\n", rest.substr(0, stop))
                         : fmt::format("# {}: {}\n", pairs->key(i), rest.substr(0, stop));
        rest.remove_prefix(std::min(stop + 1, rest.size()));
      }
    }
    return notes;
  }

  void select(std::vector<Choice> chosen) override {
    context_.guard([&] {
      std::vector<int> columns;
      for (const Choice& choice : chosen) {
        const TableLeaf& leaf = leaves_[choice.leaf];
        const bool is_readable = choice.as_text ? leaf.is_readable : leaf.is_number;
        if (leaf.shape == TableLeaf::Shape::other || !is_readable) {
          context_.fail(fmt::format("has type {}, expected {}", leaf.type,
                                    choice.as_text ? "text or numbers" : "numbers"),
                        leaf.name);
        }
        columns.push_back(columns_[choice.leaf]);
        if (leaf.shape == TableLeaf::Shape::scalar && leaf.group.empty())
          masks_->add_leaf(leaf.name, columns);
      }
      std::sort(columns.begin(), columns.end());
      columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
      chosen_ = std::move(chosen);
      batches_.emplace(*reader_, std::move(columns), context_);
    });
  }

  std::size_t next(std::vector<LeafData>& data) override {
    return context_.guard([&]() -> std::size_t {
      const std::shared_ptr<arrow::RecordBatch> batch = batches_->next();
      data.resize(chosen_.size());
      if (!batch) {
        if (rows_read_ != n_rows_)
          context_.fail(fmt::format("{} rows were read, the footer says {}", rows_read_, n_rows_));
        return 0;
      }
      context_.require(batch->ValidateFull());
      CellBudget budget;
      for (std::size_t i = 0; i < chosen_.size(); ++i) read_leaf(*batch, chosen_[i], budget, data[i]);
      rows_read_ += static_cast<std::uint64_t>(batch->num_rows());
      return static_cast<std::size_t>(batch->num_rows());
    });
  }

 private:
  /// astropy notes units in the footer, and not in the fields.
  UnitsByName units_noted_beside() const {
    const auto& pairs = reader_->parquet_reader()->metadata()->key_value_metadata();
    const int i = pairs ? pairs->FindKey(kAstropyNotes) : -1;
    return i < 0 ? UnitsByName{} : units_in_astropy_notes(pairs->value(i));
  }

  void read_leaf(const arrow::RecordBatch& batch, const Choice& choice, CellBudget& budget,
                 LeafData& out) const {
    const TableLeaf& leaf = leaves_[choice.leaf];
    const std::vector<std::string>& path = places_[choice.leaf].path;
    auto column = batch.GetColumnByName(path.front());
    if (!column) context_.fail("the column is not where the footer says", path.front());
    Rows rows(std::move(column));
    out.ragged.assign(rows.begin.size(), 0);
    int depth = 0;
    for (std::size_t step = 1;;) {
      if (is_list_array(rows.cells->type_id())) {
        ++depth == 2 ? open_triples(rows, leaf, budget, out) : rows.open_lists();
      } else if (rows.cells->type_id() == arrow::Type::STRUCT && step < path.size()) {
        rows.mark_nulls();
        const auto& parent = static_cast<const arrow::StructArray&>(*rows.cells);
        const int index = parent.struct_type()->GetFieldIndex(path[step++]);
        if (index < 0) context_.fail("the column is not where the footer says", leaf.name);
        rows.cells = context_.require(parent.GetFlattenedField(index));
      } else {
        break;
      }
    }
    if (depth == 0) rows.mark_nulls();
    // Parquet has durations as integers.
    if (places_[choice.leaf].type->id() == arrow::Type::DURATION)
      rows.cells = context_.require(rows.cells->View(places_[choice.leaf].type));
    ColumnSpec spec{.name = leaf.name, .type = choice.as_text ? CellType::text : CellType::number};
    ColumnData cells;  // in the memory of the batch before
    cells.numbers = std::move(out.numbers);
    cells.text = std::move(out.text);
    cells.valid = std::move(out.valid);
    read_cells(*rows.cells, spec, rows_read_, context_, budget, cells);
    out.numbers = std::move(cells.numbers);
    out.text = std::move(cells.text);
    out.valid = std::move(cells.valid);
    if (depth == 0 && path.size() == 1) masks_->apply(batch, leaf.name, out.valid);
    out.begin = std::move(rows.begin);
    out.length = std::move(rows.length);
  }

  /// Marks the rows that hold a list of other than three values, or null.
  static void require_triples(const Rows& rows, LeafData& out) {
    const Rows inner = [&] {
      Rows every(rows.cells);
      every.open_lists();
      return every;
    }();
    for (std::size_t row = 0; row < rows.begin.size(); ++row) {
      for (std::int64_t k = 0; k < rows.length[row]; ++k) {
        if (inner.length[static_cast<std::size_t>(rows.begin[row] + k)] != kTriple) out.ragged[row] = 1;
      }
    }
  }

  /// Lists of lists: a row's cells are those of its lists one after the other.
  void open_triples(Rows& rows, const TableLeaf& leaf, CellBudget& budget, LeafData& out) const {
    // Begin and length of every list, here and in require_triples().
    budget.take(static_cast<std::uint64_t>(rows.cells->length()), 4 * sizeof(std::int64_t), leaf.name,
                context_);
    require_triples(rows, out);
    Rows inner(rows.cells);
    inner.open_lists();
    for (std::size_t row = 0; row < rows.begin.size(); ++row) {
      if (rows.length[row] <= 0) continue;
      const auto first = static_cast<std::size_t>(rows.begin[row]);
      rows.begin[row] = inner.begin[first];
      std::int64_t total = 0;
      for (std::int64_t k = 0; k < rows.length[row]; ++k)
        total += std::max<std::int64_t>(0, inner.length[first + static_cast<std::size_t>(k)]);
      rows.length[row] = total;
    }
    rows.cells = inner.cells;
  }

  ErrorContext context_;
  std::shared_ptr<parquet::arrow::FileReader> reader_;
  std::optional<ColumnMasks> masks_;
  std::vector<TableLeaf> leaves_;
  std::vector<LeafPlace> places_;  ///< of each leaf
  std::vector<int> columns_;       ///< Parquet's number of each leaf
  std::uint64_t n_rows_ = 0;
  std::vector<Choice> chosen_;
  std::optional<BatchReader> batches_;
  std::uint64_t rows_read_ = 0;
};

}  // namespace

std::unique_ptr<ParquetNestedReader> make_nested_reader(const std::filesystem::path& file) {
  return ErrorContext{Status::bad_parquet, file.string()}.guard(
      [&] { return std::make_unique<NestedReader>(file); });
}

}  // namespace astrom3
