// SPDX-License-Identifier: MIT
//
// Random weights with which training begins, as PyTorch would initialise upstream's modules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"

namespace astrom3 {

/// A checkpoint in memory with random weights, which is marked as untrained. It has a head where
/// config.classification is true. The same seed gives the same bits. Throws Error bad_config.
Checkpoint random_checkpoint(const EncoderConfig& config, std::uint64_t seed, const Scaling& scaling);

/// Random values for tensor number `index` of a checkpoint; they depend on no other tensor.
Tensor random_tensor(const TensorSpec& spec, std::uint64_t seed, std::size_t index);

/// Gives the checkpoint a random head for `classes`, in place of its head if it has one. The same seed gives
/// the same head as random_checkpoint(). Throws Error bad_config.
void replace_head(Checkpoint& checkpoint, const std::vector<std::string>& classes, std::uint64_t seed);

}  // namespace astrom3
