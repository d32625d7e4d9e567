// SPDX-License-Identifier: MIT
#include "outputs.h"

#include <initializer_list>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/sink/text_file.h"

namespace astrom3::cli {

void check_writable(std::initializer_list<std::string> outputs) {
  for (const std::string& output : outputs) {
    if (!output.empty()) require_writable(output);
  }
}

void check_one_stream(const std::string& output, const std::string& other) {
  if (output.empty() && other == "-")
    throw Error(Status::usage, "two outputs would go to standard output", "-o FILE for one of them");
}

void write_output(const std::string& path, std::string_view text) {
  write_text_file(path.empty() ? "-" : path, text);
}

}  // namespace astrom3::cli
