// SPDX-License-Identifier: MIT
//
// The bytes of a file, decompressed where it is gzip; told by its first two bytes, not its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "formats/byte_reader.h"

namespace astrom3 {

/// Streams any number of gzip members; every CRC and length is checked when its member ends.
///
/// What is not gzip passes unchanged. Expansion beyond kMaxRatio (looked at once kRatioFreeBytes
/// came out) is refused: a light curve never compresses like that, a bomb does.
class GzipReader {
 public:
  static constexpr std::uint64_t kMaxRatio = 200;
  static constexpr std::uint64_t kRatioFreeBytes = 64ull << 20;

  explicit GzipReader(ByteReader bytes);
  GzipReader(GzipReader&&) noexcept;
  GzipReader& operator=(GzipReader&&) noexcept;
  ~GzipReader();

  bool is_gzip() const noexcept;

  /// Fills the front of `into`; 0 only at the end, and then every CRC was right.
  /// Throws Error io_error, or bad_compression: truncated, corrupt, trailing junk, a bomb.
  std::size_t read(std::span<char> into);

  /// Reads the whole file a second time, keeping nothing and leaving this reader where it is:
  /// afterwards read() will not meet a bad CRC. Throws like read().
  void verify() const;

  std::uint64_t bytes_read() const noexcept;   ///< compressed, as on disk
  std::uint64_t bytes_total() const noexcept;  ///< compressed, as on disk

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
