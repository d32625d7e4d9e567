// SPDX-License-Identifier: MIT
#include "onnx/self_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "base/random.h"
#include "onnx/array.h"
#include "onnx/evaluate.h"
#include "onnx/graph.h"

namespace astrom3 {
namespace {}  // namespace

void compare_output(std::string_view name, const OnnxArray& graph, std::span<const float> engine,
                    Comparison& result) {
  if (!graph.has_data || graph.reals.size() != engine.size()) {
    result.agrees = false;
    result.worst = fmt::format("{}: {} values, the engine has {}", name, graph.reals.size(), engine.size());
    return;
  }
  double largest_value = 1;
  for (const float value : engine)
    largest_value = std::max(largest_value, std::abs(static_cast<double>(value)));
  std::size_t worst = 0;
  double largest = -1;
  for (std::size_t i = 0; i < engine.size(); ++i) {
    const double difference = std::abs(graph.reals[i] - static_cast<double>(engine[i]));
    if (difference <= largest) continue;  // a NaN is larger than anything
    largest = difference;
    worst = i;
    if (std::isnan(difference)) break;
  }
  const double allowed = kCheckTolerance * largest_value;
  const bool agrees = largest <= allowed;
  if (result.agrees && (!agrees || largest > result.largest_difference)) {
    const auto width = static_cast<std::size_t>(graph.shape.back());
    result.allowed = allowed;
    result.worst = graph.rank() == 3
                       ? fmt::format("{}, step {}, column {}", name, worst / width, worst % width)
                       : fmt::format("{}, column {}", name, worst % width);
  }
  result.largest_difference = std::isnan(largest) ? largest : std::max(result.largest_difference, largest);
  result.agrees = result.agrees && agrees;
}

OnnxArray check_x_enc(const EncoderConfig& config) {
  OnnxArray x{.shape = {1, config.seq_len, config.enc_in}};
  x.reals.resize(x.size());
  Random random(20240701, 0);
  // Rounded to float32: the engine must see the same numbers.
  for (double& value : x.reals) value = static_cast<double>(static_cast<float>(random.normal()));
  return x;
}

OnnxArray check_mask(const EncoderConfig& config) {
  OnnxArray mask{.shape = {1, config.seq_len}};
  mask.reals.resize(mask.size(), 0.0);
  const std::size_t n_observed = mask.size() - mask.size() / 4;
  std::fill(mask.reals.begin(), mask.reals.begin() + static_cast<std::ptrdiff_t>(n_observed), 1.0);
  return mask;
}

double encoder_operations(const EncoderConfig& c) {
  const auto steps = static_cast<double>(c.seq_len);
  const auto width = static_cast<double>(c.d_model);
  const double layer = 4 * width * width + 2 * width * static_cast<double>(c.d_ff) + 2 * steps * width;
  return steps * (3 * static_cast<double>(c.enc_in) * width + static_cast<double>(c.e_layers) * layer);
}

Comparison compare_with_engine(const OnnxGraph& graph, const EncoderPorts& ports,
                               std::shared_ptr<const Checkpoint> checkpoint, OnnxRun run,
                               const std::string& file) {
  const EncoderConfig& c = checkpoint->config;
  if (encoder_operations(c) > kMaxCheckOperations) return {};
  run.feeds[ports.x_enc] = check_x_enc(c);
  run.feeds[ports.mask] = check_mask(c);
  run.wanted = {ports.mean, ports.sequence};
  if (!ports.logits.empty()) run.wanted.insert(ports.logits);
  const auto narrowed = [](const OnnxArray& array) {
    return std::vector<float>(array.reals.begin(), array.reals.end());
  };
  const std::vector<float> x_enc = narrowed(run.feeds[ports.x_enc]);
  const std::vector<float> mask = narrowed(run.feeds[ports.mask]);
  const OnnxArrays values = evaluate(graph, run, file);

  std::vector<float> mean(static_cast<std::size_t>(c.d_model));
  std::vector<float> sequence(static_cast<std::size_t>(c.seq_len * c.d_model));
  std::vector<float> logits(ports.logits.empty() ? 0 : static_cast<std::size_t>(c.num_classes));
  Encoder(checkpoint).encode(x_enc, mask, {.mean = mean, .sequence = sequence, .logits = logits});

  Comparison result{.was_run = true, .allowed = kCheckTolerance, .worst = {}};
  compare_output("sequence", values.at(ports.sequence), sequence, result);
  compare_output("mean", values.at(ports.mean), mean, result);
  if (!ports.logits.empty()) compare_output("logits", values.at(ports.logits), logits, result);
  return result;
}

}  // namespace astrom3
