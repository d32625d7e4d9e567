// SPDX-License-Identifier: MIT
//
// The tensors of a checkpoint, rearranged for the kernels in the order in which they are used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "base/aligned_buffer.h"
#include "encoder/sizes.h"

namespace astrom3 {

/// The linear map y = x W^T + b as the kernels read it: W in float32, or in eight bits with a scale for each
/// output.
struct PackedLinear {
  std::size_t k = 0;            ///< the number of columns of x that are read; in eight bits a multiple of 4
  std::size_t n = 0;            ///< the number of columns of y, padded
  const float* b = nullptr;     ///< [k, n] in panels: W transposed, with zeros in the padding
  const float* bias = nullptr;  ///< [n]
  const std::int8_t* b8 = nullptr;  ///< [k, n] in panels of quads (int8.h); in eight bits it replaces b
  const float* b8_scale = nullptr;  ///< [n]
  const float* b8_sum = nullptr;    ///< [n] the scale times the sum of the column
};

struct PackedNorm {
  const float* gain = nullptr;  ///< [D_padded]
  const float* bias = nullptr;  ///< [D_padded]
};

/// The rows of the query, key and value projections that belong to one head.
struct PackedHead {
  PackedLinear query, key, value;  ///< [D] to [head_padded]
};

struct PackedLayer {
  std::vector<PackedHead> heads;  ///< [H]
  PackedLinear out;               ///< [heads_width] to [D_padded]
  PackedNorm norm1;
  PackedLinear conv1;  ///< [D] to [ff_padded]
  PackedLinear conv2;  ///< [d_ff] to [D_padded]
  PackedNorm norm2;
};

/// The classification head: logits = fc(flatten(h * mask)).
struct PackedClassifier {
  std::size_t classes = 0;         ///< 0 where the checkpoint has no head
  std::size_t classes_padded = 0;  ///< a multiple of kernels::kHeadClasses
  const float* w = nullptr;        ///< [T, classes_padded, D_padded]
  const float* bias = nullptr;     ///< [classes_padded]
};

/// All packed weights; immutable. All pointers lead into one block of memory, which has the order of the
/// forward pass: each matrix is followed by the one that is needed next.
class PackedWeights {
 public:
  /// Throws Error bad_model naming the tensor that is missing or has another shape than the
  /// configuration says.
  ///
  /// panel_width       KernelTable::panel_width
  /// int8_panel_width  Int8KernelTable::panel_width for layers in eight bits, 0 for layers in float32. The
  /// token
  ///                   embedding and the head, a hundredth of the work, are always in float32.
  PackedWeights(const Checkpoint& checkpoint, const EncoderSizes& sizes, std::size_t panel_width,
                std::size_t int8_panel_width);

  PackedLinear embedding;           ///< [3 * C] to [D_padded], no bias
  const float* position = nullptr;  ///< [T, D_padded]
  std::vector<PackedLayer> layers;
  PackedNorm norm;
  PackedClassifier classifier;

  std::size_t bytes() const noexcept { return memory_.size() * sizeof(float); }

 private:
  AlignedBuffer<float> memory_;
};

}  // namespace astrom3
