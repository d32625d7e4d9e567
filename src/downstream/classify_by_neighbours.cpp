// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/evaluate.h"
#include "astrom3/downstream/search.h"

namespace astrom3 {
namespace {

constexpr double kTieBreak = 1e-6;  // smaller than any difference of votes

/// The rows whose fold satisfies `wanted`, packed.
template <typename Wanted>
std::vector<std::size_t> choose_rows(const LabelledRows& rows, const Folds& split, const Wanted& wanted,
                                     std::vector<float>& values) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < split.fold.size(); ++i) {
    if (!wanted(split.fold[i])) continue;
    chosen.push_back(i);
    const auto row = rows.values.subspan(i * rows.dimension, rows.dimension);
    values.insert(values.end(), row.begin(), row.end());
  }
  return chosen;
}

/// Votes of the neighbours as shares that sum to 1, the tie broken.
void count_votes(std::span<const std::int32_t> labels, std::span<const float> similarity,
                 std::span<double> shares) {
  std::vector<double> sums(shares.size(), 0);
  std::fill(shares.begin(), shares.end(), 0.0);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto c = static_cast<std::size_t>(labels[i]);
    shares[c] += 1 / static_cast<double>(labels.size());
    sums[c] += static_cast<double>(similarity[i]);
  }
  std::size_t best = 0;
  for (std::size_t c = 1; c < shares.size(); ++c) {
    const double more = shares[c] - shares[best];
    if (more > kTieBreak || (more > -kTieBreak && sums[c] > sums[best])) best = c;
  }
  for (double& share : shares) share /= 1 + kTieBreak;
  shares[best] += kTieBreak / (1 + kTieBreak);
}

}  // namespace

std::vector<double> classify_by_neighbours(const LabelledRows& rows, const Folds& split, std::size_t k,
                                           std::size_t n_threads) {
  const std::size_t N = rows.labels.size(), C = rows.n_classes;
  if (split.fold.size() != N || rows.values.size() != N * rows.dimension || k == 0)
    throw Error(Status::usage, fmt::format("neighbours: k {}, {} values, {} labels and a split of {} rows", k,
                                           rows.values.size(), N, split.fold.size()));
  std::vector<double> probabilities(N * C, std::nan(""));
  for (std::int32_t fold = 0; fold < split.n_folds; ++fold) {
    std::vector<float> known, asked;
    const auto train = choose_rows(
        rows, split, [&](std::int32_t f) { return f != fold && f != Folds::kUnused; }, known);
    const auto test = choose_rows(
        rows, split, [&](std::int32_t f) { return f == fold; }, asked);
    if (test.empty()) continue;
    if (train.empty()) throw Error(Status::no_input, "no training object: nothing to learn from");
    const std::size_t n_near = std::min(k, train.size());
    std::vector<std::int64_t> near(test.size() * n_near);
    std::vector<float> similarity(near.size());
    NeighbourIndex(known, rows.dimension, n_threads).find(asked, n_near, near, similarity, n_threads);
    std::vector<std::int32_t> labels(n_near);
    for (std::size_t q = 0; q < test.size(); ++q) {
      for (std::size_t i = 0; i < n_near; ++i)
        labels[i] = rows.labels[train[static_cast<std::size_t>(near[q * n_near + i])]];
      count_votes(labels, std::span(similarity).subspan(q * n_near, n_near),
                  std::span(probabilities).subspan(test[q] * C, C));
    }
  }
  return probabilities;
}

}  // namespace astrom3
