// SPDX-License-Identifier: MIT
//
// What the tests of export and import share: golden cases, and a word where ONNX is absent.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "formats/safetensors.h"
#include "onnx/evaluate.h"
#include "onnx/onnx_module.h"

namespace astrom3 {

/// Why this build has no ONNX; empty where it has.
inline std::string missing_onnx() {
  try {
    onnx_module(Status::bad_model);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

#define ASTROM3_NEEDS_ONNX() \
  if (const std::string missing = missing_onnx(); !missing.empty()) GTEST_SKIP() << missing

/// Inputs and outputs of a golden folder: [B, ...], outputs as computed in double precision.
struct GoldenCases {
  explicit GoldenCases(const std::filesystem::path& folder)
      : file(SafetensorsFile::open(folder / "cases.safetensors")) {}

  OnnxArray array(std::string_view name) const {
    const TensorView tensor = file.at(name);
    return {.shape = tensor.shape(), .reals = to_float64(tensor)};
  }

  SafetensorsFile file;
};

/// The largest |a - b|; infinite where sizes differ or something is not finite.
inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return INFINITY;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return INFINITY;
    largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

/// The same for one step of sequences [B, T, D].
inline double difference_at_step(const OnnxArray& a, const OnnxArray& b, std::int64_t step) {
  if (a.shape != b.shape || a.rank() != 3) return INFINITY;
  double largest = 0;
  const std::int64_t width = a.shape[2];
  for (std::int64_t row = 0; row < a.shape[0]; ++row) {
    for (std::int64_t d = 0; d < width; ++d) {
      const auto at = static_cast<std::size_t>((row * a.shape[1] + step) * width + d);
      largest = std::max(largest, std::abs(a.reals[at] - b.reals[at]));
    }
  }
  return largest;
}

}  // namespace astrom3
