// SPDX-License-Identifier: MIT
//
// What the encoder makes of objects of known classes, once it has learnt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrom3::training {

struct ObjectMeans {
  std::size_t width = 0;      ///< D
  std::vector<float> values;  ///< [objects, D]
  std::vector<float> shares;  ///< [objects] observations over T: a pooled head reads mean · share
  std::vector<std::vector<std::int32_t>> labels;  ///< [objects] the classes each may be of

  std::size_t size() const noexcept { return labels.size(); }
  std::span<const float> row(std::size_t i) const { return std::span(values).subspan(i * width, width); }
};

}  // namespace astrom3::training
