// SPDX-License-Identifier: MIT
//
// The sink for a format.
#include "astrom3/sink/sink.h"
#include "sink/csv_sink.h"
#include "sink/npy_sink.h"
#include "sink/parquet_sink.h"
#include "sink/stream_output.h"

namespace astrom3 {

std::unique_ptr<Sink> open_sink(const std::filesystem::path& path, SinkFormat format, const RowLayout& layout,
                                const Identity& identity, const SinkOptions& options) {
  switch (format) {
    case SinkFormat::csv:
      return open_csv_sink(path, layout, identity);
    case SinkFormat::parquet:
      if (is_stream(path))
        throw Error(Status::usage, "Parquet needs a seekable file", {"{}", {{"o", "FILE.parquet"}}});
      return open_parquet_sink(path, layout, identity);
    case SinkFormat::npy:
      if (is_stream(path))
        throw Error(Status::usage, "NPY needs a directory", {"{} {}", {{"o", "DIR"}, {"to", "npy"}}});
      return open_npy_sink(path, layout, identity, options);
  }
  throw Error(Status::internal, "unknown sink format");
}

}  // namespace astrom3
