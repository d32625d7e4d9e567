// SPDX-License-Identifier: MIT
//
// Hashes of texts that come from outside: who writes a file cannot know which of them collide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace astrom3 {

struct Hash128 {
  std::uint64_t low = 0, high = 0;
  bool operator==(const Hash128&) const = default;
};

/// SipHash-2-4 with 128 bits under a key that every process draws anew (SHA-256 of the key and the text where
/// OpenSSL has no SipHash). No result may depend on its value.
/// Source  Aumasson, Bernstein 2012, https://www.aumasson.jp/siphash/siphash.pdf
Hash128 keyed_hash(std::string_view text);

/// The hash of every table in memory whose keys are ids, names or paths. std::hash has no key: texts that
/// collide under it are easily made, and a table of them takes time that is quadratic in their number.
struct KeyedHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return static_cast<std::size_t>(keyed_hash(text).low);
  }
};

template <typename Value>
using TextMap = std::unordered_map<std::string, Value, KeyedHash, std::equal_to<>>;
using TextSet = std::unordered_set<std::string, KeyedHash, std::equal_to<>>;

}  // namespace astrom3
