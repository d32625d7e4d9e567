// SPDX-License-Identifier: MIT
#include "sink/parquet_sink.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/features/scaling.h"
#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"
#include "formats/parquet.h"
#include "sink/file_sink.h"
#include "sink/output_text.h"
#include "sink/row_text.h"

namespace astrom3 {
namespace {

constexpr std::size_t kRowGroupBytes = 16u << 20;

/// In the order of Columns below.
std::vector<ColumnSpec> column_specs(const RowLayout& layout) {
  std::vector<ColumnSpec> specs{{.name = "object_id", .type = CellType::text, .nullable = false},
                                {.name = "status", .type = CellType::text, .nullable = false},
                                {.name = "flags", .type = CellType::text, .nullable = false},
                                {.name = "n_raw", .type = CellType::integer, .nullable = false},
                                {.name = "n_used", .type = CellType::integer, .nullable = false}};
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    specs.push_back({.name = std::string(feature_name(static_cast<Feature>(i))), .type = CellType::number});
  specs.push_back({.name = "log10_mad", .type = CellType::number});
  specs.push_back({.name = "delta_t", .type = CellType::number});
  specs.push_back({.name = "feature_sources", .type = CellType::text});
  for (const std::string& name : period_search_columns(layout))
    specs.push_back({.name = name, .type = CellType::number});
  if (!layout.class_names.empty()) specs.push_back({.name = "class", .type = CellType::text});
  for (const std::string& name : layout.class_names)
    specs.push_back({.name = to_valid_utf8("p_" + name), .type = CellType::number});
  if (layout.out_of_class) specs.push_back({.name = "out_of_class", .type = CellType::number});
  if (layout.embedding_size > 0)
    specs.push_back({.name = "embedding", .type = CellType::vector, .width = layout.embedding_size});
  if (layout.sequence_steps > 0) {
    specs.push_back({.name = "sequence",
                     .type = CellType::matrix,
                     .width = layout.sequence_width,
                     .steps = layout.sequence_steps});
  }
  return specs;
}

/// Rows gathered column by column until they make a row group.
class RowGroup {
 public:
  explicit RowGroup(const RowLayout& layout) : layout_(layout), columns_(column_specs(layout).size()) {}

  void add(const Row& row) {
    next_ = columns_.begin();
    const bool ok = row.status == Status::ok;
    add_text(to_valid_utf8(row.object_id), true);
    add_text(std::string(status_name(row.status)), true);
    add_text(to_string(row.flags), true);
    add_integer(row.n_raw);
    add_integer(row.n_used);
    for (const double value : row.features) add_number(value, ok);
    add_number(row.log10_mad, ok);
    add_number(row.delta_t, ok);
    add_text(ok ? feature_sources_text(row) : std::string{}, ok);
    for (const std::optional<double>& value : period_search_cells(row, layout_))
      add_number(value.value_or(0), value.has_value());
    if (!layout_.class_names.empty()) add_text(ok ? likeliest_class(row, layout_) : std::string{}, ok);
    for (std::size_t i = 0; i < layout_.class_names.size(); ++i)
      add_number(ok ? static_cast<double>(row.probabilities[i]) : 0, ok);
    if (layout_.out_of_class) add_number(row.out_of_class, ok);
    if (layout_.embedding_size > 0) add_floats(row.embedding, layout_.embedding_size, ok);
    if (layout_.sequence_steps > 0)
      add_floats(row.sequence, layout_.sequence_steps * layout_.sequence_width, ok);
    ++n_rows_;
  }

  void clear() {
    for (ColumnData& column : columns_) column.clear();
    n_rows_ = 0;
    bytes_ = 0;
  }

  const std::vector<ColumnData>& columns() const { return columns_; }
  std::size_t n_rows() const { return n_rows_; }
  std::size_t bytes() const { return bytes_; }

 private:
  ColumnData& start_cell(bool valid, std::size_t bytes) {
    next_->valid.push_back(valid ? 1 : 0);
    bytes_ += bytes + 1;
    return *next_++;
  }
  void add_text(std::string text, bool valid) {
    ColumnData& column = start_cell(valid, sizeof text + text.size());
    column.text.push_back(std::move(text));
  }
  void add_integer(std::uint64_t value) {
    start_cell(true, sizeof value).integers.push_back(static_cast<std::int64_t>(value));
  }
  void add_number(double value, bool valid) {
    start_cell(valid, sizeof value).numbers.push_back(valid ? value : 0.0);
  }
  void add_floats(std::span<const float> values, std::size_t n, bool valid) {
    std::vector<float>& floats = start_cell(valid, n * sizeof(float)).floats;
    if (valid) {
      floats.insert(floats.end(), values.begin(), values.end());
    } else {
      floats.resize(floats.size() + n, 0.0f);
    }
  }

  RowLayout layout_;
  std::vector<ColumnData> columns_;
  std::vector<ColumnData>::iterator next_;
  std::size_t n_rows_ = 0;
  std::size_t bytes_ = 0;
};

class ParquetSink final : public FileSink {
 public:
  ParquetSink(AtomicFile file, const RowLayout& layout, const Identity& identity)
      : layout_(layout),
        file_(std::move(file)),
        writer_(open_parquet_writer(column_specs(layout), identity,
                                    [this](std::span<const std::byte> bytes) { file_.write(bytes); })),
        group_(layout) {}

  void write(const Row& row) override {
    require_layout(row, layout_);
    group_.add(row);
    if (group_.bytes() >= kRowGroupBytes) flush();
  }

  void finish() override {
    if (finished_) return;
    if (group_.n_rows() > 0) flush();
    writer_->close();
    file_.finish();
    finished_ = true;
  }

  std::vector<AtomicFile*> files() override { return {&file_}; }

 private:
  void flush() {
    writer_->write(group_.columns(), group_.n_rows());
    group_.clear();
  }

  RowLayout layout_;
  AtomicFile file_;
  std::unique_ptr<ParquetWriter> writer_;
  RowGroup group_;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Sink> open_parquet_sink(AtomicFile file, const RowLayout& layout, const Identity& identity) {
  if (layout.tensor_steps > 0)
    throw Error(Status::usage, "x_enc and mask do not fit into a Parquet table", {"{}", {{"to", "npy"}}});
  return std::make_unique<ParquetSink>(std::move(file), layout, identity);
}

}  // namespace astrom3
