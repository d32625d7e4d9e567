// SPDX-License-Identifier: MIT
#include "onnx/new_directory.h"

#include <filesystem>
#include <functional>
#include <system_error>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"

namespace astrom3 {

void require_new_directory(const std::filesystem::path& directory) {
  std::error_code error;
  const bool exists = std::filesystem::exists(directory, error);
  if (!error && exists && !std::filesystem::is_directory(directory, error)) {
    throw Error(
        Diagnostic{.code = Status::output_error, .file = directory.string(), .message = "is no directory"});
  }
  if (!error && exists && !std::filesystem::is_empty(directory, error) && !error) {
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = directory.string(),
                           .message = "the directory is not empty; a checkpoint is written into a new one"});
  }
  if (error) {
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = directory.string(),
                           .message = "cannot be used: " + error.message()});
  }
}

void fill_new_directory(const std::filesystem::path& directory, const std::function<void()>& fill) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(directory, error);
  try {
    if (error) {
      throw Error(Diagnostic{.code = Status::output_error,
                             .file = directory.string(),
                             .message = "cannot be created: " + error.message()});
    }
    fill();
  } catch (...) {
    // It was empty: what is in it now is ours.
    for (const std::filesystem::path& file : checkpoint_files(directory))
      std::filesystem::remove(file, error);
    if (made) std::filesystem::remove(directory, error);
    throw;
  }
}

}  // namespace astrom3
