// SPDX-License-Identifier: MIT
#include "base/number.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "base/double_from_chars.h"

namespace astrom3 {
namespace {

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_word(std::string_view text, std::string_view lower_case_word) noexcept {
  return std::equal(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                    [](char a, char b) { return lower(a) == b; });
}

/// Whether a number that does not fit double is too small (true) or too large: its magnitude is below 1.
/// text  digits with one optional '.' and exponent, no sign, known to be well-formed
bool is_tiny(std::string_view text) noexcept {
  std::int64_t leading = 0;  // decimal exponent of the first non-zero digit, plus one
  std::int64_t exponent = 0;
  bool seen_point = false;
  bool seen_digit = false;
  std::size_t i = 0;
  for (; i < text.size() && lower(text[i]) != 'e'; ++i) {
    if (text[i] == '.') {
      seen_point = true;
    } else if (!seen_digit && text[i] == '0') {
      leading -= seen_point ? 1 : 0;
    } else {
      seen_digit = true;
      leading += seen_point ? 0 : 1;
    }
  }
  if (i < text.size()) {
    ++i;
    const bool negative = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    for (; i < text.size(); ++i) exponent = std::min<std::int64_t>(exponent * 10 + (text[i] - '0'), 1 << 30);
    if (negative) exponent = -exponent;
  }
  return leading + exponent <= 0;
}

constexpr std::array kPowersOfTen{1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                  1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

/// Digits and at most one '.', as nearly every field of a survey is: false where `text` is anything else
/// or too long for this. Up to 2^53 the digits are a double, powers of ten up to 10^22 are, too, and a
/// quotient of two doubles is correctly rounded. Source  Clinger 1990, How to read floating point numbers
/// accurately, PLDI
bool parse_short_decimal(std::string_view text, double& value) noexcept {
  constexpr std::uint64_t kLargestExact = std::uint64_t{1} << 53;
  const bool negative = text.front() == '-';
  const char* p = text.data() + (negative ? 1 : 0);
  const char* const end = text.data() + text.size();
  if (end - p > static_cast<std::ptrdiff_t>(kPowersOfTen.size())) return false;  // 17 digits cannot overflow
  std::uint64_t digits = 0;
  const char* const first = p;
  for (; p < end && is_digit(*p); ++p) digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
  std::ptrdiff_t places = 0;
  if (p < end && *p == '.') {
    const char* const point = p++;
    for (; p < end && is_digit(*p); ++p) digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
    places = p - point - 1;
    if (p - first == 1) return false;  // a point alone
  }
  if (p != end || digits > kLargestExact) return false;
  value = static_cast<double>(digits) / kPowersOfTen[static_cast<std::size_t>(places)];
  if (negative) value = -value;
  return true;
}

/// text  starts with an optional '-', then a digit or '.'
ParsedNumber parse_decimal(std::string_view text) noexcept {
  double value = 0;
  if (parse_short_decimal(text, value)) return {NumberKind::number, value};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = double_from_chars(text.data(), end, value);
  // It accepts any prefix ("0x10" as 0, "1.5abc" as 1.5): all of the text must be used.
  if (error == std::errc::invalid_argument || stop != end) return {};
  if (error == std::errc::result_out_of_range) {
    const bool negative = text.front() == '-';
    if (is_tiny(text.substr(negative ? 1 : 0))) return {NumberKind::number, negative ? -0.0 : 0.0};
    return {NumberKind::nonfinite, 0};
  }
  return {NumberKind::number, value};
}

/// The number with the style's decimal sign and exponent letter replaced by '.' and 'e'.
ParsedNumber parse_styled(std::string_view text, NumberStyle style) noexcept {
  std::array<char, kMaxNumberLength> plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (style.decimal != '.' && c == '.') return {};
    if (c == style.decimal) c = '.';
    if (style.d_exponent && lower(c) == 'd') c = 'e';
    plain[i] = c;
  }
  return parse_decimal({plain.data(), text.size()});
}

ParsedNumber parse_word(std::string_view text, NumberStyle style) noexcept {
  constexpr std::array<std::string_view, 14> kMissing{"#n/a", "na",  "n/a",   "nan",  "null",   "none", "-",
                                                      "--",   "---", "indef", "<na>", "nodata", "?",    "*"};
  for (const std::string_view word : kMissing) {
    if (equals_word(text, word)) return {NumberKind::missing, 0};
  }
  if (text.front() == '>' || text.front() == '<') {
    const ParsedNumber limit = parse_number(text.substr(1), style);
    return {limit.kind == NumberKind::number ? NumberKind::upper_limit : NumberKind::not_a_number, 0};
  }
  if (text.front() == '+' || text.front() == '-') text.remove_prefix(1);
  if (equals_word(text, "inf") || equals_word(text, "infinity")) return {NumberKind::nonfinite, 0};
  if (equals_word(text, "nan")) return {NumberKind::missing, 0};
  return {};
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

ParsedNumber parse_number(std::string_view text, NumberStyle style) noexcept {
  text = trimmed(text);
  if (text.empty()) return {NumberKind::missing, 0};
  if (text.size() > kMaxNumberLength) return {};
  std::string_view number = text;
  if (number.front() == '+') number.remove_prefix(1);
  const std::size_t first = !number.empty() && number.size() == text.size() && number.front() == '-' ? 1 : 0;
  const bool numeric = first < number.size() &&
                       (is_digit(number[first]) || number[first] == '.' || number[first] == style.decimal);
  if (!numeric) return parse_word(text, style);
  if (style.decimal == '.' && !style.d_exponent) return parse_decimal(number);
  return parse_styled(number, style);
}

}  // namespace astrom3
