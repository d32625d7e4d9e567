// SPDX-License-Identifier: MIT
//
// The keys that ProbSparse attention looks at: drawn at random, or read from a file.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "base/joined.h"
#include "base/random.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

constexpr const char* kTensor = "probsparse_key_samples";
constexpr std::string_view kNames[] = {"full", "probsparse", "probsparse-exact"};

[[noreturn]] void bad_samples(const std::filesystem::path& file, std::string message) {
  throw Error(Diagnostic{
      .code = Status::bad_tensors, .file = file.string(), .column = kTensor, .message = std::move(message)});
}

std::vector<std::uint32_t> samples_of(const SafetensorsFile& tensors, const std::filesystem::path& file,
                                      const EncoderConfig& config) {
  if (!tensors.contains(kTensor)) {
    bad_samples(file, fmt::format("not in the file, which has: {}", joined(tensors.names(), ", ")));
  }
  const TensorView view = tensors.at(kTensor);
  const std::vector<std::int64_t> expected{config.e_layers, config.seq_len,
                                           static_cast<std::int64_t>(probsparse_count(config))};
  if (view.shape() != expected) {
    bad_samples(
        file, fmt::format("expected integers [{}] for this checkpoint, found {} [{}]", joined(expected, ", "),
                          view.entry->dtype_name, joined(view.shape(), ", ")));
  }
  const std::vector<std::int64_t> values = to_int64(view);
  std::vector<std::uint32_t> samples;
  samples.reserve(values.size());
  for (const std::int64_t value : values) {
    if (value < 0 || value >= config.seq_len) {
      bad_samples(file, fmt::format("element {} is {}, not a step from 0 to {}", samples.size(), value,
                                    config.seq_len - 1));
    }
    samples.push_back(static_cast<std::uint32_t>(value));
  }
  return samples;
}

}  // namespace

std::string_view attention_name(Attention form) noexcept {
  return kNames[static_cast<std::size_t>(form)];
}

std::vector<std::string> attention_names() {
  return {std::begin(kNames), std::end(kNames)};
}

Attention parse_attention(std::string_view name) {
  const auto* found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) {
    throw Error(Status::usage,
                fmt::format("attention \"{}\": expected {}", escaped(name), joined(kNames, ", ")));
  }
  return static_cast<Attention>(found - std::begin(kNames));
}

std::size_t probsparse_count(const EncoderConfig& config) noexcept {
  const auto T = static_cast<double>(config.seq_len);
  const double u = static_cast<double>(config.factor) * std::ceil(std::log(T));
  return static_cast<std::size_t>(std::clamp(u, 1.0, T));
}

std::vector<std::uint32_t> draw_key_samples(const EncoderConfig& config, std::uint64_t seed) {
  const auto T = static_cast<std::size_t>(config.seq_len);
  const std::size_t per_layer = T * probsparse_count(config);
  std::vector<std::uint32_t> samples;
  samples.reserve(static_cast<std::size_t>(config.e_layers) * per_layer);
  for (std::int64_t layer = 0; layer < config.e_layers; ++layer) {
    Random random(seed, static_cast<std::uint64_t>(layer));
    for (std::size_t i = 0; i < per_layer; ++i) {
      samples.push_back(static_cast<std::uint32_t>(random.uniform() * static_cast<double>(T)));
    }
  }
  return samples;
}

std::vector<std::uint32_t> read_key_samples(const std::filesystem::path& file, const EncoderConfig& config) {
  try {
    return samples_of(SafetensorsFile::open(file), file, config);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.code = Status::bad_tensors;
    throw Error(diagnostic);
  }
}

}  // namespace astrom3
