// SPDX-License-Identifier: MIT
//
// The tensors that a checkpoint with a given config must have: names, shapes and roles. Upstream's names are
// spelt here and nowhere else in src.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/encoder/checkpoint.h"

namespace astrom3 {

/// The number of rows of the stored position buffer (upstream's max_len).
inline constexpr std::int64_t kPositionRows = 5000;

/// The two tensors of a linear map (Linear, or convolution of width 1) or of a LayerNorm.
struct AffineNames {
  std::string weight, bias;
};

struct LayerNames {
  AffineNames query, key, value, out;  ///< the projections of attention
  AffineNames conv1, conv2;            ///< the feed-forward
  AffineNames norm1, norm2;            ///< norm1 follows attention, norm2 follows the feed-forward block
};

struct EncoderNames {
  std::string token_convolution, positions;
  std::vector<LayerNames> layers;
  AffineNames norm;  ///< after the last layer
  AffineNames head;  ///< the classification head; a checkpoint may have none
};

/// Upstream's names for the tensors of an encoder of `n_layers` layers.
EncoderNames encoder_names(std::size_t n_layers);

/// The names of the head's tensors alone.
AffineNames head_names();

/// True for a name that upstream gives to a tensor of a head, also of a form of head that is not supported
/// here.
bool is_head_tensor(std::string_view name) noexcept;

/// The tensors of OutOfClass, which upstream does not have. A checkpoint has all three or none.
struct OutOfClassNames {
  std::string whitening, centres, distances;
};
OutOfClassNames out_of_class_names();

enum class TensorRole : std::uint8_t {
  token_convolution,  ///< [D, C, 3]
  positions,          ///< [1, 5000, D]; a stored constant, which training does not change
  linear,             ///< weight or bias of a Linear or width-1 convolution
  norm_weight,        ///< [D], starts at 1
  norm_bias,          ///< [D], starts at 0
  out_of_class,       ///< a tensor of OutOfClass, which is no parameter of the network
};

struct TensorSpec {
  std::string name;  ///< the name in upstream's checkpoints
  TensorRole role;
  std::vector<std::int64_t> shape;
  std::int64_t fan_in = 0;  ///< how many inputs are summed for one output; 0 where nothing is summed
  std::string reason;       ///< the config values behind the shape: "d_ff=512, d_model=128"
};

/// The encoder's tensors, all required, in the order of upstream's state_dict: 4 + 16 per layer.
std::vector<TensorSpec> encoder_tensors(const EncoderConfig& config);

/// The head's weight and bias: a checkpoint has both or none.
std::vector<TensorSpec> head_tensors(const EncoderConfig& config);

/// How many distances of validation objects are kept: quantiles, half a percent apart.
inline constexpr std::int64_t kOutOfClassQuantiles = 201;

std::vector<TensorSpec> out_of_class_tensors(const EncoderConfig& config);

/// The sine-cosine positions, rows 0..n_rows-1: even columns sin(t w_i), odd ones cos(t w_i),
/// w_i = exp(-2i ln(10000) / D). positions [n_rows, D], written.
void fill_positions(std::int64_t n_rows, std::int64_t d_model, double* positions);

}  // namespace astrom3
