// SPDX-License-Identifier: MIT
#include "metadata/column_units.h"

#include <algorithm>
#include <array>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>

#include "astrom3/metadata/metadata.h"

namespace astrom3 {
namespace {

struct KnownUnit {
  std::string_view name;  ///< in lower case, without blanks and the marks of powers and products
  std::string_view expected;
  double factor;
};

constexpr std::array kKnownUnits{KnownUnit{"mag", "mag", 1},
                                 KnownUnit{"mmag", "mag", 1e-3},
                                 KnownUnit{"mas", "mas", 1},
                                 KnownUnit{"milliarcsec", "mas", 1},
                                 KnownUnit{"arcsec", "mas", 1e3},
                                 KnownUnit{"uas", "mas", 1e-3},
                                 KnownUnit{"deg", "deg", 1},
                                 KnownUnit{"degree", "deg", 1},
                                 KnownUnit{"degrees", "deg", 1},
                                 KnownUnit{"rad", "deg", 180 / std::numbers::pi},
                                 KnownUnit{"mas/yr", "mas/yr", 1},
                                 KnownUnit{"mas/year", "mas/yr", 1},
                                 KnownUnit{"mas/a", "mas/yr", 1},
                                 KnownUnit{"masyr-1", "mas/yr", 1},
                                 KnownUnit{"masa-1", "mas/yr", 1},
                                 KnownUnit{"arcsec/yr", "mas/yr", 1e3},
                                 KnownUnit{"arcsec/year", "mas/yr", 1e3},
                                 KnownUnit{"arcsecyr-1", "mas/yr", 1e3}};

std::string folded_unit(std::string_view text) {
  std::string folded;
  for (const char c : text) {
    if (std::string_view(" .*^\"'[]{}()").find(c) == std::string_view::npos)
      folded += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  // A magnitude's system, "mag(Vega)", is the survey's own.
  for (const std::string_view system : {"magvega", "magab"}) {
    if (folded == system) return "mag";
  }
  return folded;
}

}  // namespace

std::string_view expected_unit(std::string_view column) {
  const std::string_view unit = metadata_unit(column).value_or("");
  return unit == "id" ? "" : unit;
}

std::optional<double> unit_factor(std::string_view stated, std::string_view expected) {
  const std::string folded = folded_unit(stated);
  if (folded.find_first_not_of("-") == std::string::npos || folded == "none" || folded == "1") return 1;
  const auto found = std::find_if(kKnownUnits.begin(), kKnownUnits.end(),
                                  [&](const KnownUnit& unit) { return unit.name == folded; });
  if (found == kKnownUnits.end() || found->expected != expected) return std::nullopt;
  return found->factor;
}

}  // namespace astrom3
