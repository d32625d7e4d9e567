// SPDX-License-Identifier: MIT
//
// The best k of many candidates, in an order that does not depend on the order in which they are added.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace astrom3 {

struct Neighbour {
  float similarity = 0;
  std::int64_t row = 0;
};

/// A total order: more similar first, then the lower row.
inline bool is_better(const Neighbour& a, const Neighbour& b) noexcept {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

/// Keeps the k best candidates seen. Allocates when it is made and not later.
class Nearest {
 public:
  explicit Nearest(std::size_t k) : k_(k) { heap_.reserve(k); }

  void offer(const Neighbour& candidate) {
    if (heap_.size() == k_) {
      if (k_ == 0 || !is_better(candidate, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), is_better);
      heap_.back() = candidate;
    } else {
      heap_.push_back(candidate);
    }
    std::push_heap(heap_.begin(), heap_.end(), is_better);
  }

  void offer(const Nearest& other) {
    for (const Neighbour& candidate : other.heap_) offer(candidate);
  }

  /// The kept candidates, best first. Empties the collection.
  const std::vector<Neighbour>& sorted() {
    std::sort(heap_.begin(), heap_.end(), is_better);
    return heap_;
  }

 private:
  std::size_t k_;
  std::vector<Neighbour> heap_;  ///< the worst of the kept ones on top
};

}  // namespace astrom3
