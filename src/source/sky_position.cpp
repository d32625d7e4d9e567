// SPDX-License-Identifier: MIT
#include "source/sky_position.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"

namespace astrom3 {
namespace {

constexpr double kFarDegrees = 1 / 60.0;
constexpr double kDegreesPerHour = 15;

std::optional<double> parse_whole(std::string_view text) {
  const ParsedNumber number = parse_number(text);
  return number.kind == NumberKind::number ? std::optional(number.value) : std::nullopt;
}

/// "17:45:40.0", "-29 00 28", "17h45m40s".
std::optional<double> parse_sexagesimal(std::string_view text) {
  text = trimmed(text);
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  std::string blanks(text);
  std::replace_if(
      blanks.begin(), blanks.end(), [](char c) { return (c < '0' || c > '9') && c != '.'; }, ' ');
  double value = 0, unit = 1;
  std::size_t n_parts = 0;
  for (std::string_view rest = trimmed(blanks); !rest.empty(); ++n_parts, unit /= 60) {
    const std::string_view part = rest.substr(0, rest.find(' '));
    const auto number = parse_whole(part);
    if (!number.has_value() || n_parts == 3) return std::nullopt;
    value += *number * unit;
    rest = trimmed(rest.substr(part.size()));
  }
  if (n_parts < 2) return std::nullopt;
  return is_negative ? -value : value;
}

}  // namespace

std::optional<SkyPosition> parse_position(std::string_view longitude, std::string_view latitude) {
  if (const auto x = parse_whole(longitude), y = parse_whole(latitude); x && y)
    return SkyPosition{.longitude = *x, .latitude = *y};
  const auto hours = parse_sexagesimal(longitude), degrees = parse_sexagesimal(latitude);
  if (!hours || !degrees) return std::nullopt;
  return SkyPosition{.longitude = *hours * kDegreesPerHour, .latitude = *degrees};
}

bool are_apart(const SkyPosition& a, const SkyPosition& b) noexcept {
  const double turn = std::fabs(std::remainder(a.longitude - b.longitude, 360.0));
  const double width = std::cos(0.5 * (a.latitude + b.latitude) * std::numbers::pi / 180);
  return std::fabs(a.latitude - b.latitude) > kFarDegrees || turn * width > kFarDegrees;
}

}  // namespace astrom3
