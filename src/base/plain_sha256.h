// SPDX-License-Identifier: MIT
//
// SHA-256 (FIPS 180-4) without a library of the system, for WebAssembly; elsewhere it is slower than the
// system's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace astrom3 {

/// The hash of bytes that come in pieces.
class PlainSha256 {
 public:
  static constexpr std::size_t kBytes = 32;

  void update(std::span<const std::byte> bytes);
  /// The hash of everything so far; to be called once, last.
  std::array<unsigned char, kBytes> finish();

 private:
  static constexpr std::size_t kBlockBytes = 64;

  void take_block(const std::byte* block);

  std::array<std::uint32_t, 8> state_ = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
                                         0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};
  std::array<std::byte, kBlockBytes> block_{};
  std::uint64_t n_bytes_ = 0;  ///< so far; what does not fill a block is in block_
};

}  // namespace astrom3
