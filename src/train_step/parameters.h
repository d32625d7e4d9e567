// SPDX-License-Identifier: MIT
//
// Where each tensor of a checkpoint lies in the one array of padded parameters that training works on.
//
// Matrices are row-major [outputs, inputs] as upstream's, with both sizes padded to whole vectors, the heads
// of the attention each by itself. Query, key and value are one matrix of three parts. Padding is 0, its
// gradient is 0, and therefore it stays 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/sizes.h"

namespace astrom3::train {

/// y = x W^T + b; offsets into the array.
struct LinearPlace {
  std::size_t weight = 0;  ///< [n, k]
  std::size_t bias = 0;    ///< [n]
  std::size_t n = 0;       ///< outputs, padded
  std::size_t k = 0;       ///< inputs, padded
};

struct NormPlace {
  std::size_t gain = 0;  ///< [D_padded]
  std::size_t bias = 0;  ///< [D_padded]
};

struct LayerPlaces {
  LinearPlace qkv;  ///< [D] to [3, H, head_padded]
  LinearPlace out;  ///< [H, head_padded] to [D]
  NormPlace norm1;
  LinearPlace conv1, conv2;
  NormPlace norm2;
};

/// One of upstream's tensors.
struct TensorPlace {
  std::string name;
  std::vector<std::int64_t> shape;
  std::function<std::size_t(std::size_t)> place;  ///< of element i, row-major
  std::size_t count() const;
  bool is_matrix() const { return shape.size() > 1; }
};

using TensorsByName = std::map<std::string, Tensor, std::less<>>;

/// The tensors of `from` at these places of the array, each name after `prefix`; zeros elsewhere. Throws
/// Error bad_model naming the tensor that is missing or of another size, before anything is written.
void gather(std::span<const TensorPlace> places, const TensorsByName& from, const std::string& prefix,
            std::span<float> parameters);
/// The array as tensors, each name after `prefix`.
void scatter(std::span<const TensorPlace> places, std::span<const float> parameters,
             const std::string& prefix, TensorsByName& to);

/// A run of parameters: [first, first + count).
struct ParameterRange {
  std::size_t first, count;
};

class ParameterLayout {
 public:
  explicit ParameterLayout(const EncoderSizes& sizes);

  LinearPlace embedding;  ///< [3 C], row j * C + c of upstream's [D, C, 3], to [D]; no bias
  std::vector<LayerPlaces> layers;
  NormPlace norm;
  std::size_t head = 0;       ///< [T, classes, D_padded]
  std::size_t head_bias = 0;  ///< [classes]

  std::vector<TensorPlace> tensors;    ///< the encoder's, then the head's
  std::vector<ParameterRange> decays;  ///< the matrices: what weight decay applies to
  std::size_t encoder_size = 0;        ///< parameters before the head
  std::size_t size = 0;                ///< all of them

 private:
  LinearPlace take_linear(std::size_t n, std::size_t k);
  NormPlace take_norm(std::size_t width);
  void add_norm(const AffineNames& name, const NormPlace& place, std::size_t width);
  void add_layer(const EncoderSizes& sizes, const LayerNames& names);
  void add_head(const EncoderSizes& sizes, const AffineNames& names);
  void add(std::string name, std::vector<std::int64_t> shape, std::function<std::size_t(std::size_t)> place);
};

}  // namespace astrom3::train
