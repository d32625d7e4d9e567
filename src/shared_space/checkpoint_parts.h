// SPDX-License-Identifier: MIT
//
// A checkpoint with several modalities as one set of tensors, in memory and on disk, and one with random
// weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "astrom3/shared_space/multimodal_checkpoint.h"

namespace astrom3 {

/// All tensors of `checkpoint` under their names in the file, the stored positions among them.
TensorMap joined_parts(const MultimodalCheckpoint& checkpoint);

/// The reverse: puts `tensors`, under their names in the file, in the place of those of the same names;
/// others of the checkpoint stay. The hash of the file is no longer its own.
void replace_parts(MultimodalCheckpoint& checkpoint, TensorMap tensors);

/// A checkpoint in memory with random weights, as PyTorch would initialise upstream's modules, marked
/// untrained. positions: of the flattened spectrum. Every logit_scale is `logit_scale`. The same seed gives
/// the same bits. Throws Error bad_config where no config.json can say `config`.
MultimodalCheckpoint random_multimodal_checkpoint(const MultimodalConfig& config, std::size_t positions,
                                                  std::uint64_t seed, float logit_scale);

/// Writes config.json, preprocessor_config.json (its text is `preprocessing`, if there is one) and, last,
/// model.safetensors, as write_checkpoint() does. Throws Error output_error.
void write_multimodal_checkpoint(const std::filesystem::path& directory,
                                 const MultimodalCheckpoint& checkpoint,
                                 const std::optional<std::string>& preprocessing,
                                 WeightsDtype dtype = WeightsDtype::f32);

}  // namespace astrom3
