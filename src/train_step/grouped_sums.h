// SPDX-License-Identifier: MIT
//
// The sum of every example's gradient, which no number of threads changes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/float_environment.h"
#include "base/parallel_for.h"

namespace astrom3::train {

/// Examples are summed in groups, one after the other, and the groups in order.
template <typename Real>
class GroupedSums {
 public:
  explicit GroupedSums(std::size_t size) : size_(size) {}

  /// Calls run(example, worker, gradient) for every example; it adds the example's gradient to `gradient`
  /// [size].
  template <typename Run>
  void add_up(std::size_t n_examples, std::size_t n_threads, const Run& run) {
    const std::size_t group_size = std::max(kMinGroupSize, (n_examples + kMaxGroups - 1) / kMaxGroups);
    const std::size_t n_groups = (n_examples + group_size - 1) / group_size;
    while (groups_.size() < n_groups) groups_.emplace_back(size_);
    parallel_for(n_groups, n_threads, [&](std::size_t group, std::size_t worker) {
      const ScopedFloatEnvironment float_environment;
      std::fill_n(groups_[group].data(), size_, Real(0));
      const std::size_t end = std::min(n_examples, (group + 1) * group_size);
      for (std::size_t i = group * group_size; i < end; ++i) run(i, worker, groups_[group].data());
    });
    parallel_for((size_ + kReducedTogether - 1) / kReducedTogether, n_threads,
                 [&](std::size_t piece, std::size_t) { reduce(piece * kReducedTogether, n_groups); });
  }

  /// Of the last add_up().
  std::span<Real> sum() { return groups_[0].span(); }
  std::span<const Real> sum() const { return groups_[0].span(); }

 private:
  static constexpr std::size_t kMaxGroups = 16;
  static constexpr std::size_t kMinGroupSize = 4;
  static constexpr std::size_t kReducedTogether = 1 << 14;  // parameters

  void reduce(std::size_t first, std::size_t n_groups) {
    const std::size_t count = std::min(kReducedTogether, size_ - first);
    Real* sum = groups_[0].data() + first;
    for (std::size_t group = 1; group < n_groups; ++group) {
      const Real* other = groups_[group].data() + first;
      for (std::size_t i = 0; i < count; ++i) sum[i] += other[i];
    }
  }

  std::size_t size_;
  std::vector<AlignedBuffer<Real>> groups_;  ///< the first becomes their sum
};

}  // namespace astrom3::train
