// SPDX-License-Identifier: MIT
#include "encoder/packed_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "base/aligned_buffer.h"
#include "base/float_environment.h"
#include "base/joined.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/sizes.h"
#include "kernels/kernels.h"

namespace astrom3 {
namespace {

/// The tensor `name`, which must have `shape`.
const float* require(const Checkpoint& checkpoint, const std::string& name,
                     const std::vector<std::size_t>& shape) {
  const auto found = checkpoint.tensors.find(name);
  if (found == checkpoint.tensors.end()) {
    throw Error(Status::bad_model, fmt::format("tensor {} is missing", name));
  }
  const Tensor& tensor = found->second;
  const bool same =
      std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end(),
                 [](std::size_t a, std::int64_t b) { return static_cast<std::int64_t>(a) == b; });
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  if (!same || tensor.data.size() != count) {
    throw Error(Status::bad_model,
                fmt::format("tensor {}: expected shape [{}], found [{}] with {} values", name,
                            joined(shape, ", "), joined(tensor.shape, ", "), tensor.data.size()));
  }
  return tensor.data.data();
}

/// Hands out pieces of one block of memory. Without a block it only counts, so that the same code first
/// measures the block and then fills it.
class Packer {
 public:
  Packer(std::span<float> block, std::size_t panel_width, std::size_t int8_panel_width)
      : block_(block), panel_width_(panel_width), int8_panel_width_(int8_panel_width) {}

  std::size_t used() const { return used_; }

  float* take(std::size_t n) {
    float* p = block_.empty() ? nullptr : block_.data() + used_;
    used_ += round_up(n, kVectorLanes);
    return p;
  }

  /// A copy of `values`, followed by zeros up to `n`.
  const float* copy(std::span<const float> values, std::size_t n) {
    float* p = take(n);
    if (p != nullptr) std::copy(values.begin(), values.end(), p);
    return p;
  }

  /// The matrix weight(row, column), row < k and column < n_true, in panels; columns n_true to n - 1 are
  /// zero.
  template <typename Weight>
  const float* panels(std::size_t k, std::size_t n_true, std::size_t n, Weight weight) {
    float* p = take(k * n);
    if (p == nullptr) return p;
    for (std::size_t column = 0; column < n_true; ++column) {
      const std::size_t first = column / panel_width_ * panel_width_;
      const std::size_t width = std::min(panel_width_, n - first);
      for (std::size_t row = 0; row < k; ++row) {
        p[first * k + row * width + (column - first)] = weight(row, column);
      }
    }
    return p;
  }

  /// Fills `linear`, whose k and n are set, with weight(row, column), row < k and column < n_true: in
  /// float32, or in eight bits as w = scale q with one scale for each column (int8.h).
  template <typename Weight>
  void weights(PackedLinear& linear, std::size_t n_true, Weight weight) {
    const std::size_t k_true = linear.k;
    if (int8_panel_width_ == 0) {
      linear.b = panels(k_true, n_true, linear.n, weight);
      return;
    }
    linear.k = round_up(k_true, kQuad);
    auto* const b = reinterpret_cast<std::int8_t*>(take(linear.k * linear.n / sizeof(float)));
    float* const scale = take(linear.n);
    float* const sum = take(linear.n);
    linear.b8 = b;
    linear.b8_scale = scale;
    linear.b8_sum = sum;
    if (block_.empty()) return;
    for (std::size_t column = 0; column < n_true; ++column) {
      const std::size_t first = column / int8_panel_width_ * int8_panel_width_;
      const std::size_t width = std::min(int8_panel_width_, linear.n - first);
      std::int8_t* const quads = b + first * linear.k + (column - first) * kQuad;
      const float top = largest_pair(k_true, [&](std::size_t row) { return weight(row, column); });
      const float inverse = top > kSmallestWeight ? 127.0f / top : 0.0f;
      std::int32_t total = 0;
      for (std::size_t row = 0; row < k_true; ++row) {
        const auto q = static_cast<std::int8_t>(std::nearbyint(weight(row, column) * inverse));
        quads[row / kQuad * width * kQuad + row % kQuad] = q;
        total += q;
      }
      scale[column] = top / 127.0f;
      sum[column] = scale[column] * static_cast<float>(total);
    }
  }

