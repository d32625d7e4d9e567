// SPDX-License-Identifier: MIT
#include "sink/output_folder.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"

namespace astrom3 {
namespace {

[[noreturn]] void fail(const std::filesystem::path& folder, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = folder.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

}  // namespace

OutputFolder::OutputFolder(std::filesystem::path path, bool force) : path_(std::move(path)) {
  if (path_.filename().empty()) path_ = path_.parent_path();  // "out/" is "out"
  std::error_code error;
  created_ = std::filesystem::create_directory(path_, error);
  if (error) fail(path_, "cannot create directory: " + error.message());
  if (created_) {
    sync_folder_of(path_);
  } else if (!force) {
    const bool empty = std::filesystem::is_empty(path_, error);
    if (error) fail(path_, "cannot read directory: " + error.message());
    if (!empty) fail(path_, "the directory is not empty", {"another directory, or {}", {{"force", "true"}}});
  }
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (created_) std::filesystem::remove(path_, ignored);
}

}  // namespace astrom3
