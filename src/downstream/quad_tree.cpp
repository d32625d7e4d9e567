// SPDX-License-Identifier: MIT
#include "downstream/quad_tree.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace astrom3 {
namespace {

constexpr int kMaxDepth = 50;  // beyond it positions are equal for every purpose
constexpr double kSmallest = 1e-300;

}  // namespace

QuadTree::QuadTree(std::span<const double> points) {
  double low_x = points[0], high_x = points[0], low_y = points[1], high_y = points[1];
  for (std::size_t i = 0; i < points.size(); i += 2) {
    low_x = std::min(low_x, points[i]);
    high_x = std::max(high_x, points[i]);
    low_y = std::min(low_y, points[i + 1]);
    high_y = std::max(high_y, points[i + 1]);
  }
  centre_x_ = (low_x + high_x) / 2;
  centre_y_ = (low_y + high_y) / 2;
  half_ = std::max({(high_x - low_x) / 2, (high_y - low_y) / 2, kSmallest}) * (1 + 1e-9);
  cells_.reserve(2 * points.size());
  cells_.emplace_back();
  for (std::size_t i = 0; i < points.size(); i += 2) add(points[i], points[i + 1]);
  for (Cell& cell : cells_) {
    if (cell.n == 0) continue;
    cell.x /= cell.n;
    cell.y /= cell.n;
  }
}

void QuadTree::add(double x, double y) {
  std::size_t at = 0;
  double cx = centre_x_, cy = centre_y_, half = half_;
  for (int depth = 0;; ++depth) {
    Cell& cell = cells_[at];
    const bool was_empty = cell.n == 0;
    const double old_n = cell.n;
    cell.x += x;
    cell.y += y;
    cell.n += 1;
    if (was_empty) {
      cell.point_x = x;
      cell.point_y = y;
      return;
    }
    half /= 2;
    if (cell.first_child < 0) {
      if (depth >= kMaxDepth || (cell.point_x == x && cell.point_y == y)) return;
      // The position in the leaf (which may be there several times) moves one level down.
      const double px = cell.point_x, py = cell.point_y;
      const auto child = static_cast<std::int32_t>(cells_.size());
      cell.first_child = child;
      cells_.resize(cells_.size() + 4);
      Cell& lower = cells_[static_cast<std::size_t>(child) + (px > cx ? 1 : 0) + (py > cy ? 2 : 0)];
      lower.x = px * old_n;
      lower.y = py * old_n;
      lower.n = old_n;
      lower.point_x = px;
      lower.point_y = py;
    }
    at = static_cast<std::size_t>(cells_[at].first_child) + (x > cx ? 1 : 0) + (y > cy ? 2 : 0);
    cx += x > cx ? half : -half;
    cy += y > cy ? half : -half;
  }
}

QuadTree::Force QuadTree::repulsion(double x, double y, double theta) const {
  struct Waiting {
    std::size_t cell;
    double size;
  };
  std::array<Waiting, 4 * (kMaxDepth + 2)> stack;
  std::size_t n_waiting = 0;
  stack[n_waiting++] = {0, 2 * half_};
  Force force;
  while (n_waiting > 0) {
    const auto [at, size] = stack[--n_waiting];
    const Cell& cell = cells_[at];
    if (cell.n == 0) continue;
    const double dx = x - cell.x, dy = y - cell.y;
    const double d2 = dx * dx + dy * dy;
    if (cell.first_child >= 0 && size * size > theta * theta * d2) {
      for (std::size_t c = 0; c < 4; ++c)
        stack[n_waiting++] = {static_cast<std::size_t>(cell.first_child) + c, size / 2};
      continue;
    }
    double n = cell.n;
    if (cell.first_child < 0 && cell.point_x == x && cell.point_y == y) n -= 1;  // itself
    const double q = 1 / (1 + d2);
    force.total += n * q;
    force.x += n * q * q * dx;
    force.y += n * q * q * dy;
  }
  return force;
}

}  // namespace astrom3
