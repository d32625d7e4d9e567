// SPDX-License-Identifier: MIT
#include "sink/output_folder.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/sink/file_names.h"
#include "base/atomic_file.h"
#include "base/regular_file.h"

namespace astrom3 {
namespace {

[[noreturn]] void fail(const std::filesystem::path& folder, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = folder.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

/// Whether an earlier output of arrays is in the folder: its table of objects, and its description.
bool holds_arrays(const std::filesystem::path& folder) {
  constexpr std::string_view kBegin = "object_id,";
  std::error_code error;
  if (!std::filesystem::is_regular_file(folder / kMetaName, error)) return false;
  // A link is not followed: what it leads to says nothing of the folder, and stays as it is.
  if (std::filesystem::is_symlink(folder / kObjectsName, error)) return true;
  try {
    const RegularFile objects(folder / kObjectsName, Status::output_error);
    std::string begin(kBegin.size(), '\0');
    if (objects.size() < begin.size()) return false;
    objects.read_at(0, std::as_writable_bytes(std::span(begin)));
    return begin == kBegin;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

OutputFolder::OutputFolder(std::filesystem::path path, bool force) : path_(std::move(path)) {
  if (path_.filename().empty()) path_ = path_.parent_path();  // "out/" is "out"
  std::error_code error;
  created_ = std::filesystem::create_directory(path_, error);
  if (error) fail(path_, "cannot create directory: " + error.message());
  if (created_) {
    sync_folder_of(path_);
    return;
  }
  const bool empty = std::filesystem::is_empty(path_, error);
  if (error) fail(path_, "cannot read directory: " + error.message());
  if (empty) return;
  if (!holds_arrays(path_))
    fail(path_, "the directory is not empty, and holds no arrays of astrom3", "another directory");
  if (!force) fail(path_, "the directory is not empty", {"another directory, or {}", {{"force", "true"}}});
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (created_) std::filesystem::remove(path_, ignored);
}

}  // namespace astrom3
