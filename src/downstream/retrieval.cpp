// SPDX-License-Identifier: MIT
#include "astrom3/downstream/retrieval.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/embeddings.h"
#include "base/median.h"
#include "base/parallel_for.h"
#include "base/threads.h"

namespace astrom3 {
namespace {

/// The embeddings of `rows` as unit vectors in double.
std::vector<double> unit_rows_of(const EmbeddingTable& table, const std::vector<std::size_t>& rows) {
  std::vector<double> out;
  for (const std::size_t i : rows) {
    double sum = 0;
    for (const float v : table.row(i)) sum += static_cast<double>(v) * static_cast<double>(v);
    for (const float v : table.row(i)) out.push_back(static_cast<double>(v) / std::sqrt(sum));
  }
  return out;
}

/// The rank of candidate `own` for a query.
double rank_of(std::span<const double> query, const std::vector<double>& candidates, std::size_t own) {
  const std::size_t width = query.size(), n = candidates.size() / width;
  const auto cosine = [&](std::size_t j) {
    double sum = 0;
    for (std::size_t k = 0; k < width; ++k) sum += query[k] * candidates[j * width + k];
    return sum;
  };
  const double wanted = cosine(own);
  std::size_t better = 0, equal = 0;
  for (std::size_t j = 0; j < n; ++j) {
    if (j == own) continue;
    const double other = cosine(j);
    better += other > wanted ? 1u : 0u;
    equal += other == wanted ? 1u : 0u;
  }
  return 1 + static_cast<double>(better) + static_cast<double>(equal) / 2;
}

}  // namespace

Retrieval measure_retrieval(const EmbeddingTable& from, const EmbeddingTable& to, std::size_t n_threads) {
  if (from.object_ids != to.object_ids || from.dimension != to.dimension)
    throw Error(Status::usage, "retrieval: the tables are of different objects or widths");
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from.has_embedding(i) && to.has_embedding(i)) rows.push_back(i);
  }
  if (rows.empty()) throw Error(Status::no_input, "no object has an embedding in both modalities");
  const std::vector<double> queries = unit_rows_of(from, rows), candidates = unit_rows_of(to, rows);
  const std::size_t width = from.dimension, n = rows.size();
  std::vector<double> ranks(n);
  parallel_for(n, resolve_threads(n_threads), [&](std::size_t i, std::size_t) {
    ranks[i] = rank_of(std::span(queries).subspan(i * width, width), candidates, i);
  });
  Retrieval out{.n = n};
  const auto count = static_cast<double>(n);
  for (std::size_t k = 0; k < kRecallRanks.size(); ++k) {
    const auto limit = static_cast<double>(kRecallRanks[k]);
    const auto found = std::count_if(ranks.begin(), ranks.end(), [=](double rank) { return rank <= limit; });
    out.recall[k] = static_cast<double>(found) / count;
    out.chance[k] = std::min(limit, count) / count;
  }
  out.median_rank = median_in_place(ranks);
  out.chance_median_rank = (count + 1) / 2;
  return out;
}

}  // namespace astrom3
