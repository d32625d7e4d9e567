// SPDX-License-Identifier: MIT
#include "spectrum/spectrum_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum_arrays.h"
#include "formats/table_header.h"
#include "spectrum/units.h"

namespace astrom3 {
namespace {

using Names = std::initializer_list<std::string_view>;

// In lower case, without what stands in brackets.
constexpr std::array<std::string_view, 8> kWavelength{"wavelength", "wavelengths", "wave",          "lambda",
                                                      "loglam",     "lam",         "spectral_axis", "wl"};
constexpr std::array<std::string_view, 3> kFlux{"flux", "fluxes", "flam"};
constexpr std::array<std::string_view, 3> kIvar{"ivar", "inverse_variance", "invvar"};
constexpr std::array<std::string_view, 9> kSigma{"error", "err",    "sigma",   "flux_err",   "flux_error",
                                                 "eflux", "e_flux", "fluxerr", "uncertainty"};
constexpr std::array<std::string_view, 2> kVariance{"var", "variance"};

/// "Wavelength[A]" and "wave (nm)" to the name alone.
std::string bare_name(std::string_view name) {
  const std::string folded = folded_name(name);
  const std::string_view bare = std::string_view(folded).substr(0, folded.find_first_of("[("));
  return folded_name(bare);
}

template <typename List>
bool is_in(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// The only column whose bare name is in `list`. Throws where there are two.
template <typename List>
std::optional<std::size_t> only(std::span<const std::string> names, const List& list, const char* role) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!is_in(list, bare_name(names[i]))) continue;
    if (found) {
      throw Error(Diagnostic{.code = Status::ambiguous_column,
                             .message = fmt::format("both \"{}\" and \"{}\" could be the {}",
                                                    escaped(names[*found]), escaped(names[i]), role)});
    }
    found = i;
  }
  return found;
}

/// The column that was named, or the one of that 1-based number.
std::optional<std::size_t> chosen(std::span<const std::string> names, const std::string& wanted) {
  if (wanted.empty()) return std::nullopt;
  std::size_t number = 0;
  const char* const end = wanted.data() + wanted.size();
  const auto [stop, error] = std::from_chars(wanted.data(), end, number);
  if (error == std::errc{} && stop == end && number >= 1 && number <= names.size()) return number - 1;
  if (const auto found = find_column(wanted, names)) return found;
  throw Error(
      Diagnostic{.code = Status::missing_column,
                 .message = fmt::format("no column \"{}\"; there are: {}", escaped(wanted), listed(names))});
}

[[noreturn]] void fail_missing(std::span<const std::string> names, const char* role) {
  throw Error(Diagnostic{.code = Status::missing_column,
                         .message = fmt::format("no column of {}; there are: {}", role, listed(names)),
                         .hint = {"name it with {}", {{"spectrum-columns"}}}});
}

void find_error(std::span<const std::string> names, const SpectrumReading& reading, SpectrumColumns& out) {
  const auto set = [&](std::optional<std::size_t> column, ErrorKind kind) {
    if (out.error || !column) return;
    out.error = column;
    out.error_kind = kind;
  };
  set(chosen(names, reading.ivar_column), ErrorKind::ivar);
  set(chosen(names, reading.error_column), ErrorKind::sigma);
  set(only(names, kIvar, "inverse variance"), ErrorKind::ivar);
  set(only(names, kSigma, "error"), ErrorKind::sigma);
  set(only(names, kVariance, "variance"), ErrorKind::variance);
}

}  // namespace

bool names_a_spectrum(std::span<const std::string> names) {
  const auto has = [&](const auto& list) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return is_in(list, bare_name(name)); });
  };
  return has(kWavelength) && has(kFlux);
}

SpectrumColumns find_spectrum_columns(std::span<const std::string> names, const SpectrumReading& reading) {
  SpectrumColumns out;
  auto wavelength = chosen(names, reading.wavelength_column);
  if (!wavelength) wavelength = only(names, kWavelength, "wavelength");
  if (!wavelength) fail_missing(names, "wavelengths");
  auto flux = chosen(names, reading.flux_column);
  if (!flux) flux = only(names, kFlux, "flux");
  if (!flux) fail_missing(names, "fluxes");
  out.wavelength = *wavelength;
  out.flux = *flux;
  const std::string& name = names[out.wavelength];
  if (bare_name(name) == "loglam") out.wavelength_unit = WavelengthUnit::log10_angstrom;
  if (const std::size_t bracket = name.find_first_of("[("); bracket != std::string::npos) {
    if (const auto unit = wavelength_unit_of(std::string_view(name).substr(bracket)))
      out.wavelength_unit = unit;
  }
  find_error(names, reading, out);
  return out;
}

std::string unit_in_name(const std::string& name) {
  const std::size_t open = name.find_first_of("[("), close = name.find_last_of("])");
  if (open == std::string::npos || close == std::string::npos || close <= open) return {};
  return name.substr(open + 1, close - open - 1);
}

std::vector<double> ivar_of(const std::vector<double>& values, ErrorKind kind) {
  if (kind == ErrorKind::sigma) return ivar_of_errors(values);
  std::vector<double> out = values;
  if (kind == ErrorKind::variance) {
    for (double& v : out) v = v == 0 ? 0.0 : v < 0 ? v : 1 / v;
  }
  return out;
}

}  // namespace astrom3
