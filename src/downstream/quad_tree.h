// SPDX-License-Identifier: MIT
//
// Points of the plane in a tree of squares, for forces that fade with distance.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrom3 {

/// Made anew for every set of positions; equal positions share a leaf.
class QuadTree {
 public:
  explicit QuadTree(std::span<const double> points);  ///< [n, 2]

  struct Force {
    double x = 0, y = 0;
    double total = 0;  ///< sum of 1 / (1 + d^2) over the others
  };
  /// sum over the others of (p - q) / (1 + |p - q|^2)^2, and of 1 / (1 + |p - q|^2); far cells by their
  /// centre.
  Force repulsion(double x, double y, double theta) const;

 private:
  struct Cell {
    double x = 0, y = 0, n = 0;       ///< sum of its points; their centre once the tree is made
    double point_x = 0, point_y = 0;  ///< of a leaf
    std::int32_t first_child = -1;
  };
  void add(double x, double y);

  std::vector<Cell> cells_;
  double centre_x_ = 0, centre_y_ = 0, half_ = 1;
};

}  // namespace astrom3
