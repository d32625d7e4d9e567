// SPDX-License-Identifier: MIT
#include "pipeline/tensor_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/tensor.h"
#include "base/joined.h"
#include "base/number.h"
#include "formats/byte_reader.h"
#include "formats/json.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLabel = "label";
constexpr std::size_t kSpectraChannels = 3;
constexpr std::int64_t kPublishedClasses = 10;

[[noreturn]] void bad_table(const fs::path& file, const std::string& column, std::string message) {
  throw Error(Diagnostic{
      .code = Status::bad_tensors, .file = file.string(), .column = column, .message = std::move(message)});
}

/// Calls `read`, whose errors are those of tensors.
template <typename Read>
auto as_tensors(const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    if (diagnostic.code == Status::bad_parquet) diagnostic.code = Status::bad_tensors;
    if (diagnostic.hint.empty())
      diagnostic.hint = "tensors are folders of preprocess, or Parquet tables with a row an object";
    throw Error(std::move(diagnostic));
  }
}

const ParquetColumnInfo* find(const ParquetReader& reader, std::string_view name) {
  for (const ParquetColumnInfo& column : reader.columns()) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

ColumnSpec spec_of(Modality modality) {
  ColumnSpec spec{.name = tensor_column(modality), .type = CellType::vector};
  if (modality == Modality::photo) {
    spec.type = CellType::rows;
    spec.width = kChannels;
  }
  if (modality == Modality::spectra) {
    spec.type = CellType::matrix;
    spec.steps = kSpectraChannels;
  }
  return spec;
}

/// In an older layout `metadata` is a dict of two dicts, and `label` a text beside it.
void refuse_older_layout(const ParquetReader& reader, const fs::path& file) {
  for (const Modality modality : kModalities) {
    const ParquetColumnInfo* column = find(reader, tensor_column(modality));
    if (column != nullptr && column->type.starts_with("struct"))
      bad_table(file, column->name,
                "is a dict, as in an older layout of AstroM3Processed, which is not read: the later one has "
                "lists of numbers");
  }
}

/// Names of the classes, as the `datasets` of Hugging Face write them into the table; else the published
/// ones.
std::vector<std::string> class_names_of(const ParquetReader& reader, const fs::path& file) {
  for (const auto& [key, text] : reader.metadata()) {
    if (key != "huggingface") continue;
    const JsonValue root = parse_json(text, {.code = Status::bad_tensors, .file = file.string()});
    const JsonValue* found = &root;
    for (const char* const step : {"info", "features", kLabel, "names"})
      found = found == nullptr || !found->is(JsonKind::object) ? nullptr : found->find(step);
    if (found == nullptr || !found->is(JsonKind::array)) continue;
    std::vector<std::string> names;
    for (const JsonValue& name : found->elements) names.push_back(name.text);
    return names;
  }
  EncoderConfig published;
  published.num_classes = kPublishedClasses;
  return class_names(published);
}

}  // namespace

const char* tensor_column(Modality modality) noexcept {
  constexpr std::array kColumns{"photometry", "spectra", "metadata"};
  return kColumns[index_of(modality)];
}

TensorTableFacts look_at_table(const fs::path& file, const std::string& id_column, bool wants_ids) {
  return as_tensors([&] {
    const auto reader = open_parquet_reader(file);
    refuse_older_layout(*reader, file);
    TensorTableFacts facts;
    facts.n_rows = reader->row_count();
    facts.has_labels = find(*reader, kLabel) != nullptr;
    const std::string wanted = id_column.empty() ? "object_id" : id_column;
    if (find(*reader, wanted) != nullptr) facts.id_column = wanted;
    if (!id_column.empty() && facts.id_column.empty()) bad_table(file, id_column, "there is no such column");
    std::vector<ColumnSpec> specs;
    for (const Modality modality : kModalities) {
      facts.has[index_of(modality)] = find(*reader, tensor_column(modality)) != nullptr;
      if (facts.has[index_of(modality)] && modality != Modality::photo) specs.push_back(spec_of(modality));
    }
    std::vector<ColumnData> cells;
    if (!specs.empty()) {
      reader->select(specs);
      const std::size_t n = reader->next(cells);
      for (std::size_t c = 0; n > 0 && c < specs.size(); ++c) {
        const std::size_t width = cells[c].floats.size() / n;
        if (specs[c].type == CellType::matrix) {
          facts.n_pixels = width / kSpectraChannels;
        } else {
          facts.n_columns = width;
        }
      }
    }
    if (!wants_ids || facts.id_column.empty()) return facts;
    const auto again = open_parquet_reader(file);
    again->select({{.name = facts.id_column, .type = CellType::text}});
    while (again->next(cells) > 0)
      facts.ids.insert(facts.ids.end(), cells[0].text.begin(), cells[0].text.end());
    return facts;
  });
}

