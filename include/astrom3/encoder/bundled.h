// SPDX-License-Identifier: MIT
//
// Where the checkpoint is that ships with astrom3.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace astrom3 {

/// The model to take where none is named.
struct DefaultModel {
  std::string model;              ///< a directory, a .safetensors file or "hf:REPO"
  bool from_environment = false;  ///< it is what ASTROM3_MODEL says
};

/// ASTROM3_MODEL where it is set and not empty, else the bundled checkpoint; nothing where there is neither.
std::optional<DefaultModel> default_model();

/// The directory share/astrom3/models/vstars1, looked for above the folder of the program or shared library
/// that holds this function: ../share in a build, a wheel or an installation, ../../share for a library in
/// lib/<architecture>. Nothing where none of them holds a config.json.
std::optional<std::filesystem::path> bundled_checkpoint();

}  // namespace astrom3
