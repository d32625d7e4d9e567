// SPDX-License-Identifier: MIT
#include "downstream/places.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "downstream/unit_rows.h"

namespace astrom3 {
namespace {

bool are_near(const double* a, const double* b, std::size_t dimension) {
  double sum = 0;
  for (std::size_t d = 0; d < dimension; ++d) sum += (a[d] - b[d]) * (a[d] - b[d]);
  return sum <= kPlaceRadius * kPlaceRadius;
}

/// [N] how far every row goes along one direction, which is of unit length and has no symmetry: rows that are
/// near to each other are near along it.
std::vector<double> project(std::span<const double> unit, std::size_t dimension) {
  std::vector<double> direction(dimension);
  double length = 0;
  for (std::size_t d = 0; d < dimension; ++d) {
    direction[d] = std::sin(1 + 2.3 * static_cast<double>(d * d + d));
    length += direction[d] * direction[d];
  }
  std::vector<double> along(unit.size() / dimension, 0.0);
  for (std::size_t i = 0; i < along.size(); ++i) {
    for (std::size_t d = 0; d < dimension; ++d) along[i] += unit[i * dimension + d] * direction[d];
    along[i] /= std::sqrt(length);
  }
  return along;
}

/// The rows by `along`, and equal ones by their numbers.
std::vector<std::size_t> sorted_rows(std::span<const double> unit, std::size_t dimension,
                                     std::span<const double> along) {
  std::vector<std::size_t> order(along.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    if (along[i] != along[j]) return along[i] < along[j];
    const auto a = unit.subspan(i * dimension, dimension), b = unit.subspan(j * dimension, dimension);
    const auto differ = std::mismatch(a.begin(), a.end(), b.begin());
    return differ.first == a.end() ? i < j : *differ.first < *differ.second;
  });
  return order;
}

}  // namespace

Places find_places(std::span<const float> values, std::size_t dimension) {
  const std::vector<double> unit = unit_rows(values, dimension), along = project(unit, dimension);
  const std::size_t n = along.size();
  const auto row = [&](std::size_t i) { return unit.data() + i * dimension; };
  std::vector<std::size_t> founder(n), founders;  // of the places, ascending along the direction
  std::size_t first_near = 0;
  for (const std::size_t i : sorted_rows(unit, dimension, along)) {
    // Twice the radius leaves room for the rounding of the projection.
    while (first_near < founders.size() && along[founders[first_near]] < along[i] - 2 * kPlaceRadius)
      ++first_near;
    const auto found =
        std::find_if(founders.begin() + static_cast<std::ptrdiff_t>(first_near), founders.end(),
                     [&](std::size_t f) { return are_near(row(f), row(i), dimension); });
    founder[i] = found != founders.end() ? *found : i;
    if (found == founders.end()) founders.push_back(i);
  }
  Places places{.rows = founders, .of_row = std::vector<std::uint32_t>(n)};
  std::sort(places.rows.begin(), places.rows.end());
  for (std::size_t i = 0; i < n; ++i) {
    const auto at = std::lower_bound(places.rows.begin(), places.rows.end(), founder[i]);
    places.of_row[i] = static_cast<std::uint32_t>(at - places.rows.begin());
  }
  return places;
}

}  // namespace astrom3
