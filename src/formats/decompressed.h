// SPDX-License-Identifier: MIT
//
// The bytes of a file, decompressed if it is gzip or Zstandard, which is recognised by the first bytes, not
// by the name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "formats/byte_reader.h"

namespace astrom3 {

/// Streams any number of gzip members or Zstandard frames. Every checksum and every length that a member
/// states is checked when the member ends.
///
/// Other files pass unchanged. Once kRatioFreeBytes have been decompressed, expansion beyond kMaxRatio is
/// rejected: no light curve compresses so well, but a decompression bomb does.
class DecompressedReader {
 public:
  static constexpr std::uint64_t kMaxRatio = 200;
  static constexpr std::uint64_t kRatioFreeBytes = 64ull << 20;

  explicit DecompressedReader(ByteReader bytes);
  DecompressedReader(DecompressedReader&&) noexcept;
  DecompressedReader& operator=(DecompressedReader&&) noexcept;
  ~DecompressedReader();

  /// "gzip", "zstd" or "".
  const char* compression() const noexcept;
  bool is_compressed() const noexcept { return *compression() != '\0'; }

  /// Fills the front of `into`; 0 only at the end, and then every CRC was right.
  /// Throws Error io_error, or bad_compression: truncated, corrupt, trailing junk, a bomb.
  std::size_t read(std::span<char> into);

  /// Reads the whole file a second time, without keeping it and without moving this reader: afterwards
  /// read() will not meet a bad CRC. Throws like read().
  void verify() const;

  std::uint64_t bytes_read() const noexcept;   ///< compressed, as on disk
  std::uint64_t bytes_total() const noexcept;  ///< compressed, as on disk

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
