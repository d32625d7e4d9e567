// SPDX-License-Identifier: MIT
#include "encoder/packed_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <string>

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
    throw Error(Status::bad_model, fmt::format("tensor {}: expected shape {}, found {} with {} values", name,
                                               shape, tensor.shape, tensor.data.size()));
  }
  return tensor.data.data();
}

/// Hands out pieces of one block. Without a block it only counts, so the same code first measures and
/// then fills.
class Packer {
 public:
  Packer(std::span<float> block, std::size_t panel_width) : block_(block), panel_width_(panel_width) {}

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

  /// weight(row, column) for row < k, column < n_true as panels; columns from n_true to n are zero.
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

 private:
  std::span<float> block_;
  std::size_t panel_width_;
  std::size_t used_ = 0;
};

/// Everything `out` points at, taken from `packer`.
class Packing {
 public:
  Packing(const Checkpoint& checkpoint, const EncoderSizes& sizes, Packer& packer)
      : checkpoint_(checkpoint), sizes_(sizes), packer_(packer) {}

  void pack(PackedWeights& out) {
    pack_embedding(out);
    out.layers.assign(sizes_.layers, {});
    for (std::size_t i = 0; i < sizes_.layers; ++i) {
      pack_layer(fmt::format("encoder.attn_layers.{}.", i), out.layers[i]);
    }
    out.norm = norm("encoder.norm.");
    if (sizes_.classes > 0) pack_classifier(out.classifier);
  }

 private:
  /// Output columns [first, first + count) of the Linear `name`, as n columns.
  PackedLinear linear(const std::string& name, const std::vector<std::size_t>& shape, std::size_t first,
                      std::size_t count, std::size_t n) {
    const float* w = require(checkpoint_, name + ".weight", shape);
    const float* bias = require(checkpoint_, name + ".bias", {shape[0]});
    const std::size_t k = shape[1];
    PackedLinear packed{.k = k, .n = n};
    packed.bias = packer_.copy({bias + first, count}, n);
    packed.b = packer_.panels(
        k, count, n, [&](std::size_t row, std::size_t column) { return w[(first + column) * k + row]; });
    return packed;
  }

  PackedNorm norm(const std::string& prefix) {
    const float* gain = require(checkpoint_, prefix + "weight", {sizes_.D});
    const float* bias = require(checkpoint_, prefix + "bias", {sizes_.D});
    return {.gain = packer_.copy({gain, sizes_.D}, sizes_.D_padded),
            .bias = packer_.copy({bias, sizes_.D}, sizes_.D_padded)};
  }

  // The convolution reads three neighbouring rows of C channels, which lie side by side in memory:
  // a product with k = 3 C, row j * C + c of the packed matrix being W[:, c, j].
  void pack_embedding(PackedWeights& out) {
    const std::size_t D = sizes_.D, C = sizes_.C;
    const float* w =
        require(checkpoint_, "enc_embedding.value_embedding.tokenConv.weight", {D, C, kKernelWidth});
    out.embedding = {.k = kKernelWidth * C, .n = sizes_.D_padded};
    out.embedding.bias = packer_.copy({}, sizes_.D_padded);
    out.embedding.b = packer_.panels(
        kKernelWidth * C, D, sizes_.D_padded,
        [&](std::size_t row, std::size_t d) { return w[(d * C + row % C) * kKernelWidth + row / C]; });

    constexpr std::string_view kPosition = "enc_embedding.position_embedding.pe";
    const auto pe = checkpoint_.tensors.find(kPosition);
    const std::size_t rows = pe == checkpoint_.tensors.end() || pe->second.shape.size() != 3
                                 ? sizes_.T
                                 : static_cast<std::size_t>(pe->second.shape[1]);
    const float* position = require(checkpoint_, std::string(kPosition), {1, std::max(rows, sizes_.T), D});
    float* packed = packer_.take(sizes_.T * sizes_.D_padded);
    out.position = packed;
    for (std::size_t t = 0; packed != nullptr && t < sizes_.T; ++t) {
      std::copy_n(position + t * D, D, packed + t * sizes_.D_padded);
    }
  }

  // Heads are separated, and each padded to whole vectors; the projection that follows gets rows of
  // zeros at the same places.
  void pack_layer(const std::string& prefix, PackedLayer& layer) {
    const std::size_t D = sizes_.D;
    const std::string attention = prefix + "attention.";
    for (std::size_t head = 0; head < sizes_.H; ++head) {
      const auto projection = [&](const char* name) {
        return linear(attention + name, {D, D}, head * sizes_.d_head, sizes_.d_head, sizes_.head_padded);
      };
      PackedHead packed;
      packed.query = projection("query_projection");
      packed.key = projection("key_projection");
      packed.value = projection("value_projection");
      layer.heads.push_back(packed);
    }
    pack_out_projection(attention + "out_projection", layer.out);
    layer.norm1 = norm(prefix + "norm1.");
    layer.conv1 = linear(prefix + "conv1", {sizes_.d_ff, D, 1}, 0, sizes_.d_ff, sizes_.ff_padded);
    layer.conv2 = linear(prefix + "conv2", {D, sizes_.d_ff, 1}, 0, D, sizes_.D_padded);
    layer.norm2 = norm(prefix + "norm2.");
  }

  void pack_out_projection(const std::string& name, PackedLinear& out) {
    const std::size_t D = sizes_.D;
    const float* w = require(checkpoint_, name + ".weight", {D, D});
    const float* bias = require(checkpoint_, name + ".bias", {D});
    out = {.k = sizes_.heads_width, .n = sizes_.D_padded};
    out.bias = packer_.copy({bias, D}, sizes_.D_padded);
    out.b = packer_.panels(out.k, D, out.n, [&](std::size_t row, std::size_t column) {
      const std::size_t head = row / sizes_.head_padded;
      const std::size_t i = row % sizes_.head_padded;
      return i < sizes_.d_head ? w[column * D + head * sizes_.d_head + i] : 0.0f;
    });
  }

  void pack_classifier(PackedClassifier& out) {
    const std::size_t T = sizes_.T, D = sizes_.D;
    const float* w = require(checkpoint_, "fc.weight", {sizes_.classes, T * D});
    const float* bias = require(checkpoint_, "fc.bias", {sizes_.classes});
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

PackedWeights::PackedWeights(const Checkpoint& checkpoint, const EncoderSizes& sizes,
                             std::size_t panel_width) {
  Packer measure({}, panel_width);
  Packing(checkpoint, sizes, measure).pack(*this);
  memory_ = AlignedBuffer<float>(measure.used());
  Packer fill(memory_.span(), panel_width);
  Packing(checkpoint, sizes, fill).pack(*this);
}

}  // namespace astrom3
