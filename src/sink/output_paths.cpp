// SPDX-License-Identifier: MIT
#include "sink/output_paths.h"

#include <filesystem>
#include <string_view>
#include <vector>

#include "astrom3/sink/file_names.h"
#include "astrom3/sink/part_file_names.h"
#include "astrom3/sink/sink.h"
#include "sink/stream_output.h"

namespace astrom3 {

std::filesystem::path companion_path(const std::filesystem::path& output, std::string_view suffix) {
  std::filesystem::path path = output;
  if (path.extension() == ".csv" || path.extension() == ".parquet") path.replace_extension();
  path += suffix;
  return path;
}

std::vector<std::filesystem::path> output_files(const std::filesystem::path& output, SinkFormat format) {
  if (is_stream(output)) return {};
  std::vector<std::filesystem::path> files;
  if (format == SinkFormat::npy) {
    for (const char* name : kArrayNames) files.push_back(output / name);
    for (const char* name : {kObjectsName, kMetaName, kScalingName}) files.push_back(output / name);
  } else {
    files.push_back(output);
    if (format == SinkFormat::csv) files.push_back(companion_path(output, kMetaSuffix));
  }
  files.push_back(reject_log_path(output, format));
  return files;
}

std::filesystem::path reject_log_path(const std::filesystem::path& output, SinkFormat format) {
  if (is_stream(output)) return {};
  if (format == SinkFormat::npy) return output / kRejectsName;
  if (output.filename().empty()) return output / kPartsRejectsName;
  return companion_path(output, kRejectsSuffix);
}

}  // namespace astrom3
