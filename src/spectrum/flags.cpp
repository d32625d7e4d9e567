// SPDX-License-Identifier: MIT
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/spectrum/spectrum.h"

namespace astrom3 {
namespace {

struct FlagText {
  SpectrumFlag flag;
  std::string_view name, meaning;
};

constexpr std::array kTexts{
    FlagText{SpectrumFlag::sorted, "sorted", "wavelengths did not increase and were sorted"},
    FlagText{SpectrumFlag::edge_extended, "edge_extended",
             "the spectrum covers less than the grid: its end values were repeated"},
    FlagText{SpectrumFlag::gap, "gap", "more than 200 Å without a pixel: interpolated across"},
    FlagText{SpectrumFlag::flux_scale, "flux_scale",
             "log10 of the MAD is more than 3 from 2, where LAMOST spectra lie"},
    FlagText{SpectrumFlag::no_ivar, "no_ivar", "neither inverse variance nor error: 0 was taken"},
    FlagText{SpectrumFlag::negative_flux, "negative_flux", "40 % of the flux or more is below zero"},
    FlagText{SpectrumFlag::not_a_star, "not_a_star", "the file says galaxy or QSO, or a redshift above 0.01"},
    FlagText{SpectrumFlag::low_resolution, "low_resolution",
             "a Gaia XP spectrum, such as the encoder has never seen"},
    FlagText{SpectrumFlag::pixels_dropped, "pixels_dropped", "pixels that are not finite were left out"},
    FlagText{SpectrumFlag::air_converted, "air_converted",
             "wavelengths in air were converted to those in vacuum"},
    FlagText{SpectrumFlag::columns_by_position, "columns_by_position",
             "columns without names were taken as wavelength, flux, error"}};

}  // namespace

std::vector<std::string> flag_names(SpectrumFlags flags) {
  std::vector<std::string> names;
  for (const FlagText& text : kTexts) {
    if (flags.has(text.flag)) names.emplace_back(text.name);
  }
  return names;
}

std::vector<std::pair<std::string_view, std::string_view>> all_spectrum_flags() {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  for (const FlagText& text : kTexts) out.emplace_back(text.name, text.meaning);
  return out;
}

}  // namespace astrom3
