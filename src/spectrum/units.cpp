// SPDX-License-Identifier: MIT
#include "spectrum/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "base/joined.h"
#include "base/number.h"

namespace astrom3 {
namespace {

// 1e-17 erg/s/cm2/A of 1 Jy at 1 A: the speed of light in A/s, times 1e-23 erg/s/cm2/Hz, over 1e-17.
constexpr double kPerJansky = 2.99792458e12;

/// The words of a unit, in lower case and in alphabetical order, without powers: "erg s cm2" has cm erg s.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.push_back(word);
  std::sort(words.begin(), words.end());
  return words;
}

bool is_angstrom(const std::string& word) {
  constexpr std::array<std::string_view, 5> kNames{"angstrom", "angstroms", "a", "aa", "ang"};
  return std::find(kNames.begin(), kNames.end(), word) != kNames.end();
}

/// The power of ten at the front, "1e-17" or "10**-17" or "10^(-17)"; what is behind it stays in `text`.
/// Nothing where the front looks like a number and is none of these.
std::optional<double> take_factor(std::string_view& text) {
  text = trimmed(text);
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) == 0) return 1.0;
  const std::size_t end =
      std::min(text.find_first_of(" *^abcdfghijklmnopqrstuvwxyzABCDFGHIJKLMNOPQRSTUVWXYZ/"), text.size());
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  double factor = 1;
  if (number == "10" && (text.starts_with("**") || text.starts_with("^"))) {
    text.remove_prefix(text.starts_with("**") ? 2 : 1);
    const std::size_t power_end = std::min(text.find_first_not_of("(-+0123456789)"), text.size());
    std::string power;
    for (const char c : text.substr(0, power_end)) {
      if (c != '(' && c != ')') power += c;
    }
    text.remove_prefix(power_end);
    const ParsedNumber parsed = parse_number(power);
    if (parsed.kind != NumberKind::number) return std::nullopt;
    factor = std::pow(10.0, parsed.value);
  } else {
    const ParsedNumber parsed = parse_number(number);
    if (parsed.kind != NumberKind::number) return std::nullopt;
    factor = parsed.value;
  }
  return factor > 0 ? std::optional(factor) : std::nullopt;
}

/// The unit of those words without a factor.
std::optional<FluxDensityUnit> unit_of_words(const std::vector<std::string>& words) {
  const auto is = [&](std::initializer_list<const char*> names) {
    return std::equal(words.begin(), words.end(), names.begin(), names.end());
  };
  if (words.empty() || is({"adu"}) || is({"count"}) || is({"counts"}) || is({"flux", "relative"}) ||
      is({"relative"}) || is({"electron"}))
    return FluxDensityUnit{};
  std::vector<std::string> named = words;
  for (std::string& word : named) {
    if (is_angstrom(word)) word = "angstrom";
    if (word == "sec" || word == "second") word = "s";
    if (word == "ergs") word = "erg";
  }
  std::sort(named.begin(), named.end());
  const auto are = [&](std::initializer_list<const char*> names) {
    return std::equal(named.begin(), named.end(), names.begin(), names.end());
  };
  if (are({"angstrom", "cm", "erg", "s"})) return FluxDensityUnit{.factor = 1e17};
  if (are({"cm", "erg", "nm", "s"})) return FluxDensityUnit{.factor = 1e16};
  if (are({"m", "nm", "w"})) return FluxDensityUnit{.factor = 1e19};
  if (are({"cm", "erg", "hz", "s"}))
    return FluxDensityUnit{.factor = kPerJansky * 1e23, .per_frequency = true};
  constexpr std::array<std::pair<std::string_view, double>, 4> kJansky{
      {{"jy", 1.0}, {"mjy", 1e-3}, {"ujy", 1e-6}, {"njy", 1e-9}}};
  for (const auto& [name, size] : kJansky) {
    if (named.size() == 1 && named[0] == name)
      return FluxDensityUnit{.factor = kPerJansky * size, .per_frequency = true};
  }
  return std::nullopt;
}

}  // namespace

std::optional<WavelengthUnit> wavelength_unit_of(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  if (words.size() == 2 && (words[0] == "log" || words[1] == "log")) {
    const std::string& other = words[0] == "log" ? words[1] : words[0];
    return is_angstrom(other) ? std::optional(WavelengthUnit::log10_angstrom) : std::nullopt;
  }
  if (words.size() != 1) return std::nullopt;
  if (is_angstrom(words[0])) return WavelengthUnit::angstrom;
  if (words[0] == "nm" || words[0] == "nanometer" || words[0] == "nanometre") return WavelengthUnit::nm;
  if (words[0] == "um" || words[0] == "micron" || words[0] == "microns" || words[0] == "micrometer")
    return WavelengthUnit::um;
  return std::nullopt;
}

std::optional<FluxDensityUnit> flux_unit_of(std::string_view text) {
  const std::optional<double> factor = take_factor(text);
  if (!factor) return std::nullopt;
  std::optional<FluxDensityUnit> unit = unit_of_words(words_of(text));
  if (!unit) return std::nullopt;
  unit->factor *= *factor;
  // The words are in lower case, where mega is milli.
  if (text.find("MJy") != std::string_view::npos) unit->factor *= 1e9;
  // 1e-17 erg/s/cm2/A is the unit of the model: its factor is one, without what rounding leaves.
  if (std::fabs(unit->factor - 1) < 1e-12) unit->factor = 1;
  return unit;
}

void to_vacuum_angstrom(Spectrum& spectrum, const SpectrumReading& reading,
                        std::optional<WavelengthUnit> of_file, bool air_in_file) {
  const bool is_given = reading.unit != WavelengthUnit::file;
  const WavelengthUnit unit = is_given ? reading.unit : of_file.value_or(WavelengthUnit::angstrom);
  spectrum.unit_is_stated = is_given || of_file.has_value();
  const bool is_air = reading.air || air_in_file;
  for (double& w : spectrum.wavelength) {
    if (unit == WavelengthUnit::nm) w *= 10;
    if (unit == WavelengthUnit::um) w *= 1e4;
    if (unit == WavelengthUnit::log10_angstrom) w = std::pow(10.0, w);
    if (is_air) w = vacuum_of_air(w);
  }
  if (is_air) spectrum.flags.set(SpectrumFlag::air_converted);
}

void scale_flux(Spectrum& spectrum, const FluxDensityUnit& unit) {
  if (unit.factor == 1 && !unit.per_frequency) return;
  for (std::size_t i = 0; i < spectrum.flux.size(); ++i) {
    const double w = spectrum.wavelength[i];
    const double factor = unit.per_frequency ? unit.factor / (w * w) : unit.factor;
    spectrum.flux[i] *= factor;
    spectrum.ivar[i] /= factor * factor;
  }
}

std::vector<double> ivar_of_errors(const std::vector<double>& errors) {
  std::vector<double> ivar;
  for (const double e : errors) ivar.push_back(e == 0 || std::isinf(e) ? 0.0 : e < 0 ? e : 1 / (e * e));
  return ivar;
}

std::vector<std::string> wavelength_unit_names() {
  return {"file", "A", "nm", "um", "log10A"};
}

WavelengthUnit parse_wavelength_unit(std::string_view name) {
  const std::vector<std::string> names = wavelength_unit_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<WavelengthUnit>(found - names.begin());
  throw Error(Status::usage, fmt::format("unknown unit of wavelengths \"{}\": expected one of {}",
                                         escaped(name), joined(names, ", ")));
}

}  // namespace astrom3
