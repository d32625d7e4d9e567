// SPDX-License-Identifier: MIT
#include "base/hash_set.h"

#include <functional>

namespace astrom3 {

std::uint64_t HashSet::hash_of(std::string_view name) noexcept {
  const std::uint64_t hash = std::hash<std::string_view>{}(name);
  return hash == 0 ? 1 : hash;
}

std::size_t HashSet::slot_of(std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(hash) & mask;
  while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & mask;
  return slot;
}

bool HashSet::contains(std::string_view name) const noexcept {
  return !slots_.empty() && slots_[slot_of(hash_of(name))] != 0;
}

bool HashSet::insert_hash(std::uint64_t hash) {
  if (2 * (size_ + 1) > slots_.size()) {
    std::vector<std::uint64_t> old = std::exchange(slots_, {});
    slots_.resize(old.empty() ? 64 : 2 * old.size());
    for (const std::uint64_t h : old) {
      if (h != 0) slots_[slot_of(h)] = h;
    }
  }
  std::uint64_t& slot = slots_[slot_of(hash)];
  if (slot == hash) return false;
  slot = hash;
  ++size_;
  return true;
}

}  // namespace astrom3
