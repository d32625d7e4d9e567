// SPDX-License-Identifier: MIT
#include "astrom3/pipeline/catalogue_file.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/metadata/join_catalogues.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"
#include "base/joined.h"
#include "formats/parquet.h"
#include "sink/file_sink.h"
#include "sink/identity.h"
#include "sink/output_paths.h"
#include "sink/output_text.h"
#include "sink/table_output.h"

namespace astrom3 {
namespace {

constexpr std::size_t kRowGroupRows = 65536;

/// The files of one table.
class CatalogueSink final : public FileSink {
 public:
  CatalogueSink(const JoinedCatalogues& catalogues, const std::filesystem::path& path, SinkFormat format,
                const Identity& identity)
      : file_(path, format) {
    std::vector<std::string> names{"object_id", "status", "flags"};
    names.insert(names.end(), catalogues.id_names().begin(), catalogues.id_names().end());
    const std::size_t n_texts = names.size();
    names.insert(names.end(), catalogues.columns().begin(), catalogues.columns().end());
    if (format == SinkFormat::parquet) {
      std::vector<ColumnSpec> specs;
      for (std::size_t i = 0; i < names.size(); ++i)
        specs.push_back(
            {.name = names[i], .type = i < n_texts ? CellType::text : CellType::number, .nullable = i >= 3});
      columns_.resize(specs.size());
      writer_ = open_parquet_writer(std::move(specs), identity,
                                    [this](std::span<const std::byte> piece) { file_.write(piece); });
      return;
    }
    if (file_.file() != nullptr) {
      meta_.emplace(companion_path(path, kMetaSuffix));
      meta_->write(identity_json(identity));
    }
    file_.write(joined(names, ",") + "\n");
  }

  void write(const Row&) override {}  // its rows are of another kind

  void add(const JoinedObject& object) {
    std::vector<std::string> texts{object.object_id, std::string(status_name(object.status)),
                                   joined(object.flags, ";")};
    texts.insert(texts.end(), object.ids.begin(), object.ids.end());
    if (writer_ == nullptr) return add_line(texts, object.values);
    std::size_t next = 0;
    for (std::string& text : texts) {
      columns_[next].valid.push_back(next < 3 || !text.empty() ? 1 : 0);
      columns_[next++].text.push_back(to_valid_utf8(text));
    }
    for (const double value : object.values) {
      columns_[next].valid.push_back(std::isnan(value) ? 0 : 1);
      columns_[next++].numbers.push_back(std::isnan(value) ? 0 : value);
    }
    if (++n_rows_ == kRowGroupRows) flush();
  }

  void finish() override {
    if (is_finished_) return;
    is_finished_ = true;
    if (writer_ != nullptr) {
      flush();
      writer_->close();
    }
    file_.finish();
    if (meta_) meta_->finish();
  }

  /// The table is last, so that a table is never without its description.
  std::vector<AtomicFile*> files() override {
    std::vector<AtomicFile*> files;
    if (meta_) files.push_back(&*meta_);
    if (file_.file() != nullptr) files.push_back(file_.file());
    return files;
  }

 private:
  void add_line(const std::vector<std::string>& texts, const std::vector<double>& values) {
    std::string line;
    for (const std::string& text : texts) {
      if (!line.empty() || &text != &texts.front()) line += ',';
      append_csv_field(line, text);
    }
    for (const double value : values) {
      line += ',';
      if (!std::isnan(value)) append_number(line, value);
    }
    file_.write(line + '\n');
  }

  void flush() {
    if (n_rows_ > 0) writer_->write(columns_, n_rows_);
    for (ColumnData& column : columns_) column.clear();
    n_rows_ = 0;
  }

  TableOutput file_;
  std::optional<AtomicFile> meta_;
  std::unique_ptr<ParquetWriter> writer_;
  std::vector<ColumnData> columns_;
  std::size_t n_rows_ = 0;
  bool is_finished_ = false;
};

}  // namespace

CatalogueSummary write_catalogue(const JoinedCatalogues& catalogues, const std::filesystem::path& file,
                                 SinkFormat format, const Identity& identity, RejectLog* rejects) {
  if (format == SinkFormat::npy) throw Error(Status::usage, "a catalogue is written as CSV or Parquet");
  CatalogueSink sink(catalogues, file, format, identity);
  CatalogueSummary summary;
  catalogues.for_each([&](const JoinedObject& object) {
    sink.add(object);
    ++summary.n_objects;
    if (object.status == Status::ok) ++summary.n_ok;
    if (object.status != Status::ok) ++summary.rejected[std::string(status_name(object.status))];
    for (const Diagnostic& problem : object.problems) {
      ++summary.problems[problem.column.empty()
                             ? std::string(status_name(problem.code))
                             : fmt::format("{}:{}", status_name(problem.code), problem.column)];
      if (rejects != nullptr) rejects->write(problem);
    }
  });
  close_together(sink, rejects);
  return summary;
}

}  // namespace astrom3
