// SPDX-License-Identifier: MIT
//
// Random weights, as PyTorch would initialise upstream's modules.
#include "encoder/random_checkpoint.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "base/random.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/config.h"

namespace astrom3 {
namespace {

/// Kaiming normal, fan_in, for leaky_relu with PyTorch's default slope 0.01.
constexpr double kLeakyReluGainSquared = 2.0 / (1.0 + 0.01 * 0.01);

/// The values of one tensor. `random` is the tensor's own stream, so that its values do not depend on the
/// sizes of other tensors.
std::vector<float> initial_values(const TensorSpec& spec, Random random) {
  std::size_t count = 1;
  for (const std::int64_t size : spec.shape) count *= static_cast<std::size_t>(size);
  std::vector<float> values(count);
  switch (spec.role) {
    case TensorRole::token_convolution: {
      const double sigma = std::sqrt(kLeakyReluGainSquared / static_cast<double>(spec.fan_in));
      for (float& value : values) value = static_cast<float>(sigma * random.normal());
      break;
    }
    case TensorRole::linear: {
      // This is the bound of PyTorch's kaiming_uniform with a = sqrt(5), for weights and biases.
      const double bound = 1 / std::sqrt(static_cast<double>(spec.fan_in));
      for (float& value : values) value = static_cast<float>(bound * (2 * random.uniform() - 1));
      break;
    }
    case TensorRole::positions: {
      std::vector<double> positions(count);
      fill_positions(spec.shape[1], spec.shape[2], positions.data());
      for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(positions[i]);
      break;
    }
    case TensorRole::norm_weight:
      values.assign(count, 1.0f);
      break;
    case TensorRole::norm_bias:
    case TensorRole::out_of_class:  // only training gives these values
      break;
  }
  return values;
}

void make_empty_directory(const std::filesystem::path& directory) {
  const auto fail = [&](std::string message) {
    throw Error(
        Diagnostic{.code = Status::output_error, .file = directory.string(), .message = std::move(message)});
  };
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) fail(fmt::format("cannot create the directory: {}", error.message()));
  const bool empty = std::filesystem::is_empty(directory, error);
  if (error) fail(fmt::format("cannot list the directory: {}", error.message()));
  if (!empty) fail("the directory is not empty; a checkpoint is written into a new one");
}

/// Throws where the reader of config.json would refuse this config.
void check(const EncoderConfig& config, const std::filesystem::path& file) {
  std::vector<Diagnostic> warnings;
  parse_encoder_config(to_json(config), file.string(), warnings);
}

std::vector<TensorSpec> all_tensors(const EncoderConfig& config) {
  std::vector<TensorSpec> specs = encoder_tensors(config);
  if (!config.classification) return specs;
  for (TensorSpec& spec : head_tensors(config)) specs.push_back(std::move(spec));
  return specs;
}

}  // namespace

Tensor random_tensor(const TensorSpec& spec, std::uint64_t seed, std::size_t index) {
  return {.shape = spec.shape, .data = initial_values(spec, Random(seed, index)), .dtype = "F32"};
}

Checkpoint random_checkpoint(const EncoderConfig& config, std::uint64_t seed, const Scaling& scaling) {
  check(config, kConfigName);
  Checkpoint checkpoint;
  checkpoint.config = config;
  checkpoint.scaling = scaling;
  checkpoint.metadata = {{"format", "pt"},
                         {"astrom3.trained", "false"},
                         {"astrom3.attention", "full"},
                         {"astrom3.seed", fmt::format("{}", seed)}};
  const std::vector<TensorSpec> specs = all_tensors(config);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    checkpoint.tensors[specs[i].name] = random_tensor(specs[i], seed, i);
    if (specs[i].role != TensorRole::positions)
      checkpoint.parameter_count += checkpoint.tensors[specs[i].name].data.size();
  }
  return checkpoint;
}

void replace_head(Checkpoint& checkpoint, const std::vector<std::string>& classes, std::uint64_t seed) {
  EncoderConfig& config = checkpoint.config;
  const AffineNames head = head_names();
  for (const std::string& name : {head.weight, head.bias}) {
    const auto old = checkpoint.tensors.find(name);
    if (old == checkpoint.tensors.end()) continue;
    checkpoint.parameter_count -= old->second.data.size();
    checkpoint.tensors.erase(old);
  }
  config.classification = true;
  config.num_classes = static_cast<std::int64_t>(classes.size());
  config.class_names = classes;
  check(config, kConfigName);
  const std::size_t first = encoder_tensors(config).size();
  const std::vector<TensorSpec> specs = head_tensors(config);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    checkpoint.tensors[specs[i].name] = random_tensor(specs[i], seed, first + i);
    checkpoint.parameter_count += checkpoint.tensors[specs[i].name].data.size();
  }
}

void write_random_checkpoint(const std::filesystem::path& directory, const EncoderConfig& config,
                             std::uint64_t seed, const Scaling& scaling) {
  const Checkpoint checkpoint =
      random_checkpoint(config, seed, scaling);  // before the folder is made, since it may refuse the config
  make_empty_directory(directory);
  write_checkpoint(directory, checkpoint);
}

}  // namespace astrom3
