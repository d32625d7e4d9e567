// SPDX-License-Identifier: MIT
//
// The tensors a config calls for: names, shapes and what each of them is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrom3/checkpoint.h"

namespace astrom3 {

/// Rows of the stored position buffer; upstream's max_len.
inline constexpr std::int64_t kPositionRows = 5000;

enum class TensorRole : std::uint8_t {
  token_convolution,  ///< [D, C, 3]
  positions,          ///< [1, 5000, D], a buffer and not a parameter
  linear,             ///< weight or bias of a Linear or width-1 convolution
  norm_weight,        ///< [D], starts at 1
  norm_bias,          ///< [D], starts at 0
};

struct TensorSpec {
  std::string name;  ///< upstream's
  TensorRole role;
  std::vector<std::int64_t> shape;
  std::int64_t fan_in = 0;  ///< inputs summed per output; 0 where none are
  std::string reason;       ///< the config values behind the shape: "d_ff=512, d_model=128"
};

/// The encoder's tensors, all required, in the order of upstream's state_dict: 4 + 16 per layer.
std::vector<TensorSpec> encoder_tensors(const EncoderConfig& config);

/// fc.weight and fc.bias: both or none.
std::vector<TensorSpec> head_tensors(const EncoderConfig& config);

/// The sine-cosine positions, rows 0..n_rows-1: even columns sin(t w_i), odd ones cos(t w_i),
/// w_i = exp(-2i ln(10000) / D). positions [n_rows, D], written.
void fill_positions(std::int64_t n_rows, std::int64_t d_model, double* positions);

}  // namespace astrom3
