// SPDX-License-Identifier: MIT
#include "encoder/checkpoint_layout.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace astrom3 {
namespace {

/// Lists specs with the config's values at hand.
class Layout {
 public:
  explicit Layout(const EncoderConfig& config) : c_(config) {}

  void embedding() {
    add("enc_embedding.value_embedding.tokenConv.weight", TensorRole::token_convolution,
        {c_.d_model, c_.enc_in, 3}, c_.enc_in * 3,
        fmt::format("d_model={}, enc_in={}", c_.d_model, c_.enc_in));
    add("enc_embedding.position_embedding.pe", TensorRole::positions, {1, kPositionRows, c_.d_model}, 0,
        fmt::format("d_model={}", c_.d_model));
  }

  void layer(std::int64_t i) {
    const std::string prefix = fmt::format("encoder.attn_layers.{}.", i);
    for (const char* projection : {"query", "key", "value", "out"}) {
      linear(fmt::format("{}attention.{}_projection", prefix, projection), {c_.d_model, c_.d_model},
             c_.d_model, fmt::format("d_model={}", c_.d_model));
    }
    const std::string sizes = fmt::format("d_ff={}, d_model={}", c_.d_ff, c_.d_model);
    linear(prefix + "conv1", {c_.d_ff, c_.d_model, 1}, c_.d_model, sizes);
    linear(prefix + "conv2", {c_.d_model, c_.d_ff, 1}, c_.d_ff, sizes);
    norm(prefix + "norm1");
    norm(prefix + "norm2");
  }

  void linear(const std::string& name, std::vector<std::int64_t> shape, std::int64_t fan_in,
              std::string reason) {
    const std::int64_t outputs = shape.front();
    add(name + ".weight", TensorRole::linear, std::move(shape), fan_in, reason);
    add(name + ".bias", TensorRole::linear, {outputs}, fan_in, std::move(reason));
  }

  void norm(const std::string& name) {
    const std::string reason = fmt::format("d_model={}", c_.d_model);
    add(name + ".weight", TensorRole::norm_weight, {c_.d_model}, 0, reason);
    add(name + ".bias", TensorRole::norm_bias, {c_.d_model}, 0, reason);
  }

  std::vector<TensorSpec> take() { return std::move(specs_); }

 private:
  void add(std::string name, TensorRole role, std::vector<std::int64_t> shape, std::int64_t fan_in,
           std::string reason) {
    specs_.push_back({std::move(name), role, std::move(shape), fan_in, std::move(reason)});
  }

  const EncoderConfig& c_;
  std::vector<TensorSpec> specs_;
};

}  // namespace

std::vector<TensorSpec> encoder_tensors(const EncoderConfig& config) {
  Layout layout(config);
  layout.embedding();
  for (std::int64_t i = 0; i < config.e_layers; ++i) layout.layer(i);
  layout.norm("encoder.norm");
  return layout.take();
}

std::vector<TensorSpec> head_tensors(const EncoderConfig& config) {
  Layout layout(config);
  const std::int64_t inputs = config.seq_len * config.d_model;
  layout.linear("fc", {config.num_classes, inputs}, inputs,
                fmt::format("num_classes={}, seq_len={}, d_model={}", config.num_classes, config.seq_len,
                            config.d_model));
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
