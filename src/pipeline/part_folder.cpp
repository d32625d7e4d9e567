// SPDX-License-Identifier: MIT
#include "pipeline/part_folder.h"

#include <string_view>

#include "pipeline/part_manifest.h"

namespace astrom3 {
namespace {

/// "part-000012.parquet", as part_file_name() makes it, and no name that somebody else would choose.
bool is_part(std::string_view name) {
  constexpr std::string_view kBegin = "part-", kEnd = ".parquet";
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return false;
  name.remove_prefix(kBegin.size());
  if (name.size() < kEnd.size()) return false;
  name.remove_suffix(kEnd.size());
  return name.size() >= 6 && name.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_of_a_run(std::string_view name) {
  return is_part(name) || name == PartManifest::kName || name == "rejects.jsonl" || name == "summary.json";
}

}  // namespace

ClaimedFolder claim_part_folder(const PartsOptions& options) {
  return ClaimedFolder(
      {.folder = options.folder, .resume = options.resume, .force = options.force, .lock = options.lock},
      {.run = "run", .mark = PartManifest::kName, .is_its = is_of_a_run});
}

}  // namespace astrom3