 private:
  /// The largest magnitude of value(0), value(1), ... and of the sums of 0 and 1, 2 and 3, ... (int8.h)
  template <typename Value>
  static float largest_pair(std::size_t n, Value value) {
    float top = 0;
    for (std::size_t i = 0; i < n; ++i) {
      top = std::max(top, std::abs(value(i)));
      if (i % 2 == 1) top = std::max(top, std::abs(value(i - 1) + value(i)));
    }
    return top;
  }

  static constexpr std::size_t kQuad = 4;
  static constexpr float kSmallestWeight = 1e-30f;  // the inverse of a smaller weight might not be finite

  std::span<float> block_;
  std::size_t panel_width_;
  std::size_t int8_panel_width_;
  std::size_t used_ = 0;
};

/// Packs all weights of a checkpoint into memory that `packer` hands out.
class Packing {
 public:
  Packing(const Checkpoint& checkpoint, const EncoderSizes& sizes, Packer& packer)
      : checkpoint_(checkpoint), sizes_(sizes), packer_(packer) {}

  void pack(PackedWeights& out) {
    const EncoderNames names = encoder_names(sizes_.layers);
    pack_embedding(names, out);
    out.layers.assign(sizes_.layers, {});
    for (std::size_t i = 0; i < sizes_.layers; ++i) pack_layer(names.layers[i], out.layers[i]);
    out.norm = norm(names.norm);
    if (sizes_.classes > 0) pack_classifier(names.head, out.classifier);
  }

 private:
  /// Outputs first to first + count - 1 of the linear map `name`, padded to n columns.
  PackedLinear linear(const AffineNames& name, const std::vector<std::size_t>& shape, std::size_t first,
                      std::size_t count, std::size_t n) {
    const float* w = require(checkpoint_, name.weight, shape);
    const float* bias = require(checkpoint_, name.bias, {shape[0]});
    const std::size_t k = shape[1];
    PackedLinear packed{.k = k, .n = n};
    packed.bias = packer_.copy({bias + first, count}, n);
    packer_.weights(packed, count,
                    [&](std::size_t row, std::size_t column) { return w[(first + column) * k + row]; });
    return packed;
  }

  PackedNorm norm(const AffineNames& name) {
    const float* gain = require(checkpoint_, name.weight, {sizes_.D});
    const float* bias = require(checkpoint_, name.bias, {sizes_.D});
    return {.gain = packer_.copy({gain, sizes_.D}, sizes_.D_padded),
            .bias = packer_.copy({bias, sizes_.D}, sizes_.D_padded)};
  }

  // The convolution reads three neighbouring rows of C channels, which lie side by side in memory. It is thus
  // a matrix product with k = 3 C, where row j * C + c of the packed matrix is W[:, c, j].
  void pack_embedding(const EncoderNames& names, PackedWeights& out) {
    const std::size_t D = sizes_.D, C = sizes_.C;
    const float* w = require(checkpoint_, names.token_convolution, {D, C, kKernelWidth});
    out.embedding = {.k = kKernelWidth * C, .n = sizes_.D_padded};
    out.embedding.bias = packer_.copy({}, sizes_.D_padded);
    out.embedding.b = packer_.panels(
        kKernelWidth * C, D, sizes_.D_padded,
        [&](std::size_t row, std::size_t d) { return w[(d * C + row % C) * kKernelWidth + row / C]; });

    const auto pe = checkpoint_.tensors.find(names.positions);
    const std::size_t rows = pe == checkpoint_.tensors.end() || pe->second.shape.size() != 3
                                 ? sizes_.T
                                 : static_cast<std::size_t>(pe->second.shape[1]);
    const float* position = require(checkpoint_, names.positions, {1, std::max(rows, sizes_.T), D});
    float* packed = packer_.take(sizes_.T * sizes_.D_padded);
    out.position = packed;
    for (std::size_t t = 0; packed != nullptr && t < sizes_.T; ++t) {
      std::copy_n(position + t * D, D, packed + t * sizes_.D_padded);
    }
  }

