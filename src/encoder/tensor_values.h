// SPDX-License-Identifier: MIT
//
// Converts the bytes of a tensor to float32 and looks for values that are wrong or look wrong.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "encoder/checkpoint_layout.h"
#include "formats/safetensors.h"

namespace astrom3 {

/// Takes the bytes of one tensor piece by piece and appends their values. A piece has whole elements and is
/// aligned to 8 bytes.
class TensorValues {
 public:
  TensorValues(const TensorEntry& entry, std::vector<float>& out);

  /// Widens exactly (F16, BF16) or rounds to nearest (F64).
  void append(std::span<const std::byte> bytes);

  /// The first value that is not finite, as in "[17,3] is NaN"; empty while every value is finite.
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

/// Says in words what looks wrong with finite values: all are zero, a LayerNorm weight is zero, a value is
/// beyond 1e4, or positions differ from the sine-cosine formula (in the first `seq_len` rows).
std::vector<std::string> suspicions(const TensorSpec& spec, const Tensor& tensor, float largest_magnitude,
                                    std::int64_t seq_len);

}  // namespace astrom3
