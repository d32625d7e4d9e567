// SPDX-License-Identifier: MIT
//
// The folder that a run in parts writes into.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "astrom3/pipeline.h"
#include "base/folder_lock.h"

namespace astrom3 {

/// Made or taken over at construction, and locked until destruction.
///
/// A folder that holds anything is refused unless the options resume its run or give it up; to give
/// a run up removes its parts, manifest, rejects and summary, and nothing else. What a killed run
/// left under temporary names is removed. A folder that is refused is left as it was.
/// Throws Error output_error.
class PartFolder {
 public:
  explicit PartFolder(const PartsOptions& options);

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Size and SHA-256 of a file in the folder. Throws Error output_error where it cannot be read.
  std::pair<std::uint64_t, std::string> sha256_of(const std::string& file) const;
  /// Whether a file in the folder is there and has this size and SHA-256.
  bool holds(const std::string& file, std::uint64_t bytes, const std::string& sha256) const;

 private:
  void make() const;
  void check_contents(const PartsOptions& options) const;
  void remove_run() const;
  void remove_temporaries() const;

  std::filesystem::path path_;
  std::optional<FolderLock> lock_;
};

/// What decides whether a run can be resumed: the identity of its rows, how the inputs are read and
/// divided, and which they are (number, and SHA-256 of their names and sizes).
Identity describe_parts_run(const PartsRun& run);

}  // namespace astrom3