TensorTable::TensorTable(const fs::path& file, TensorTableColumns columns)
    : file_(file), columns_(std::move(columns)) {
  as_tensors([&] {
    reader_ = open_parquet_reader(file_);
    class_names_ = class_names_of(*reader_, file_);
    std::vector<ColumnSpec> specs;
    const auto add = [&](ColumnSpec spec) {
      specs.push_back(std::move(spec));
      return specs.size() - 1;
    };
    if (!columns_.id_column.empty()) ids_ = add({.name = columns_.id_column, .type = CellType::text});
    if (columns_.labels) labels_ = add({.name = kLabel, .type = CellType::text});
    for (const Modality modality : kModalities) {
      if (columns_.used[index_of(modality)]) places_[index_of(modality)] = add(spec_of(modality));
    }
    reader_->select(std::move(specs));
  });
}

void TensorTable::fail(const char* column, std::string message) const {
  bad_table(file_, column, fmt::format("row {}: {}", row_, message));
}

bool TensorTable::fill() {
  n_ = as_tensors([&] { return reader_->next(batch_); });
  i_ = n_floats_ = 0;
  return n_ > 0;
}

std::span<const float> TensorTable::values_of(Modality modality) {
  if (!places_[index_of(modality)]) return {};
  const ColumnData& cells = batch_[*places_[index_of(modality)]];
  std::span<const float> values;
  if (modality == Modality::photo) {
    const std::size_t n = cells.counts[i_] * kChannels;
    values = std::span(cells.floats).subspan(n_floats_, n);
    n_floats_ += n;
  } else {
    const std::size_t width = cells.floats.size() / n_;
    if (cells.valid[i_] == 0) return {};
    const std::size_t expected =
        modality == Modality::spectra ? kSpectraChannels * columns_.n_pixels : columns_.n_columns;
    if (width != expected)
      fail(tensor_column(modality), fmt::format("{} numbers, expected {}", width, expected));
    values = std::span(cells.floats).subspan(i_ * width, width);
  }
  const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  if (bad != values.end())
    fail(tensor_column(modality), fmt::format("number {} is {}", bad - values.begin(), *bad));
  return values;
}

std::string TensorTable::label_of(const ColumnData& labels) const {
  if (labels.valid[i_] == 0) return {};
  const std::string_view text = trimmed(labels.text[i_]);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::string(text);
  if (number < 0) return {};  // as Hugging Face writes what has none
  if (static_cast<std::size_t>(number) >= class_names_.size())
    fail(kLabel, fmt::format("{} is none of the {} classes {}", number, class_names_.size(),
                             joined(class_names_, ", ")));
  return class_names_[static_cast<std::size_t>(number)];
}

bool TensorTable::next(TensorTableRow& row) {
  if (i_ >= n_ && !fill()) return false;
  ++row_;
  row.object_id.clear();
  if (ids_) {
    row.object_id = batch_[*ids_].text[i_];
    if (row.object_id.empty()) fail(columns_.id_column.c_str(), "an object without an id");
  }
  row.label = labels_ ? label_of(batch_[*labels_]) : std::string();
  for (const Modality modality : kModalities) row.values[index_of(modality)] = values_of(modality);
  ++i_;
  return true;
}

bool is_parquet_file(const fs::path& file) {
  std::array<char, 4> head{};
  try {
    const std::size_t n = ByteReader::open(file).read(head);
    return looks_like_parquet(std::as_bytes(std::span(head).first(n)));
  } catch (const Error&) {
    return false;  // what opens it reports the error
  }
}

}  // namespace astrom3
