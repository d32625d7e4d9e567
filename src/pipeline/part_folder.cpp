// SPDX-License-Identifier: MIT
#include "pipeline/part_folder.h"

#include <array>
#include <string_view>
#include <system_error>

#include "sink/part_names.h"

namespace astrom3 {
namespace {

constexpr std::array kBegins{FileBegin{kManifestName, "{\"astrom3_manifest\":"},
                             FileBegin{"rejects.jsonl", "{\"file\":"},
                             FileBegin{kSummaryName, "{\n  \"output\":"}};

bool is_of_a_run(std::string_view name) {
  return is_part_file_name(name) || name == kManifestName || name == "rejects.jsonl" || name == kSummaryName;
}

}  // namespace

std::vector<std::filesystem::path> part_folder_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const char* name : {kManifestName, "rejects.jsonl", kSummaryName, FolderLock::kName})
    files.push_back(folder / name);
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (is_part_file_name(it->path().filename().string())) files.push_back(it->path());
  }
  return files;
}

ClaimedFolder claim_part_folder(const PartsOptions& options) {
  return ClaimedFolder(
      {.folder = options.folder, .resume = options.resume, .force = options.force, .lock = options.lock},
      {.run = "run", .mark = kManifestName, .is_its = is_of_a_run, .begins = kBegins});
}

}  // namespace astrom3
