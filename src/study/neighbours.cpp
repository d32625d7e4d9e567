// SPDX-License-Identifier: MIT
#include "study/neighbours.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace astrom3 {

Neighbours find_neighbours(const Embeddings& e, std::size_t k) {
  const std::size_t n = e.done.size();
  Neighbours all(n);
  std::vector<double> distance(n);
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) distance[j] = cosine_distance(e.row(i), e.row(j));
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::erase(order, i);
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(k);
    std::partial_sort(order.begin(), middle, order.end(), [&](std::size_t a, std::size_t b) {
      return distance[a] < distance[b] || (distance[a] == distance[b] && a < b);
    });
    all[i].assign(order.begin(), middle);
    std::sort(all[i].begin(), all[i].end());
    order.resize(n);
  }
  return all;
}

double fraction_kept(const Neighbours& a, const Neighbours& b) {
  std::size_t kept = 0, total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::vector<std::size_t> both;
    std::set_intersection(a[i].begin(), a[i].end(), b[i].begin(), b[i].end(), std::back_inserter(both));
    kept += both.size();
    total += a[i].size();
  }
  return static_cast<double>(kept) / static_cast<double>(total);
}

}  // namespace astrom3
