// SPDX-License-Identifier: MIT
//
// The model card that lies beside an exported ONNX file.
#pragma once

#include <filesystem>
#include <string>

#include "astrom3/encoder/checkpoint.h"

namespace astrom3 {

/// Markdown with the hub's front matter: what the file `onnx_name` computes, from what, under which licence.
/// Equal checkpoints give equal cards.
std::string model_card(const Checkpoint& checkpoint, const std::string& onnx_name, bool logits);

/// Whether `file` may be written: it is not there, or begins as model_card() begins.
bool is_ours_to_write(const std::filesystem::path& file);

}  // namespace astrom3
