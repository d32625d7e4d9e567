// SPDX-License-Identifier: MIT
//
// The folder of a training: its files, its identity, and the state after the last finished epoch.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "astrom3/sink/sink.h"
#include "astrom3/training/training.h"
#include "base/claimed_folder.h"

namespace astrom3::training {

/// Everything a training goes on from.
struct SavedState {
  std::map<std::string, Tensor, std::less<>> tensors;  ///< Trainer::state()
  std::vector<EpochMetrics> epochs;
};

class RunFolder {
 public:
  /// Makes and locks the folder: see ClaimedFolder. Throws Error output_error.
  RunFolder(std::filesystem::path path, bool resume, bool force);

  /// Writes run.json, or, where there is one, compares. Throws Error output_error listing the differences.
  void claim(const Identity& run);

  std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }
  const std::filesystem::path& path() const noexcept { return folder_.path(); }

  /// Throws Error output_error where state.safetensors is damaged, or model.safetensors is older than it
  /// says.
  std::optional<SavedState> load_state() const;
  void save_state(const SavedState& state) const;

  void write_text(std::string_view name, std::string_view text) const;

 private:
  ClaimedFolder folder_;
};

}  // namespace astrom3::training
