// SPDX-License-Identifier: MIT
#include "astrom3/downstream/outliers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "base/median.h"
#include "base/threads.h"
#include "downstream/neighbour_graph.h"
#include "downstream/places.h"
#include "downstream/unit_rows.h"

namespace astrom3 {
namespace {

constexpr double kNoZeroReach = 1e-10;

/// [C, D] at unit length; a class without rows stays zero.
std::vector<double> find_centroids(std::span<const double> unit, std::size_t dimension,
                                   std::span<const std::int32_t> classes, std::size_t n_classes) {
  std::vector<double> centroids(n_classes * dimension, 0.0);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] < 0) continue;
    double* centroid = centroids.data() + static_cast<std::size_t>(classes[i]) * dimension;
    for (std::size_t d = 0; d < dimension; ++d) centroid[d] += unit[i * dimension + d];
  }
  for (std::size_t c = 0; c < n_classes; ++c) {
    double sum = 0;
    double* centroid = centroids.data() + c * dimension;
    for (std::size_t d = 0; d < dimension; ++d) sum += centroid[d] * centroid[d];
    for (std::size_t d = 0; sum > 0 && d < dimension; ++d) centroid[d] /= std::sqrt(sum);
  }
  return centroids;
}

/// [n] distances over the median of their class; NaN without a class, 1 where the median is 0.
std::vector<double> over_median(std::span<const double> distance, std::span<const std::int32_t> classes,
                                std::size_t n_classes) {
  std::vector<std::vector<double>> of_class(n_classes);
  for (std::size_t i = 0; i < distance.size(); ++i) {
    if (classes[i] >= 0) of_class[static_cast<std::size_t>(classes[i])].push_back(distance[i]);
  }
  std::vector<double> medians(n_classes, 0);
  for (std::size_t c = 0; c < n_classes; ++c) {
    if (!of_class[c].empty()) medians[c] = median_in_place(of_class[c]);
  }
  std::vector<double> relative(distance.size(), std::nan(""));
  for (std::size_t i = 0; i < distance.size(); ++i) {
    if (classes[i] < 0) continue;
    const double median = medians[static_cast<std::size_t>(classes[i])];
    relative[i] = median > 0 ? distance[i] / median : 1;
  }
  return relative;
}

std::vector<float> take_rows(std::span<const float> values, std::size_t dimension,
                             std::span<const std::size_t> rows) {
  std::vector<float> taken;
  taken.reserve(rows.size() * dimension);
  for (const std::size_t row : rows) {
    const auto numbers = values.subspan(row * dimension, dimension);
    taken.insert(taken.end(), numbers.begin(), numbers.end());
  }
  return taken;
}

/// [n] of a graph's rows.
std::vector<double> local_outlier_factors(const NeighbourGraph& graph) {
  const std::size_t n = graph.n, k = graph.k;
  std::vector<double> density(n), factor(n);
  for (std::size_t i = 0; i < n; ++i) {
    double reach = 0;
    for (std::size_t j = i * k; j < (i + 1) * k; ++j)
      reach += std::max(graph.distance[graph.rows[j] * k + k - 1], graph.distance[j]);
    density[i] = 1 / (reach / static_cast<double>(k) + kNoZeroReach);
  }
  for (std::size_t i = 0; i < n; ++i) {
    double of_neighbours = 0;
    for (std::size_t j = i * k; j < (i + 1) * k; ++j) of_neighbours += density[graph.rows[j]];
    factor[i] = of_neighbours / static_cast<double>(k) / density[i];
  }
  return factor;
}

}  // namespace

ClassDistances measure_class_distances(std::span<const float> values, std::size_t dimension,
                                       std::span<const std::int32_t> classes, std::size_t n_classes) {
  const std::size_t n = count_rows(values, dimension, "outliers");
  if (classes.size() != n)
    throw Error(Status::usage, fmt::format("outliers: {} classes for {} rows", classes.size(), n));
  std::vector<std::size_t> n_of_class(n_classes, 0);
  for (const std::int32_t c : classes) {
    if (c >= 0) ++n_of_class.at(static_cast<std::size_t>(c));
  }
  if (std::all_of(n_of_class.begin(), n_of_class.end(), [](std::size_t m) { return m == 0; }))
    throw Error(Status::no_input, "no object has a class");
  const std::vector<double> unit = unit_rows(values, dimension);
  const std::vector<double> centroids = find_centroids(unit, dimension, classes, n_classes);

  ClassDistances found;
  found.own.assign(n, std::nan(""));
  found.nearest.assign(n, -1);
  found.to_nearest.assign(n, std::nan(""));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t c = 0; c < n_classes; ++c) {
      if (n_of_class[c] == 0) continue;
      double cosine = 0;
      for (std::size_t d = 0; d < dimension; ++d)
        cosine += unit[i * dimension + d] * centroids[c * dimension + d];
      const double distance = std::max(0.0, 1 - cosine);
      if (found.nearest[i] < 0 || distance < found.to_nearest[i]) {
        found.nearest[i] = static_cast<std::int32_t>(c);
        found.to_nearest[i] = distance;
      }
      if (classes[i] == static_cast<std::int32_t>(c)) found.own[i] = distance;
    }
  }
  found.relative = over_median(found.own, classes, n_classes);
  return found;
}

NeighbourScores score_by_neighbours(std::span<const float> values, std::size_t dimension, std::size_t k,
                                    std::size_t n_threads) {
  const std::size_t n = count_rows(values, dimension, "outliers");
  if (n < 2) throw Error(Status::no_input, "outliers need two objects at least");
  if (k == 0) throw Error(Status::usage, "outliers: k is 0");
  const Places places = find_places(values, dimension);
  const std::size_t n_places = places.rows.size();
  k = std::min(k, n_places - 1);
  NeighbourScores scores{.kth_distance = std::vector<double>(n, 0.0),
                         .local_outlier_factor = std::vector<double>(n, 1.0),
                         .n_places = n_places,
                         .k = k};
  if (k == 0) return scores;
  const std::vector<float> distinct =
      n_places < n ? take_rows(values, dimension, places.rows) : std::vector<float>();
  const NeighbourGraph graph = build_neighbour_graph(n_places < n ? std::span<const float>(distinct) : values,
                                                     dimension, k, resolve_threads(n_threads));
  const std::vector<double> factor = local_outlier_factors(graph);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t place = places.of_row[i];
    scores.kth_distance[i] = graph.distance[place * k + k - 1];
    scores.local_outlier_factor[i] = factor[place];
  }
  return scores;
}

}  // namespace astrom3
