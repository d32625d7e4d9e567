// SPDX-License-Identifier: MIT
#include "base/hash_set.h"

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/keyed_hash.h"

namespace astrom3 {
namespace {

constexpr Hash128 kFree;

}  // namespace

Hash128 HashSet::hash_of(std::string_view text) {
  const Hash128 hash = keyed_hash(text);
  return hash == kFree ? Hash128{.low = 1} : hash;
}

std::size_t HashSet::slot_of(const Hash128& hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(hash.low) & mask;
  while (slots_[slot] != kFree && slots_[slot] != hash) slot = (slot + 1) & mask;
  return slot;
}

bool HashSet::contains(std::string_view text) const {
  return !slots_.empty() && slots_[slot_of(hash_of(text))] != kFree;
}

bool HashSet::insert_hash(const Hash128& hash) {
  if (2 * (size_ + 1) > slots_.size()) {
    std::vector<Hash128> old = std::exchange(slots_, {});
    slots_.resize(old.empty() ? 64 : 2 * old.size());
    for (const Hash128& h : old) {
      if (h != kFree) slots_[slot_of(h)] = h;
    }
  }
  Hash128& slot = slots_[slot_of(hash)];
  if (slot == hash) return false;
  slot = hash;
  ++size_;
  return true;
}

}  // namespace astrom3
