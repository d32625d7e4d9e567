// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/message_digest.h"
#include "base/plain_sha256.h"

namespace astrom3 {
namespace {

using Hash = std::array<unsigned char, PlainSha256::kBytes>;

std::vector<std::byte> bytes_of(std::size_t n) {
  std::vector<std::byte> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>((i * 131 + i / 7) & 0xffu);
  return bytes;
}

Hash of_the_system(std::span<const std::byte> bytes) {
  MessageDigest digest(HashKind::sha256);
  digest.update(bytes);
  return digest.finish();
}

TEST(PlainSha256, IsTheHashOfTheSystemForEveryLengthAroundABlock) {
  for (std::size_t n = 0; n <= 200; ++n) {
    PlainSha256 hash;
    hash.update(bytes_of(n));
    EXPECT_EQ(hash.finish(), of_the_system(bytes_of(n))) << n;
  }
}

TEST(PlainSha256, DoesNotDependOnThePiecesThatTheBytesComeIn) {
  const std::vector<std::byte> bytes = bytes_of(1000);
  for (const std::size_t piece : {1u, 3u, 63u, 64u, 65u, 200u}) {
    PlainSha256 hash;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      hash.update(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    EXPECT_EQ(hash.finish(), of_the_system(bytes)) << piece;
  }
}

}  // namespace
}  // namespace astrom3
