// SPDX-License-Identifier: MIT
#include "astrom3/pipeline/multimodal_rows.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"
#include "base/joined.h"
#include "formats/parquet.h"
#include "formats/spreadsheet_text.h"
#include "sink/file_sink.h"
#include "sink/identity.h"
#include "sink/output_paths.h"
#include "sink/output_text.h"
#include "sink/table_output.h"

namespace astrom3 {
namespace {

constexpr std::size_t kRowGroupBytes = 16u << 20;

std::string modalities_text(const MultimodalRow& row) {
  std::vector<std::string> names;
  for (const Modality modality : row.modalities) names.emplace_back(modality_name(modality));
  return joined(names, ";");
}

/// The most probable class; of equally probable ones the first.
const std::string& likeliest(const MultimodalRow& row, const MultimodalLayout& layout) {
  const auto top = std::max_element(row.probabilities.begin(), row.probabilities.end());
  return layout.class_names[static_cast<std::size_t>(top - row.probabilities.begin())];
}

const std::vector<float>& shown_embedding(const MultimodalRow& row, ShownEmbedding shown) {
  return shown == ShownEmbedding::fused ? row.fused : row.embeddings[static_cast<std::size_t>(shown)];
}

std::size_t shown_size(const MultimodalLayout& layout) {
  return layout.shown == ShownEmbedding::fused ? layout.fused_size : layout.embedding_size;
}

std::string csv_header(const MultimodalLayout& layout) {
  std::string line = "object_id,status,flags,modalities";
  if (!layout.class_names.empty()) {
    line += ",class";
    for (const std::string& name : layout.class_names)
      append_csv_field(line += ',', layout.class_prefix + name);
  }
  for (std::size_t i = 0; layout.class_names.empty() && i < shown_size(layout); ++i)
    line += ",e" + std::to_string(i);
  return line + '\n';
}

std::string csv_line(const MultimodalRow& row, const MultimodalLayout& layout) {
  const auto word = [&](const std::string& text) {
    return layout.spreadsheet_safe ? as_spreadsheet_text(text) : text;
  };
  std::string line;
  append_csv_field(line, word(row.object_id));
  line += ',';
  line += status_name(row.status);
  append_csv_field(line += ',', joined(row.flags, ";"));
  append_csv_field(line += ',', modalities_text(row));
  const auto add = [&](std::span<const float> values, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      line += ',';
      if (i < values.size()) append_number(line, values[i]);
    }
  };
  if (!layout.class_names.empty()) {
    line += ',';
    if (!row.probabilities.empty()) append_csv_field(line, word(likeliest(row, layout)));
    add(row.probabilities, layout.class_names.size());
  } else {
    add(shown_embedding(row, layout.shown), shown_size(layout));
  }
  return line + '\n';
}

std::vector<ColumnSpec> column_specs(const MultimodalLayout& layout) {
  std::vector<ColumnSpec> specs;
  for (const char* name : {"object_id", "status", "flags", "modalities"})
    specs.push_back({.name = name, .type = CellType::text, .nullable = false});
  if (!layout.class_names.empty()) {
    specs.push_back({.name = "class", .type = CellType::text});
    for (const std::string& name : layout.class_names)
      specs.push_back({.name = to_valid_utf8(layout.class_prefix + name), .type = CellType::number});
    return specs;
  }
  for (const Modality modality : kModalities) {
    specs.push_back({.name = std::string(modality_name(modality)) + "_embedding",
                     .type = CellType::vector,
                     .width = layout.embedding_size});
  }
  if (layout.fused_size > 0)
    specs.push_back({.name = "fused_embedding", .type = CellType::vector, .width = layout.fused_size});
  return specs;
}

}  // namespace

