// SPDX-License-Identifier: MIT
#include "sink/table_output.h"

#include <filesystem>
#include <memory>

#include "astrom3/base/error.h"

namespace astrom3 {

TableOutput::TableOutput(const std::filesystem::path& path, SinkFormat format) {
  if (!is_stream(path)) {
    file_.emplace(path, Links::followed);
  } else if (format == SinkFormat::csv) {
    stream_ = std::make_unique<StreamOutput>(path);
  } else {
    throw Error(Status::usage, "Parquet needs a seekable file", {"{}", {{"o", "FILE.parquet"}}});
  }
}

}  // namespace astrom3
