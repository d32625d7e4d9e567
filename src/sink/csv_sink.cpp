// SPDX-License-Identifier: MIT
#include "sink/csv_sink.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"
#include "formats/spreadsheet_text.h"
#include "sink/file_sink.h"
#include "sink/identity.h"
#include "sink/output_paths.h"
#include "sink/row_text.h"
#include "sink/stream_output.h"

namespace astrom3 {
namespace {

/// Rows as lines.
class CsvLines {
 public:
  CsvLines(RowLayout layout, const SinkOptions& options)
      : layout_(std::move(layout)), is_safe_(options.spreadsheet_safe) {
    if (!is_safe_) return;
    for (std::string& name : layout_.class_names) name = as_spreadsheet_text(std::move(name));
  }

  std::string header() const { return csv_header(layout_); }

  /// Valid until the next call.
  std::string_view line(const Row& row) {
    require_layout(row, layout_);
    line_.clear();
    if (!is_safe_) {
      append_csv_row(line_, row, layout_);
    } else {
      Row safe = row;
      safe.object_id = as_spreadsheet_text(std::move(safe.object_id));
      append_csv_row(line_, safe, layout_);
    }
    return line_;
  }

 private:
  RowLayout layout_;
  bool is_safe_;
  std::string line_;
};

class CsvFileSink final : public FileSink {
 public:
  CsvFileSink(const std::filesystem::path& path, CsvLines lines, const Identity& identity)
      : lines_(std::move(lines)), file_(path, Links::followed), meta_(companion_path(path, kMetaSuffix)) {
    file_.write(lines_.header());
    meta_.write(identity_json(identity));
  }

  void write(const Row& row) override { file_.write(lines_.line(row)); }

  void finish() override {
    file_.finish();
    meta_.finish();
  }

  /// The table is last, so that a table is never without its description.
  std::vector<AtomicFile*> files() override { return {&meta_, &file_}; }

 private:
  CsvLines lines_;
  AtomicFile file_;
  AtomicFile meta_;
};

class CsvStreamSink final : public Sink {
 public:
  CsvStreamSink(const std::filesystem::path& path, CsvLines lines) : lines_(std::move(lines)), stream_(path) {
    stream_.write(lines_.header());
  }

  void write(const Row& row) override { stream_.write(lines_.line(row)); }

  void finish() override { stream_.flush(); }
  void close() override { stream_.flush(); }

 private:
  CsvLines lines_;
  StreamOutput stream_;
};

}  // namespace

std::unique_ptr<Sink> open_csv_sink(const std::filesystem::path& path, const RowLayout& layout,
                                    const Identity& identity, const SinkOptions& options) {
  if (layout.sequence_steps > 0)
    throw Error(Status::usage, "a sequence does not fit into CSV",
                {"{} or {}", {{"to", "parquet"}, {"to", "npy"}}});
  if (layout.tensor_steps > 0)
    throw Error(Status::usage, "x_enc and mask do not fit into CSV", {"{}", {{"to", "npy"}}});
  if (is_stream(path)) return std::make_unique<CsvStreamSink>(path, CsvLines(layout, options));
  return std::make_unique<CsvFileSink>(path, CsvLines(layout, options), identity);
}

}  // namespace astrom3
