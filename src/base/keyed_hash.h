// SPDX-License-Identifier: MIT
//
// Hashes of texts that come from outside: the author of a file cannot know which texts collide.
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

/// SipHash-2-4 with 128 bits and a key that is random for every process, so that nobody who writes a file
/// knows it. No result may depend on its value.
/// Source  Aumasson, Bernstein 2012, https://www.aumasson.jp/siphash/siphash.pdf
Hash128 keyed_hash(std::string_view text);

/// The hash for all hash tables whose keys are ids, names or paths. std::hash has no key: it is easy to make
/// texts that collide under it, and a table of such texts takes time that is quadratic in their number.
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
