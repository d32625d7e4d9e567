// SPDX-License-Identifier: MIT
#include "astrom3/encoder/bundled.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/this_object.h"

namespace astrom3 {

namespace fs = std::filesystem;

std::optional<fs::path> bundled_checkpoint() {
  const fs::path folder = this_object().parent_path();
  for (const char* up : {"..", "../.."}) {
    const fs::path directory = (folder / up / "share/astrom3/models/vstars3").lexically_normal();
    std::error_code error;
    if (fs::exists(directory / "config.json", error)) return directory;
  }
  return std::nullopt;
}

std::optional<DefaultModel> default_model() {
  if (const char* named = std::getenv("ASTROM3_MODEL"); named != nullptr && *named != '\0')
    return DefaultModel{.model = named, .from_environment = true};
  if (const auto bundled = bundled_checkpoint()) return DefaultModel{.model = bundled->string()};
  return std::nullopt;
}

}  // namespace astrom3
