// SPDX-License-Identifier: MIT
#include "features/forest.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrom3 {
namespace {

/// The next 64 random bits of SplitMix64 (Steele, Lea & Flood 2014).
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// A uniform random number of 0 .. n-1; its bias is below n / 2^32.
std::size_t draw_below(std::uint64_t& state, std::size_t n) {
  return static_cast<std::size_t>((next_random(state) >> 32) * static_cast<std::uint64_t>(n) >> 32);
}

/// One tree over a bootstrap sample of observations ordered by phase. Leaves are intervals of
/// phase, so a tree is a list of consecutive leaves.
class Tree {
 public:
  Tree(std::span<const double> phase, std::span<const double> mag, std::size_t min_leaf)
      : phase_(phase), mag_(mag), min_leaf_(min_leaf), draws_(phase.size()) {}

  /// Draws a sample, grows the tree and adds its predictions at all N phases to `sum`.
  void add_predictions(std::uint64_t& random_state, std::vector<double>& sum) {
    draw_sample(random_state);
    leaves_.clear();
    grow();
    std::size_t leaf = 0;
    for (std::size_t i = 0; i < phase_.size(); ++i) {
      while (leaf + 1 < leaves_.size() && phase_[i] > leaves_[leaf].upper_phase) ++leaf;
      sum[i] += leaves_[leaf].mean;
    }
  }

 private:
  struct Leaf {
    double upper_phase;  ///< a phase beyond it belongs to the next leaf
    double mean;
  };
  struct Node {
    std::size_t first, last;  ///< half-open range of sample_
  };

  void draw_sample(std::uint64_t& random_state) {
    std::fill(draws_.begin(), draws_.end(), 0.0);
    for (std::size_t i = 0; i < draws_.size(); ++i) draws_[draw_below(random_state, draws_.size())] += 1;
    sample_.clear();
    weight_before_.assign(1, 0.0);
    sum_before_.assign(1, 0.0);
    for (std::size_t i = 0; i < draws_.size(); ++i) {
      if (draws_[i] == 0) continue;
      sample_.push_back(i);
      weight_before_.push_back(weight_before_.back() + draws_[i]);
      sum_before_.push_back(sum_before_.back() + draws_[i] * mag_[i]);
    }
  }

  double mean(Node node) const {
    return (sum_before_[node.last] - sum_before_[node.first]) /
           (weight_before_[node.last] - weight_before_[node.first]);
  }

  /// The position in (first, last) at which a split lowers the squared error most; `first` when no split
  /// does.
  std::size_t best_split(Node node) const {
    const double w0 = weight_before_[node.first], w1 = weight_before_[node.last];
    const double s0 = sum_before_[node.first], s1 = sum_before_[node.last];
    double best_gain = (s1 - s0) * (s1 - s0) / (w1 - w0);
    std::size_t best = node.first;
    for (std::size_t i = node.first + min_leaf_; i + min_leaf_ <= node.last; ++i) {
      if (phase_[sample_[i - 1]] == phase_[sample_[i]]) continue;
      const double left = sum_before_[i] - s0, right = s1 - sum_before_[i];
      const double gain = left * left / (weight_before_[i] - w0) + right * right / (w1 - weight_before_[i]);
      if (gain > best_gain) best_gain = gain, best = i;
    }
    return best;
  }

  /// Depth first, left to right: leaves come out in order of phase.
  void grow() {
    pending_.assign(1, Node{0, sample_.size()});
    while (!pending_.empty()) {
      const Node node = pending_.back();
      pending_.pop_back();
      const std::size_t split = node.last - node.first < 2 * min_leaf_ ? node.first : best_split(node);
      if (split != node.first) {
        pending_.push_back({split, node.last});
        pending_.push_back({node.first, split});
        continue;
      }
      const double last_phase = phase_[sample_[node.last - 1]];
      const bool is_last = node.last == sample_.size();
      const double upper = is_last ? last_phase : (last_phase + phase_[sample_[node.last]]) / 2;
      leaves_.push_back({upper, mean(node)});
    }
  }

  std::span<const double> phase_, mag_;
  std::size_t min_leaf_;
  std::vector<double> draws_;          ///< [N] how often each observation was drawn
  std::vector<std::size_t> sample_;    ///< distinct observations drawn, ascending
  std::vector<double> weight_before_;  ///< running sums over sample_
  std::vector<double> sum_before_;
  std::vector<Node> pending_;  ///< nodes still to be split
  std::vector<Leaf> leaves_;
};

}  // namespace

void forest_predict(std::span<const double> phase, std::span<const double> mag, const ForestOptions& options,
                    std::vector<double>& prediction) {
  prediction.assign(mag.size(), 0.0);
  if (mag.empty()) return;
  // Magnitudes are taken relative to the first one: the split criterion subtracts squares of sums, which must
  // not be large.
  std::vector<double> relative(mag.begin(), mag.end());
  for (double& m : relative) m -= mag[0];
  Tree tree(phase, relative, std::max<std::size_t>(options.min_leaf, 1));
  std::uint64_t random_state = options.seed;
  for (std::size_t i = 0; i < options.n_trees; ++i) tree.add_predictions(random_state, prediction);
  for (double& p : prediction) p = p / static_cast<double>(options.n_trees) + mag[0];
}

}  // namespace astrom3
