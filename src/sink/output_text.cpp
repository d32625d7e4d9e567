// SPDX-License-Identifier: MIT
#include "sink/output_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace astrom3 {
namespace {

template <typename T>
void append_shortest(std::string& out, T value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

}  // namespace

void append_number(std::string& out, double value) {
  append_shortest(out, value);
}
void append_number(std::string& out, float value) {
  append_shortest(out, value);
}
void append_number(std::string& out, std::uint64_t value) {
  append_shortest(out, value);
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = text[i] == '\0' ? 0 : utf8_length(text, i);
    if (length == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else {
      out.append(text, i, length);
    }
    i += length == 0 ? 1 : length;
  }
  return out;
}

void append_csv_field(std::string& out, std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  const bool quoted =
      valid.find_first_of(",\"\r\n") != std::string::npos ||
      (!valid.empty() && (valid.front() == ' ' || valid.back() == ' ' || valid.front() == '#'));
  if (!quoted) {
    out += valid;
    return;
  }
  out += '"';
  for (const char c : valid) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace astrom3
