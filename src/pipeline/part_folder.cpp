// SPDX-License-Identifier: MIT
#include "pipeline/part_folder.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/pipeline/run_parts.h"
#include "astrom3/sink/part_file_names.h"
#include "base/claimed_folder.h"
#include "base/folder_lock.h"
#include "sink/part_names.h"

namespace astrom3 {
namespace {

constexpr std::array kBegins{FileBegin{kPartsManifestName, "{\"astrom3_manifest\":"},
                             FileBegin{kPartsRejectsName, "{\"file\":"},
                             FileBegin{kPartsSummaryName, "{\n  \"output\":"}};

bool is_of_a_run(std::string_view name) {
  return is_part_file_name(name) || name == kPartsManifestName || name == kPartsRejectsName ||
         name == kPartsSummaryName;
}

}  // namespace

std::vector<std::filesystem::path> part_folder_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const char* name : {kPartsManifestName, kPartsRejectsName, kPartsSummaryName, FolderLock::kName})
    files.push_back(folder / name);
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (is_part_file_name(it->path().filename().string())) files.push_back(it->path());
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = folder.string(),
                           .message = "cannot list this folder: " + error.message()});
  return files;
}

ClaimedFolder claim_part_folder(const PartsOptions& options) {
  return ClaimedFolder(
      {.folder = options.folder, .resume = options.resume, .force = options.force, .lock = options.lock},
      {.run = "run", .mark = kPartsManifestName, .is_its = is_of_a_run, .begins = kBegins});
}

}  // namespace astrom3
