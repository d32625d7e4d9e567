// SPDX-License-Identifier: MIT
//
// The folder that one run writes into: made, locked, and looked at before anything in it is touched.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/folder_lock.h"
#include "base/open_folder.h"

namespace astrom3 {

struct FileBegin {
  std::string_view name, begins;
};

/// What a kind of run leaves in its folder.
struct RunFiles {
  std::string_view run;                   ///< its word in messages: "run", "training"
  std::string_view mark;                  ///< the file that says that such a run is there
  bool (*is_its)(std::string_view name);  ///< whether it makes a file of this name
  std::string_view kept{};                ///< one of them that outlives the run given up; may be empty
  /// Other programs use these names, too: beside files that are not of such a run they are not taken for its.
  bool has_common_names = false;
  /// How those begin whose names other programs use, too: one that begins otherwise is not its.
  std::span<const FileBegin> begins{};
};

struct FolderClaim {
  std::filesystem::path folder{};
  bool resume = false;  ///< go on with the run that is there, or begin it
  bool force = false;   ///< give up the run that is there
  bool lock = true;     ///< keep other processes out
};

/// Made or taken over at construction, and locked until destruction.
///
/// A folder that holds anything is refused unless the claim resumes its run or gives it up. To give a run up
/// removes its files, the mark last, and nothing else: what is left when that is cut short is still a run.
/// Without the mark there is nothing to resume; only what a run leaves that was killed before it made the
/// mark does not matter. What a killed run left under temporary names is removed. A run whose files are not
/// all regular files is refused: a link could lead what is written elsewhere. A folder that is refused is
/// left as it was. Throws Error output_error.
class ClaimedFolder {
 public:
  ClaimedFolder(const FolderClaim& claim, const RunFiles& files);

  const std::filesystem::path& path() const noexcept { return folder_->path(); }
  std::filesystem::path operator/(std::string_view name) const { return path() / name; }
  /// To open its files beneath.
  const std::shared_ptr<const OpenFolder>& open() const noexcept { return folder_; }
  /// Removes a file of the folder, if it is there. Throws Error output_error.
  void remove(const std::string& file) const;
  /// Size and SHA-256 of a file in the folder. Throws Error output_error where it cannot be read.
  std::pair<std::uint64_t, std::string> sha256_of(const std::string& file) const;
  /// Whether a file in the folder is there and has this size and SHA-256.
  bool holds(const std::string& file, std::uint64_t bytes, const std::string& sha256) const;

 private:
  std::shared_ptr<const OpenFolder> folder_;
  std::optional<FolderLock> lock_;
};

}  // namespace astrom3
