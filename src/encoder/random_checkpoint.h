// SPDX-License-Identifier: MIT
//
// Random weights, as PyTorch would initialise upstream's modules: where training begins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"

namespace astrom3 {

/// A checkpoint in memory with random weights, marked untrained; with a head where config.classification.
/// The same seed gives the same bits. Throws Error bad_config.
Checkpoint random_checkpoint(const EncoderConfig& config, std::uint64_t seed, const Scaling& scaling);

/// The values of one tensor, the `index`-th of its checkpoint; they depend on no other.
Tensor random_tensor(const TensorSpec& spec, std::uint64_t seed, std::size_t index);

/// Puts a random head for `classes` in the place of the one there is, if any. The same seed gives the head
/// that random_checkpoint() gives. Throws Error bad_config.
void replace_head(Checkpoint& checkpoint, const std::vector<std::string>& classes, std::uint64_t seed);

}  // namespace astrom3
