// SPDX-License-Identifier: MIT
//
// A tensor's bytes to float32, judged on the way.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "encoder/checkpoint_layout.h"
#include "formats/safetensors.h"

namespace astrom3 {

/// Takes one tensor's bytes in pieces of whole elements, each aligned to 8, and appends their values.
class TensorValues {
 public:
  TensorValues(const TensorEntry& entry, std::vector<float>& out);

  /// Widens exactly (F16, BF16) or rounds to nearest (F64).
  void append(std::span<const std::byte> bytes);

  /// "[17,3] is NaN", or empty while every value is finite: the first value that is not.
  const std::string& problem() const noexcept { return problem_; }
  std::int64_t problem_byte() const noexcept { return problem_byte_; }  ///< its offset in the file
  float largest_magnitude() const noexcept;

 private:
  void describe_nonfinite(std::span<const std::byte> bytes, std::size_t first);

  const TensorEntry& entry_;
  std::vector<float>& out_;
  std::uint32_t largest_bits_ = 0;
  std::string problem_;
  std::int64_t problem_byte_ = -1;
};

/// The largest of |values| as the bits of a float: at least 0x7f800000 when one is not finite.
std::uint32_t largest_magnitude_bits(std::span<const float> values) noexcept;

/// Remarks about values that are finite and still look wrong, in words: all zero, a LayerNorm weight
/// of zero, beyond 1e4, positions that are not the sine-cosine formula (first `seq_len` rows).
std::vector<std::string> suspicions(const TensorSpec& spec, const Tensor& tensor, float largest_magnitude,
                                    std::int64_t seq_len);

}  // namespace astrom3
