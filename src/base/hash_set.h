// SPDX-License-Identifier: MIT
//
// A set of the hashes of texts: 32 to 64 bytes per element, for remembering very many ids.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/keyed_hash.h"

namespace astrom3 {

/// Two of n different texts share a keyed hash of 128 bits with probability n^2 / 2^129, 10^-23 for 10^8 of
/// them, and nobody can choose two such texts. So texts of equal hash are regarded as equal.
class HashSet {
 public:
  /// Adds `text`; false if the set had it already.
  bool insert(std::string_view text) { return insert_hash(hash_of(text)); }
  bool contains(std::string_view text) const;
  std::size_t size() const noexcept { return size_; }
  std::size_t memory_bytes() const noexcept { return slots_.capacity() * sizeof(Hash128); }

 private:
  static Hash128 hash_of(std::string_view text);
  bool insert_hash(const Hash128& hash);
  std::size_t slot_of(const Hash128& hash) const noexcept;

  std::vector<Hash128> slots_;  // a power of two of them; 0: free
  std::size_t size_ = 0;
};

}  // namespace astrom3
