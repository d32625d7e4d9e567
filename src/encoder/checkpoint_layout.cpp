// SPDX-License-Identifier: MIT
#include "encoder/checkpoint_layout.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"

namespace astrom3 {
namespace {

AffineNames affine(const std::string& name) {
  return {.weight = name + ".weight", .bias = name + ".bias"};
}

LayerNames layer_names(std::size_t i) {
  const std::string layer = fmt::format("encoder.attn_layers.{}.", i);
  return {.query = affine(layer + "attention.query_projection"),
          .key = affine(layer + "attention.key_projection"),
          .value = affine(layer + "attention.value_projection"),
          .out = affine(layer + "attention.out_projection"),
          .conv1 = affine(layer + "conv1"),
          .conv2 = affine(layer + "conv2"),
          .norm1 = affine(layer + "norm1"),
          .norm2 = affine(layer + "norm2")};
}

/// Makes the list of tensors from the values of the config.
class Layout {
 public:
  explicit Layout(const EncoderConfig& config) : c_(config) {}

  void embedding(const EncoderNames& names) {
    add(names.token_convolution, TensorRole::token_convolution, {c_.d_model, c_.enc_in, 3}, c_.enc_in * 3,
        fmt::format("d_model={}, enc_in={}", c_.d_model, c_.enc_in));
    add(names.positions, TensorRole::positions, {1, kPositionRows, c_.d_model}, 0,
        fmt::format("d_model={}", c_.d_model));
  }

  void layer(const LayerNames& names) {
    for (const AffineNames& projection : {names.query, names.key, names.value, names.out}) {
      linear(projection, {c_.d_model, c_.d_model}, c_.d_model, fmt::format("d_model={}", c_.d_model));
    }
    const std::string sizes = fmt::format("d_ff={}, d_model={}", c_.d_ff, c_.d_model);
    linear(names.conv1, {c_.d_ff, c_.d_model, 1}, c_.d_model, sizes);
    linear(names.conv2, {c_.d_model, c_.d_ff, 1}, c_.d_ff, sizes);
    norm(names.norm1);
    norm(names.norm2);
  }

  void linear(const AffineNames& names, std::vector<std::int64_t> shape, std::int64_t fan_in,
              const std::string& reason) {
    const std::int64_t outputs = shape.front();
    add(names.weight, TensorRole::linear, std::move(shape), fan_in, reason);
    add(names.bias, TensorRole::linear, {outputs}, fan_in, reason);
  }

  void norm(const AffineNames& names) {
    const std::string reason = fmt::format("d_model={}", c_.d_model);
    add(names.weight, TensorRole::norm_weight, {c_.d_model}, 0, reason);
    add(names.bias, TensorRole::norm_bias, {c_.d_model}, 0, reason);
  }

  void out_of_class(const OutOfClassNames& names) {
    const std::string sizes = fmt::format("num_classes={}, d_model={}", c_.num_classes, c_.d_model);
    add(names.whitening, TensorRole::out_of_class, {c_.d_model, c_.d_model}, 0, sizes);
    add(names.centres, TensorRole::out_of_class, {c_.num_classes, c_.d_model}, 0, sizes);
    add(names.distances, TensorRole::out_of_class, {kOutOfClassQuantiles}, 0, "always");
  }

  std::vector<TensorSpec> take() { return std::move(specs_); }

 private:
  void add(const std::string& name, TensorRole role, std::vector<std::int64_t> shape, std::int64_t fan_in,
           const std::string& reason) {
    specs_.push_back({name, role, std::move(shape), fan_in, reason});
  }

  const EncoderConfig& c_;
  std::vector<TensorSpec> specs_;
};

}  // namespace

AffineNames head_names() {
  return affine("fc");
}

OutOfClassNames out_of_class_names() {
  return {.whitening = "out_of_class.whitening",
          .centres = "out_of_class.centres",
          .distances = "out_of_class.distances"};
}

bool is_head_tensor(std::string_view name) noexcept {
  return name.starts_with("fc.");
}

EncoderNames encoder_names(std::size_t n_layers) {
  EncoderNames names{.token_convolution = "enc_embedding.value_embedding.tokenConv.weight",
                     .positions = "enc_embedding.position_embedding.pe",
                     .layers = {},
                     .norm = affine("encoder.norm"),
                     .head = head_names()};
  for (std::size_t i = 0; i < n_layers; ++i) names.layers.push_back(layer_names(i));
  return names;
}

std::vector<TensorSpec> encoder_tensors(const EncoderConfig& config) {
  const EncoderNames names = encoder_names(static_cast<std::size_t>(config.e_layers));
  Layout layout(config);
  layout.embedding(names);
  for (const LayerNames& layer : names.layers) layout.layer(layer);
  layout.norm(names.norm);
  return layout.take();
}

std::vector<TensorSpec> head_tensors(const EncoderConfig& config) {
  Layout layout(config);
  const std::int64_t inputs = config.seq_len * config.d_model;
  layout.linear(head_names(), {config.num_classes, inputs}, inputs,
                fmt::format("num_classes={}, seq_len={}, d_model={}", config.num_classes, config.seq_len,
                            config.d_model));
  return layout.take();
}

std::vector<TensorSpec> out_of_class_tensors(const EncoderConfig& config) {
  Layout layout(config);
  layout.out_of_class(out_of_class_names());
  return layout.take();
}

void fill_positions(std::int64_t n_rows, std::int64_t d_model, double* positions) {
  const auto width = static_cast<std::size_t>(d_model);
  std::vector<double> frequency(width / 2);
  for (std::size_t i = 0; i < frequency.size(); ++i) {
    frequency[i] = std::exp(-2.0 * static_cast<double>(i) * std::log(10000.0) / static_cast<double>(d_model));
  }
  for (std::size_t t = 0; t < static_cast<std::size_t>(n_rows); ++t) {
    double* row = positions + t * width;
    for (std::size_t i = 0; i < frequency.size(); ++i) {
      const double angle = static_cast<double>(t) * frequency[i];
      row[2 * i] = std::sin(angle);
      row[2 * i + 1] = std::cos(angle);
    }
  }
}

}  // namespace astrom3
