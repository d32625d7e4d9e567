// SPDX-License-Identifier: MIT
//
// The forms of attention an encoder can compute, and how ProbSparse chooses its keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/encoder/checkpoint.h"

namespace astrom3 {

/// full              every query attends to every key: the form of the published ONNX file; the default
/// probsparse        exactly upstream's form, with which published checkpoints were trained: for every query,
///                   u = factor * ceil(ln T) keys are drawn at random; the u queries with the largest
///                   M = max(q k) - sum(q k) / T over those keys attend, the others get the mean of v; heads
///                   are then NOT moved back to their steps: [H, T, D/H] is read as [T, D]
/// probsparse_exact  the same with M over all keys: without random draws, the limit of the trained network
enum class Attention : std::uint8_t { full, probsparse, probsparse_exact };

/// "full", "probsparse", "probsparse-exact".
std::string_view attention_name(Attention form) noexcept;
std::vector<std::string> attention_names();
/// The form of that name. Throws Error usage naming the three.
Attention parse_attention(std::string_view name);

struct AttentionOptions {
  Attention form = Attention::full;
  std::uint64_t seed = 0;  ///< of probsparse's draws
  /// [layers, T, u] the keys of each query, given instead of drawn; probsparse only.
  std::vector<std::uint32_t> key_samples = {};
};

/// u: how many keys are drawn for a query, and how many queries attend: min(factor * ceil(ln T), T).
std::size_t probsparse_count(const EncoderConfig& config) noexcept;

/// The draws of a seed, [layers, T, u]: with replacement, the same for every head and light curve. They
/// depend on the seed, the layer and the sizes alone.
std::vector<std::uint32_t> draw_key_samples(const EncoderConfig& config, std::uint64_t seed);

/// The tensor probsparse_key_samples, integers [layers, T, u], of a safetensors file. Throws Error
/// bad_tensors naming the file and what is wrong with it.
std::vector<std::uint32_t> read_key_samples(const std::filesystem::path& file, const EncoderConfig& config);

}  // namespace astrom3
