// SPDX-License-Identifier: MIT
#include "sink/csv_sink.h"

#include <array>
#include <optional>
#include <string>

#include "base/atomic_file.h"
#include "sink/identity.h"
#include "sink/output_paths.h"
#include "sink/row_text.h"
#include "sink/stream_output.h"

namespace astrom3 {
namespace {

class CsvFileSink final : public Sink {
 public:
  CsvFileSink(const std::filesystem::path& path, const RowLayout& layout, const Identity& identity)
      : layout_(layout), file_(path), meta_(companion_path(path, ".meta.json")) {
    file_.write(csv_header(layout));
    meta_.write(identity_json(identity));
  }

  void write(const Row& row) override {
    require_layout(row, layout_);
    line_.clear();
    append_csv_row(line_, row, layout_);
    file_.write(line_);
  }

  void finish() override {
    file_.finish();
    meta_.finish();
  }

  void close() override {
    // The table is renamed last, so that a table is never without its description.
    commit_together(std::array{&meta_, &file_});
  }

 private:
  RowLayout layout_;
  AtomicFile file_;
  AtomicFile meta_;
  std::string line_;
};

class CsvStreamSink final : public Sink {
 public:
  CsvStreamSink(const std::filesystem::path& path, const RowLayout& layout) : layout_(layout), stream_(path) {
    stream_.write(csv_header(layout));
  }

  void write(const Row& row) override {
    require_layout(row, layout_);
    line_.clear();
    append_csv_row(line_, row, layout_);
    stream_.write(line_);
  }

  void finish() override { stream_.flush(); }
  void close() override { stream_.flush(); }

 private:
  RowLayout layout_;
  StreamOutput stream_;
  std::string line_;
};

}  // namespace

std::unique_ptr<Sink> open_csv_sink(const std::filesystem::path& path, const RowLayout& layout,
                                    const Identity& identity) {
  if (layout.sequence_steps > 0)
    throw Error(Status::usage, "a sequence does not fit into CSV",
                {"{} or {}", {{"to", "parquet"}, {"to", "npy"}}});
  if (layout.tensor_steps > 0)
    throw Error(Status::usage, "x_enc and mask do not fit into CSV", {"{}", {{"to", "npy"}}});
  if (is_stream(path)) return std::make_unique<CsvStreamSink>(path, layout);
  return std::make_unique<CsvFileSink>(path, layout, identity);
}

}  // namespace astrom3
