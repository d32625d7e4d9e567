// SPDX-License-Identifier: MIT
//
// The sink for a format.
#include <filesystem>
#include <memory>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"
#include "sink/csv_sink.h"
#include "sink/file_sink.h"
#include "sink/npy_sink.h"
#include "sink/parquet_sink.h"
#include "sink/reject_log.h"
#include "sink/stream_output.h"

namespace astrom3 {

std::unique_ptr<Sink> open_sink(const std::filesystem::path& path, SinkFormat format, const RowLayout& layout,
                                const Identity& identity, const SinkOptions& options) {
  switch (format) {
    case SinkFormat::csv:
      return open_csv_sink(path, layout, identity, options);
    case SinkFormat::parquet:
      if (is_stream(path))
        throw Error(Status::usage, "Parquet needs a seekable file", {"{}", {{"o", "FILE.parquet"}}});
      return open_parquet_sink(AtomicFile(path, Links::followed), layout, identity);
    case SinkFormat::npy:
      if (is_stream(path))
        throw Error(Status::usage, "NPY needs a directory", {"{} {}", {{"o", "DIR"}, {"to", "npy"}}});
      return open_npy_sink(path, layout, identity, options);
  }
  throw Error(Status::internal, "unknown sink format");
}

void close_together(Sink& sink, RejectLog* rejects) {
  sink.finish();
  if (rejects != nullptr) rejects->finish();
  auto* const files_of_it = dynamic_cast<FileSink*>(&sink);
  if (files_of_it == nullptr) {
    if (rejects != nullptr) rejects->close();
    return sink.close();
  }
  // The table is last, so that there is never a table without its reject log.
  std::vector<AtomicFile*> files = files_of_it->files();
  if (AtomicFile* const log = rejects != nullptr ? file_of(*rejects) : nullptr; log != nullptr)
    files.insert(files.begin(), log);
  commit_together(files, files_of_it->outdated_names());
  files_of_it->keep();
}

}  // namespace astrom3