struct MultimodalRowsFile::State : FileSink {
  State(TableOutput of_file, SinkFormat format, MultimodalLayout of_rows, const Identity& identity)
      : layout(std::move(of_rows)), file(std::move(of_file)) {
    if (format == SinkFormat::parquet) {
      specs = column_specs(layout);
      columns.resize(specs.size());
      writer = open_parquet_writer(specs, identity,
                                   [this](std::span<const std::byte> piece) { file.write(piece); });
    } else {
      if (file.file() != nullptr) {
        meta.emplace(companion_path(file.file()->path(), kMetaSuffix));
        meta->write(identity_json(identity));
      }
      file.write(csv_header(layout));
    }
  }

  void write(const Row&) override {}  // its rows are of another kind

  void add(const MultimodalRow& row) {
    if (writer == nullptr) return file.write(csv_line(row, layout));
    const bool has_classes = !row.probabilities.empty();
    std::size_t next = 0;
    const auto add_text = [&](std::string text, bool is_valid) {
      columns[next].valid.push_back(is_valid ? 1 : 0);
      columns[next++].text.push_back(std::move(text));
    };
    const auto add_floats = [&](const std::vector<float>& values, std::size_t n) {
      columns[next].valid.push_back(values.empty() ? 0 : 1);
      std::vector<float>& floats = columns[next++].floats;
      floats.insert(floats.end(), values.begin(), values.end());
      if (values.empty()) floats.resize(floats.size() + n, 0.0f);
      bytes += n * sizeof(float);
    };
    add_text(to_valid_utf8(row.object_id), true);
    add_text(std::string(status_name(row.status)), true);
    add_text(joined(row.flags, ";"), true);
    add_text(modalities_text(row), true);
    if (!layout.class_names.empty()) {
      add_text(has_classes ? likeliest(row, layout) : std::string(), has_classes);
      for (std::size_t i = 0; i < layout.class_names.size(); ++i, ++next) {
        columns[next].valid.push_back(has_classes ? 1 : 0);
        columns[next].numbers.push_back(has_classes ? static_cast<double>(row.probabilities[i]) : 0.0);
      }
    } else {
      for (const std::vector<float>& embedding : row.embeddings) add_floats(embedding, layout.embedding_size);
      if (layout.fused_size > 0) add_floats(row.fused, layout.fused_size);
    }
    ++n_rows;
    bytes += row.object_id.size() + 64;
    if (bytes >= kRowGroupBytes) flush();
  }

  void flush() {
    if (n_rows > 0) writer->write(columns, n_rows);
    for (ColumnData& column : columns) column.clear();
    n_rows = 0;
    bytes = 0;
  }

  void finish() override {
    if (is_finished) return;
    is_finished = true;
    if (writer != nullptr) {
      flush();
      writer->close();
    }
    file.finish();
    if (meta) meta->finish();
  }

  /// The table is last, so that a table is never without its description.
  std::vector<AtomicFile*> files() override {
    std::vector<AtomicFile*> files;
    if (meta) files.push_back(&*meta);
    if (file.file() != nullptr) files.push_back(file.file());
    return files;
  }

  MultimodalLayout layout;
  TableOutput file;
  std::optional<AtomicFile> meta;
  std::vector<ColumnSpec> specs;
  std::unique_ptr<ParquetWriter> writer;
  std::vector<ColumnData> columns;
  std::size_t n_rows = 0, bytes = 0;
  bool is_finished = false;
};

MultimodalRowsFile::MultimodalRowsFile(const std::filesystem::path& path, SinkFormat format,
                                       MultimodalLayout layout, const Identity& identity)
    : state_(std::make_unique<State>(TableOutput(path, format), format, std::move(layout), identity)) {}
MultimodalRowsFile::MultimodalRowsFile(AtomicFile file, MultimodalLayout layout, const Identity& identity)
    : state_(std::make_unique<State>(TableOutput(std::move(file)), SinkFormat::parquet, std::move(layout),
                                     identity)) {}
MultimodalRowsFile::~MultimodalRowsFile() = default;

void MultimodalRowsFile::write(const MultimodalRow& row) {
  state_->add(row);
}

void MultimodalRowsFile::close(RejectLog* rejects) {
  close_together(*state_, rejects);
}

}  // namespace astrom3
