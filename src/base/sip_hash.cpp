// SPDX-License-Identifier: MIT
#include "base/sip_hash.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/keyed_hash.h"

namespace astrom3 {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
constexpr int kRoundsOfWord = 2, kRoundsAtEnd = 4;

/// The four words of the state, v0 to v3 of the paper.
class SipState {
 public:
  explicit SipState(const SipKey& key)  // the constants spell "somepseudorandomlygeneratedbytes"
      : v0_(key[0] ^ 0x736f6d6570736575),
        v1_(key[1] ^ 0x646f72616e646f6d ^ kOf128Bits),
        v2_(key[0] ^ 0x6c7967656e657261),
        v3_(key[1] ^ 0x7465646279746573) {}

  void take(std::uint64_t word) {
    v3_ ^= word;
    run(kRoundsOfWord);
    v0_ ^= word;
  }

  Hash128 finish() {
    v2_ ^= kOf128Bits;
    run(kRoundsAtEnd);
    const std::uint64_t low = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= kOfSecondHalf;
    run(kRoundsAtEnd);
    return {.low = low, .high = v0_ ^ v1_ ^ v2_ ^ v3_};
  }

 private:
  static constexpr std::uint64_t kOf128Bits = 0xee, kOfSecondHalf = 0xdd;

  void run(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      v0_ += v1_, v1_ = std::rotl(v1_, 13) ^ v0_, v0_ = std::rotl(v0_, 32);
      v2_ += v3_, v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_, v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_, v1_ = std::rotl(v1_, 17) ^ v2_, v2_ = std::rotl(v2_, 32);
    }
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

/// The first bytes of a text as a number, little-endian; zeros after its end.
std::uint64_t word_at(std::string_view text) {
  std::uint64_t word = 0;
  if (!text.empty())
    std::memcpy(&word, text.data(), std::min(text.size(), kWordBytes));  // data() may be null
  return word;
}

}  // namespace

Hash128 sip_hash(const SipKey& key, std::string_view text) noexcept {
  SipState state(key);
  const auto n_modulo_256 = static_cast<std::uint64_t>(text.size()) << 56;
  for (; text.size() >= kWordBytes; text.remove_prefix(kWordBytes)) state.take(word_at(text));
  state.take(n_modulo_256 | word_at(text));
  return state.finish();
}

}  // namespace astrom3
