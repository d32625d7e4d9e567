// SPDX-License-Identifier: MIT
#include "outputs.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "astrom3/base/error.h"
#include "astrom3/sink/text_file.h"

namespace astrom3::cli {

void check_distinct(const std::vector<std::filesystem::path>& inputs, const std::string& output) {
  struct ::stat out {};
  if (output == "-" || ::stat(output.c_str(), &out) != 0) return;
  for (const auto& input : inputs) {
    struct ::stat in {};
    if (::stat(input.c_str(), &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
      throw Error(Status::usage, fmt::format("{}: the output is the input {}", escaped(output, 4096),
                                             escaped(input.string(), 4096)));
    }
  }
}

void check_outputs(std::initializer_list<std::string> outputs,
                   std::initializer_list<std::vector<std::string>> inputs) {
  for (const std::string& output : outputs) {
    if (output.empty()) continue;
    for (const auto& files : inputs) check_distinct({files.begin(), files.end()}, output);
    require_writable(output);
  }
}

void write_output(const std::string& path, std::string_view text) {
  write_text_file(path.empty() ? "-" : path, text);
}

}  // namespace astrom3::cli
