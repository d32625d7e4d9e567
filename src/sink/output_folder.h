// SPDX-License-Identifier: MIT
//
// A directory made for the arrays of one output.
#pragma once

#include <filesystem>

namespace astrom3 {

/// Removed again if it is still empty, unless keep() was called. Throws Error output_error where it cannot be
/// made, or is not empty; with `force` an earlier output of arrays may be in it, whose files are replaced.
class OutputFolder {
 public:
  OutputFolder(std::filesystem::path path, bool force);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  void keep() { created_ = false; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool created_ = false;
};

}  // namespace astrom3
