// SPDX-License-Identifier: MIT
#include "onnx/front_matter.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "base/regular_file.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxCardBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxValueBytes = 400;
constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// The text of a scalar: without quotes, or without the comment behind it.
std::string scalar(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 2 || (text.front() != '"' && text.front() != '\'') || text.back() != text.front())
    return std::string(trimmed(text.substr(0, text.find(" #"))));
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    value += text[i];
    if (text.front() == '\'' && text.substr(i, 2) == "''" && i + 2 < text.size()) ++i;  // one, doubled
  }
  return value;
}

bool is_identifier_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

}  // namespace

std::map<std::string, std::string, std::less<>> read_front_matter(const std::filesystem::path& card) {
  std::map<std::string, std::string, std::less<>> values;
  std::string text;
  try {
    text = read_text_file(card, kMaxCardBytes, Status::bad_model);
  } catch (const Error&) {
    return values;
  }
  bool is_open = false;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (trimmed(line) == "---") {
      if (is_open) return values;
      is_open = true;
      continue;
    }
    if (!is_open) return {};
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_identifier_byte(line.front())) continue;
    std::string value = scalar(line.substr(colon + 1));
    if (!value.empty() && value.size() <= kMaxValueBytes)
      values.emplace(line.substr(0, colon), std::move(value));
  }
  return {};  // never closed
}

std::string yaml_value(std::string_view value) {
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_identifier_byte))
    return std::string(value);
  std::string quoted = "'";
  for (const char c : escaped(value, kMaxValueBytes)) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

}  // namespace astrom3
