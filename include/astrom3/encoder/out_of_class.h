// SPDX-License-Identifier: MIT
//
// How unlike the classes of a checkpoint's head an object is: a Cepheid is none of ten classes without it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "astrom3/encoder/checkpoint.h"

namespace astrom3 {

/// The distance of an embedding to the nearest class, by the scatter within the classes, and its rank among
/// objects of the classes:
///
///   d(x) = min_c |W x - m_c|^2
///
///   score(x) = share of the validation objects of the head's classes that are nearer than x
///
/// W^T W is the inverse of the covariance within the classes: a Mahalanobis distance.
///
/// A score of 0.95 is reached by 5 % of objects like those of the training; objects of other classes reach it
/// more often. It says nothing about which class an object is of, and an object of another survey may be
/// unlike for the survey's sake.
///
/// Source  Lee et al. 2018, arXiv:1807.03888, section 2.1.
class OutOfClass {
 public:
  /// Of a checkpoint's tensors, which have to outlive it; none if it was trained without.
  static std::optional<OutOfClass> of(const std::map<std::string, Tensor, std::less<>>& tensors);

  /// mean [D], an embedding. Returns 0..1, in steps between the quantiles interpolated linearly. The same
  /// bits everywhere.
  double score(std::span<const float> mean) const;
  /// d(x) above.
  double distance(std::span<const float> mean) const;

 private:
  OutOfClass() = default;

  std::span<const float> whitening_;  ///< W [D, D]
  std::span<const float> centres_;    ///< m [classes, D]
  std::span<const float> distances_;  ///< quantiles, ascending: of the validation objects
};

}  // namespace astrom3
