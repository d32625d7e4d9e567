// SPDX-License-Identifier: MIT
//
// Where the bundled checkpoint is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace astrom3 {

/// The model that is used if none is named.
struct DefaultModel {
  std::string model;              ///< a directory, a .safetensors file or "hf:REPO"
  bool from_environment = false;  ///< ASTROM3_MODEL names it
};

/// ASTROM3_MODEL if it is set and not empty, else the bundled checkpoint; nothing if there is neither.
std::optional<DefaultModel> default_model();

/// The directory share/astrom3/models/vstars4, looked for above the folder of the program or shared library
/// that holds this function: ../share in a build, a wheel or an installation, ../../share for a library in
/// lib/<architecture>. Nothing where none of them holds a config.json.
std::optional<std::filesystem::path> bundled_checkpoint();

/// What users mean by `name`: itself, where something of that name is there, or where it is "hf:..."; else
/// the directory of the bundled checkpoint, where that is called so ("vstars4"). Throws Error bad_model for
/// another name without a folder, and for ORG/NAME, saying what may be meant; other paths are returned as
/// they are.
std::string checkpoint_called(const std::string& name);

}  // namespace astrom3
