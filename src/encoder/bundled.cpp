// SPDX-License-Identifier: MIT
#include "astrom3/encoder/bundled.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "base/this_object.h"

namespace astrom3 {

namespace fs = std::filesystem;

std::optional<fs::path> bundled_checkpoint() {
  const fs::path folder = this_object().parent_path();
  for (const char* up : {"..", "../.."}) {
    const fs::path directory = (folder / up / "share/astrom3/models/vstars4").lexically_normal();
    std::error_code error;
    if (fs::exists(directory / kConfigName, error)) return directory;
  }
  return std::nullopt;
}

std::optional<DefaultModel> default_model() {
  if (const char* named = std::getenv("ASTROM3_MODEL"); named != nullptr && *named != '\0')
    return DefaultModel{.model = named, .from_environment = true};
  if (const auto bundled = bundled_checkpoint()) return DefaultModel{.model = bundled->string()};
  return std::nullopt;
}

std::string checkpoint_called(const std::string& name) {
  std::error_code error;
  if (name.empty() || name.starts_with("hf:") || fs::exists(name, error)) return name;
  const auto bundled = bundled_checkpoint();
  if (bundled && bundled->filename() == name) return bundled->string();
  const std::size_t slash = name.find('/');
  const bool is_bare = slash == std::string::npos;
  const bool is_of_hub = !is_bare && slash > 0 && slash + 1 < name.size() && name[0] != '.' &&
                         name.find('/', slash + 1) == std::string::npos;
  if (!is_bare && !is_of_hub) return name;
  std::string words = is_of_hub
                          ? fmt::format("hf:{} is the checkpoint of this name on the Hugging Face hub", name)
                          : std::string("a checkpoint is named by its folder, or as hf:ORG/NAME");
  if (is_bare && bundled) words += fmt::format("; {} is the bundled one", bundled->filename().string());
  throw Error(Diagnostic{.code = Status::bad_model,
                         .file = name,
                         .message = "cannot open: No such file or directory",
                         .hint = std::move(words)});
}

}  // namespace astrom3
