// SPDX-License-Identifier: MIT
#include "base/plain_sha256.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace astrom3 {
namespace {

// The first 32 bits of the fractions of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> kRoundConstants = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u};

std::uint32_t load_big_endian(const std::byte* p) noexcept {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < sizeof word; ++i) word = word << 8 | std::to_integer<std::uint32_t>(p[i]);
  return word;
}

/// The message schedule: the block's 16 words, and 48 that are made of them.
std::array<std::uint32_t, 64> schedule_of(const std::byte* block) noexcept {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i) w[i] = load_big_endian(block + 4 * i);
  for (std::size_t i = 16; i < w.size(); ++i) {
    const std::uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  return w;
}

}  // namespace

void PlainSha256::take_block(const std::byte* block) {
  const std::array<std::uint32_t, 64> w = schedule_of(block);
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const std::uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                ((e & f) ^ (~e & g)) + kRoundConstants[i] + w[i];
    const std::uint32_t second =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const std::array<std::uint32_t, 8> added = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state_.size(); ++i) state_[i] += added[i];
}

void PlainSha256::update(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto held = static_cast<std::size_t>(n_bytes_ % kBlockBytes);
    const std::size_t n = std::min(kBlockBytes - held, bytes.size());
    if (n == kBlockBytes) {
      take_block(bytes.data());
    } else {
      std::memcpy(block_.data() + held, bytes.data(), n);
      if (held + n == kBlockBytes) take_block(block_.data());
    }
    n_bytes_ += n;
    bytes = bytes.subspan(n);
  }
}

std::array<unsigned char, PlainSha256::kBytes> PlainSha256::finish() {
  constexpr std::size_t kLengthBytes = 8;
  const std::uint64_t n_bits = n_bytes_ * 8;
  const std::array<std::byte, kBlockBytes> padding{std::byte{0x80}};  // a bit, then zeros up to the length
  const auto held = static_cast<std::size_t>(n_bytes_ % kBlockBytes);
  const std::size_t zeros_end = held < kBlockBytes - kLengthBytes ? kBlockBytes : 2 * kBlockBytes;
  update(std::span(padding).first(zeros_end - kLengthBytes - held));  // 1 to 64 bytes
  std::array<std::byte, kLengthBytes> length{};
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    length[i] = static_cast<std::byte>(n_bits >> (56 - 8 * i) & 0xffu);
  update(length);
  std::array<unsigned char, kBytes> hash{};
  for (std::size_t i = 0; i < kBytes; ++i)
    hash[i] = static_cast<unsigned char>(state_[i / 4] >> (24 - 8 * (i % 4)) & 0xffu);
  return hash;
}

}  // namespace astrom3