  // Each head is padded to whole vectors on its own. The output projection, which reads all heads side by
  // side, gets rows of zeros at the places of this padding.
  void pack_layer(const LayerNames& names, PackedLayer& layer) {
    const std::size_t D = sizes_.D;
    for (std::size_t head = 0; head < sizes_.H; ++head) {
      const auto projection = [&](const AffineNames& name) {
        return linear(name, {D, D}, head * sizes_.d_head, sizes_.d_head, sizes_.head_padded);
      };
      PackedHead packed;
      packed.query = projection(names.query);
      packed.key = projection(names.key);
      packed.value = projection(names.value);
      layer.heads.push_back(packed);
    }
    pack_out_projection(names.out, layer.out);
    layer.norm1 = norm(names.norm1);
    layer.conv1 = linear(names.conv1, {sizes_.d_ff, D, 1}, 0, sizes_.d_ff, sizes_.ff_padded);
    layer.conv2 = linear(names.conv2, {D, sizes_.d_ff, 1}, 0, D, sizes_.D_padded);
    layer.norm2 = norm(names.norm2);
  }

  void pack_out_projection(const AffineNames& name, PackedLinear& out) {
    const std::size_t D = sizes_.D;
    const float* w = require(checkpoint_, name.weight, {D, D});
    const float* bias = require(checkpoint_, name.bias, {D});
    out = {.k = sizes_.heads_width, .n = sizes_.D_padded};
    out.bias = packer_.copy({bias, D}, sizes_.D_padded);
    packer_.weights(out, D, [&](std::size_t row, std::size_t column) {
      const std::size_t head = row / sizes_.head_padded;
      const std::size_t i = row % sizes_.head_padded;
      return i < sizes_.d_head ? w[column * D + head * sizes_.d_head + i] : 0.0f;
    });
  }

  void pack_classifier(const AffineNames& name, PackedClassifier& out) {
    const std::size_t T = sizes_.T, D = sizes_.D;
    const float* w = require(checkpoint_, name.weight, {sizes_.classes, T * D});
    const float* bias = require(checkpoint_, name.bias, {sizes_.classes});
    out.classes = sizes_.classes;
    out.classes_padded = round_up(sizes_.classes, kernels::kHeadClasses);
    out.bias = packer_.copy({bias, out.classes}, out.classes_padded);
    float* packed = packer_.take(T * out.classes_padded * sizes_.D_padded);
    out.w = packed;
    for (std::size_t t = 0; packed != nullptr && t < T; ++t) {
      for (std::size_t c = 0; c < out.classes; ++c) {
        std::copy_n(w + (c * T + t) * D, D, packed + (t * out.classes_padded + c) * sizes_.D_padded);
      }
    }
  }

  const Checkpoint& checkpoint_;
  const EncoderSizes& sizes_;
  Packer& packer_;
};

}  // namespace

PackedWeights::PackedWeights(const Checkpoint& checkpoint, const EncoderSizes& sizes, std::size_t panel_width,
                             std::size_t int8_panel_width) {
  Packer measure({}, panel_width, int8_panel_width);
  Packing(checkpoint, sizes, measure).pack(*this);
  memory_ = AlignedBuffer<float>(measure.used());
  const ScopedFloatEnvironment float_environment;  // the rounding mode decides which bytes come out
  Packer fill(memory_.span(), panel_width, int8_panel_width);
  Packing(checkpoint, sizes, fill).pack(*this);
}

}  // namespace astrom3
