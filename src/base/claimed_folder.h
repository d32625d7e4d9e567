// SPDX-License-Identifier: MIT
//
// The folder that one run writes into: made, locked, and checked before anything in it is changed.
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

/// The files that a kind of run has in its folder.
struct RunFiles {
  std::string_view run;                   ///< its word in messages: "run", "training"
  std::string_view mark;                  ///< the file that shows that the folder holds such a run
  bool (*is_its)(std::string_view name);  ///< whether such a run makes a file of this name
  std::string_view kept{};                ///< a file that stays if the run is discarded; may be empty
  /// First bytes of files whose names other programs use, too: files that begin otherwise are not the run's.
  std::span<const FileBegin> begins{};
};

struct FolderClaim {
  std::filesystem::path folder{};
  bool resume = false;  ///< continue the run in the folder, or start it if there is none
  bool force = false;   ///< discard the run in the folder
  bool lock = true;     ///< lock the folder, so that no other process writes into it
};

/// Made or taken over at construction, and locked until destruction.
///
/// A folder that is not empty is refused unless the claim resumes or discards its run. To discard a run
/// removes its files, the mark last, and nothing else: if that is interrupted, the folder still holds a run.
/// Without the mark there is no run to resume; only the files of a run that was killed before it made the
/// mark are tolerated, and files of the run's names may be discarded, but not beside files of other names:
/// all of them may be somebody else's. Temporary files of a killed run are removed. A run whose files are not
/// all regular files is refused: through a link, the run would write into another place. A folder that is
/// refused is not changed. Throws Error output_error.
class ClaimedFolder {
 public:
  ClaimedFolder(const FolderClaim& claim, const RunFiles& files);

  const std::filesystem::path& path() const noexcept { return folder_->path(); }
  std::filesystem::path operator/(std::string_view name) const { return path() / name; }
  /// For opening files in the folder.
  const std::shared_ptr<const OpenFolder>& open() const noexcept { return folder_; }
  /// Removes a file of the folder, if it is there. Throws Error output_error.
  void remove(const std::string& file) const;
  /// Size and SHA-256 of a file in the folder. Throws Error output_error if it cannot be read.
  std::pair<std::uint64_t, std::string> sha256_of(const std::string& file) const;
  /// Whether the folder has this file, with this size and SHA-256.
  bool holds(const std::string& file, std::uint64_t bytes, const std::string& sha256) const;

 private:
  std::shared_ptr<const OpenFolder> folder_;
  std::optional<FolderLock> lock_;
};

}  // namespace astrom3
