// SPDX-License-Identifier: MIT
//
// The folder of a training: what it holds, whose it is, and where the last finished epoch left off.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "astrom3/sink.h"
#include "astrom3/training.h"
#include "base/folder_lock.h"

namespace astrom3::training {

/// Everything a training goes on from.
struct SavedState {
  std::map<std::string, Tensor, std::less<>> tensors;  ///< Trainer::state()
  std::vector<EpochMetrics> epochs;
};

class RunFolder {
 public:
  /// Makes and locks the folder. Throws Error output_error: it is not empty and neither `resume` nor `force`
  /// is set, or it holds no training that could be resumed or given up.
  RunFolder(std::filesystem::path path, bool resume, bool force);

  /// Writes run.json, or, where there is one, compares. Throws Error output_error listing the differences.
  void claim(const Identity& run);

  std::filesystem::path operator/(const char* name) const { return path_ / name; }
  const std::filesystem::path& path() const noexcept { return path_; }

  /// Throws Error output_error where state.safetensors is damaged, or model.safetensors is older than it
  /// says.
  std::optional<SavedState> load_state() const;
  void save_state(const SavedState& state) const;

  void write_text(const char* name, std::string_view text) const;

 private:
  std::filesystem::path path_;
  std::optional<FolderLock> lock_;
};

}  // namespace astrom3::training
