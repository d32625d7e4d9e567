// SPDX-License-Identifier: MIT
//
// Any bytes as the card of a checkpoint: what its front matter says comes back when it is written anew.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "input_file.h"
#include "onnx/front_matter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  static InputFile file;
  const auto values = read_front_matter(file.hold(std::as_bytes(std::span(data, size))));
  std::string card = "---\n";
  for (const auto& [key, value] : values) {
    require(!key.empty() && !value.empty() && value.find('\n') == std::string::npos);
    const bool is_plain =
        value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.- '#:\"") ==
        value.npos;
    // A value that has to be escaped is written as what people can read.
    if (is_plain) card += key + ": " + yaml_value(value) + "\n";
  }
  const auto again = read_front_matter(file.hold(std::as_bytes(std::span(card += "---\n"))));
  for (const auto& [key, value] : again) {
    const auto before = values.find(key);
    require(before != values.end() && before->second == value);
  }
  return 0;
}
