// SPDX-License-Identifier: MIT
#include "sink/output_paths.h"

#include "astrom3/sink/sink.h"
#include "sink/stream_output.h"

namespace astrom3 {

std::filesystem::path companion_path(const std::filesystem::path& output, std::string_view suffix) {
  std::filesystem::path path = output;
  if (path.extension() == ".csv" || path.extension() == ".parquet") path.replace_extension();
  path += suffix;
  return path;
}

std::filesystem::path reject_log_path(const std::filesystem::path& output, SinkFormat format) {
  if (is_stream(output)) return {};
  if (format == SinkFormat::npy || output.filename().empty()) return output / "rejects.jsonl";
  return companion_path(output, ".rejects.jsonl");
}

}  // namespace astrom3
