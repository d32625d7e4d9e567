// SPDX-License-Identifier: MIT
//
// A checkpoint with random weights, as PyTorch would initialise upstream's modules.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <system_error>

#include "astrom3/checkpoint.h"
#include "base/atomic_file.h"
#include "base/random.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/config.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

/// Kaiming normal, fan_in, for leaky_relu with PyTorch's default slope 0.01.
constexpr double kLeakyReluGainSquared = 2.0 / (1.0 + 0.01 * 0.01);

/// One tensor's values; `random` is its own stream, so they depend on no other tensor's size.
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
      // PyTorch's kaiming_uniform with a = sqrt(5) comes to this bound, for weight and bias alike.
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
      break;
  }
  return values;
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
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

}  // namespace

void write_random_checkpoint(const std::filesystem::path& directory, const EncoderConfig& config,
                             std::uint64_t seed, const Scaling& scaling) {
  // A config that its own reader would refuse is refused here, before anything is written.
  std::vector<Diagnostic> warnings;
  parse_encoder_config(to_json(config), (directory / "config.json").string(), warnings);
  std::vector<TensorSpec> specs = encoder_tensors(config);
  if (config.classification) {
    for (TensorSpec& spec : head_tensors(config)) specs.push_back(std::move(spec));
  }
  std::vector<TensorDeclaration> declarations;
  for (const TensorSpec& spec : specs) declarations.push_back({spec.name, "F32", spec.shape});

  make_empty_directory(directory);
  write_text(directory / "config.json", to_json(config));
  write_text(directory / "preprocessor_config.json", to_json(scaling));
  SafetensorsWriter writer(directory / "model.safetensors", declarations,
                           {{"format", "pt"},
                            {"astrom3.trained", "false"},
                            {"astrom3.attention", "full"},
                            {"astrom3.seed", fmt::format("{}", seed)}});
  for (std::size_t i = 0; i < specs.size(); ++i) {
    writer.write(std::span<const float>(initial_values(specs[i], Random(seed, i))));
  }
  writer.commit();
}

}  // namespace astrom3
