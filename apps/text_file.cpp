// SPDX-License-Identifier: MIT
#include "text_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "astrom3/astrom3.h"

namespace astrom3::cli {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = path,
                         .message = fmt::format("\"{}\" cannot be written", escaped(path))});
}

}  // namespace

void write_text_file(const std::string& path, std::string_view text) {
  if (path == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0) throw Error(Status::output_error, "writing to stdout failed");
    return;
  }
  const std::string temporary = fmt::format("{}.tmp.{}", path, getpid());
  std::ofstream file(temporary, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (file && !error) return;
  std::filesystem::remove(temporary, error);
  fail(path);
}

}  // namespace astrom3::cli
