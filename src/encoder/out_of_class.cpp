// SPDX-License-Identifier: MIT
#include "astrom3/encoder/out_of_class.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"

namespace astrom3 {

std::optional<OutOfClass> OutOfClass::of(const std::map<std::string, Tensor, std::less<>>& tensors) {
  const OutOfClassNames names = out_of_class_names();
  const auto whitening = tensors.find(names.whitening);
  if (whitening == tensors.end()) return std::nullopt;
  OutOfClass out;
  out.whitening_ = whitening->second.data;
  out.centres_ = tensors.find(names.centres)->second.data;
  out.distances_ = tensors.find(names.distances)->second.data;
  return out;
}

double OutOfClass::distance(std::span<const float> mean) const {
  const std::size_t D = mean.size();
  std::vector<double> white(D, 0.0);
  for (std::size_t i = 0; i < D; ++i) {
    for (std::size_t j = 0; j < D; ++j)
      white[i] += static_cast<double>(whitening_[i * D + j]) * static_cast<double>(mean[j]);
  }
  double nearest = INFINITY;
  for (std::size_t first = 0; first < centres_.size(); first += D) {
    double sum = 0;
    for (std::size_t i = 0; i < D; ++i) {
      const double away = white[i] - static_cast<double>(centres_[first + i]);
      sum += away * away;
    }
    nearest = std::fmin(nearest, sum);
  }
  return nearest;
}

double OutOfClass::score(std::span<const float> mean) const {
  const double d = distance(mean);
  const auto above = std::upper_bound(distances_.begin(), distances_.end(), d,
                                      [](double x, float q) { return x < static_cast<double>(q); });
  if (above == distances_.begin()) return 0;
  if (above == distances_.end()) return 1;
  const auto low = static_cast<double>(*(above - 1)), high = static_cast<double>(*above);
  const double rank = static_cast<double>(above - distances_.begin() - 1) + (d - low) / (high - low);
  return rank / static_cast<double>(distances_.size() - 1);
}

}  // namespace astrom3
