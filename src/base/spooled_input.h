// SPDX-License-Identifier: MIT
//
// Input that can be read only once, copied to disk so that it can be read like a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace astrom3 {

/// Reads `descriptor` to its end into a file without a name, in TMPDIR or /tmp. The file is removed with
/// this object, however the process ends. Memory does not grow with the input.
///
/// max_bytes   how much may be copied
/// check_head  is given the first bytes, before anything is written, and throws if they cannot be part of
///             a table: so an endless input is not copied first
/// Throws Error io_error, what check_head throws, and Stopped, also while it waits for input.
class SpooledInput {
 public:
  SpooledInput(int descriptor, std::uint64_t max_bytes,
               const std::function<void(std::string_view head)>& check_head);
  ~SpooledInput();
  SpooledInput(const SpooledInput&) = delete;
  SpooledInput& operator=(const SpooledInput&) = delete;

  /// A path that opens the file; valid while this object lives.
  std::filesystem::path path() const;

 private:
  int spool_ = -1;
};

}  // namespace astrom3
