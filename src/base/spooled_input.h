// SPDX-License-Identifier: MIT
//
// Bytes that can be read only once, kept on disk so that they can be read like a file.
#pragma once

#include <filesystem>

namespace astrom3 {

/// Reads `descriptor` to its end into a file without a name, in TMPDIR or /tmp. The file is removed with
/// this object, however the process ends. Memory does not grow with the input.
/// Throws Error io_error.
class SpooledInput {
 public:
  explicit SpooledInput(int descriptor);
  ~SpooledInput();
  SpooledInput(const SpooledInput&) = delete;
  SpooledInput& operator=(const SpooledInput&) = delete;

  /// A path that opens the file; valid while this object lives.
  std::filesystem::path path() const;

 private:
  int spool_ = -1;
};

}  // namespace astrom3
