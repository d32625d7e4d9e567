// SPDX-License-Identifier: MIT
//
// A set of 64-bit hashes: 16 to 32 bytes an element, for remembering very many names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace astrom3 {

/// Two different names share a 64-bit hash with probability n^2 / 2^65 (10^-7 for 10^6 names,
/// 3e-4 for 10^8); the caller decides whether that is rare enough.
class HashSet {
 public:
  /// Adds `name`; false when it (or a name with its hash) was there already.
  bool insert(std::string_view name) { return insert_hash(hash_of(name)); }
  bool contains(std::string_view name) const noexcept;
  std::size_t size() const noexcept { return size_; }

 private:
  static std::uint64_t hash_of(std::string_view name) noexcept;
  bool insert_hash(std::uint64_t hash);
  std::size_t slot_of(std::uint64_t hash) const noexcept;

  std::vector<std::uint64_t> slots_;  // a power of two of them; 0: free
  std::size_t size_ = 0;
};

}  // namespace astrom3
