// SPDX-License-Identifier: MIT
#include "base/joined.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace astrom3 {
namespace {

void append(std::string& text, std::string_view word) {
  text += word;
}
void append(std::string& text, std::int64_t number) {
  text += std::to_string(number);
}
void append(std::string& text, std::size_t number) {
  text += std::to_string(number);
}

template <typename Item>
std::string join(std::span<const Item> items, std::string_view separator) {
  std::string text;
  for (const Item& item : items) {
    if (&item != items.data()) text += separator;
    append(text, item);
  }
  return text;
}

}  // namespace

std::string joined(std::span<const std::string> words, std::string_view separator) {
  return join(words, separator);
}
std::string joined(std::span<const std::string_view> words, std::string_view separator) {
  return join(words, separator);
}
std::string joined(std::span<const std::int64_t> numbers, std::string_view separator) {
  return join(numbers, separator);
}
std::string joined(std::span<const std::size_t> numbers, std::string_view separator) {
  return join(numbers, separator);
}

}  // namespace astrom3
