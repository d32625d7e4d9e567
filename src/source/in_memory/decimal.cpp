// SPDX-License-Identifier: MIT
#include "source/in_memory/decimal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace astrom3 {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint32_t kBillion = 1000000000;

using Halves = std::array<std::uint32_t, 8>;  // the highest first

Halves halves_of(const Decimal& decimal) {
  Halves halves{};
  for (std::size_t i = 0; i < 4; ++i) {
    halves[7 - 2 * i] = static_cast<std::uint32_t>(decimal.words[i]);
    halves[6 - 2 * i] = static_cast<std::uint32_t>(decimal.words[i] >> 32);
  }
  return halves;
}

/// Divides in place; returns the remainder.
std::uint32_t divide(Halves& halves, std::uint32_t by) {
  std::uint64_t rest = 0;
  for (std::uint32_t& half : halves) {
    const std::uint64_t now = rest << 32 | half;
    half = static_cast<std::uint32_t>(now / by);
    rest = now % by;
  }
  return static_cast<std::uint32_t>(rest);
}

std::string digits_of(const Decimal& decimal) {
  Halves halves = halves_of(decimal);
  std::string reversed;
  while (std::any_of(halves.begin(), halves.end(), [](std::uint32_t half) { return half != 0; })) {
    std::uint32_t nine = divide(halves, kBillion);
    for (int i = 0; i < 9; ++i, nine /= 10) reversed += static_cast<char>('0' + nine % 10);
  }
  while (!reversed.empty() && reversed.back() == '0') reversed.pop_back();
  std::reverse(reversed.begin(), reversed.end());
  return reversed.empty() ? "0" : reversed;
}

}  // namespace

Decimal Decimal::of(std::int64_t whole) noexcept {
  const auto bits = static_cast<std::uint64_t>(whole);
  return {.is_negative = whole < 0, .words = {whole < 0 ? ~bits + 1 : bits, 0, 0, 0}};
}

Decimal Decimal::of(const char* bytes, int n) noexcept {
  Decimal decimal;
  std::memcpy(decimal.words.data(), bytes, static_cast<std::size_t>(n) * 8);
  decimal.is_negative = decimal.words[static_cast<std::size_t>(n - 1)] >> 63 != 0;
  if (!decimal.is_negative) return decimal;
  std::uint64_t carry = 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    decimal.words[i] = ~decimal.words[i] + carry;
    carry = carry == 1 && decimal.words[i] == 0 ? 1 : 0;
  }
  return decimal;
}

double Decimal::number(int decimals) const noexcept {
  double whole = 0;
  for (std::size_t i = 4; i-- > 0;) whole = whole * 0x1p64 + static_cast<double>(words[i]);
  // Powers of ten up to 10^22 are exact, so that one rounding is left.
  const double power = std::pow(10.0, std::abs(decimals));
  const double value = decimals >= 0 ? whole / power : whole * power;
  return is_negative ? -value : value;
}

void Decimal::append(int decimals, std::string& text) const {
  std::string digits = digits_of(*this);
  if (digits == "0") {
    text += digits;
    return;
  }
  if (is_negative) text += '-';
  if (decimals <= 0) {
    text += digits;
    text.append(static_cast<std::size_t>(-decimals), '0');
    return;
  }
  const auto n = static_cast<std::size_t>(decimals);
  if (digits.size() <= n) digits.insert(0, n + 1 - digits.size(), '0');
  digits.insert(digits.size() - n, ".");
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  text += digits;
}

}  // namespace astrom3
