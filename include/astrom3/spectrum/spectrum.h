// SPDX-License-Identifier: MIT
//
// A spectrum as it was read, and the tensor that the spectra encoder is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

/// Remarks about a spectrum that was used all the same. One bit each; several may hold.
enum class SpectrumFlag : std::uint32_t {
  sorted = 1u << 0,               ///< wavelengths did not increase and were sorted
  edge_extended = 1u << 1,        ///< covers less than the grid: the end values were repeated
  gap = 1u << 2,                  ///< more than 200 A without a pixel: interpolated across
  flux_scale = 1u << 3,           ///< log10 of the MAD is more than 3 from that of LAMOST spectra, 2
  no_ivar = 1u << 4,              ///< neither an inverse variance nor an error: 0 was taken
  negative_flux = 1u << 5,        ///< 40 % of the flux or more is below zero
  not_a_star = 1u << 6,           ///< the file says galaxy or QSO, or a redshift above 0.01
  low_resolution = 1u << 7,       ///< Gaia XP: the encoder has never seen such spectra
  pixels_dropped = 1u << 8,       ///< pixels that are not finite were left out
  air_converted = 1u << 9,        ///< wavelengths in air became those in vacuum
  columns_by_position = 1u << 10  ///< no names: wavelength, flux, error were taken in this order
};

class SpectrumFlags {
 public:
  constexpr void set(SpectrumFlag flag) { bits_ |= static_cast<std::uint32_t>(flag); }
  constexpr bool has(SpectrumFlag flag) const { return (bits_ & static_cast<std::uint32_t>(flag)) != 0; }
  constexpr void set(SpectrumFlags flags) { bits_ |= flags.bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr bool operator==(SpectrumFlags, SpectrumFlags) = default;

 private:
  std::uint32_t bits_ = 0;
};

/// The names of the flags that are set, in the order of the enum.
std::vector<std::string> flag_names(SpectrumFlags flags);
/// Every flag's name with what it means, for the documentation.
std::vector<std::pair<std::string_view, std::string_view>> all_spectrum_flags();

/// Pixels in any order. `ivar` is the INVERSE VARIANCE of the flux; 0: nothing is known of that pixel.
struct Spectrum {
  std::vector<double> wavelength;  ///< vacuum, Angstrom
  std::vector<double> flux;        ///< 1e-17 erg/s/cm2/A, or relative as LAMOST's
  std::vector<double> ivar;        ///< 1 / flux^2
  SpectrumFlags flags;             ///< what reading remarked
  /// The wavelengths are of a unit that was stated, not guessed from their size.
  bool unit_is_stated = false;
};

/// The wavelengths of the tensor: start, start + step, ... in vacuum Angstrom.
struct SpectrumGrid {
  double start = 3850;
  double step = 2;
  std::size_t size = 2575;  ///< the last is 8998: 9000 is not one

  double last() const noexcept { return start + step * static_cast<double>(size - 1); }
  friend bool operator==(const SpectrumGrid&, const SpectrumGrid&) = default;
};

struct SpectrumOptions {
  SpectrumGrid grid{};
  double min_coverage = 0.95;   ///< share of the grid that has to lie within the data
  bool extend = false;          ///< repeat the end values however little is covered, as upstream does
  bool drop_nonfinite = false;  ///< leave pixels out that are not finite, and interpolate across them
  double flux_scale = 1;        ///< flux is multiplied by it, ivar divided by its square
};

/// Three channels on the grid: (flux - mean) / MAD, ivar / MAD, log10 MAD.
struct SpectrumTensor {
  std::vector<float> channels;  ///< [3, grid.size], row-major
  SpectrumFlags flags;          ///< with those of the spectrum
  double coverage = 0;          ///< share of the grid within the data
  double mean = 0, mad = 0;     ///< of the flux on the grid
};

/// The recipe of AstroM3, in float64 until the last cast to float32:
///
///   flux and ivar are interpolated linearly to the grid, outside of the data the end values are repeated;
///   mean = the plain mean of all grid points; MAD = median |f - median f|, unscaled, of the points with f !=
///   0 (exactly zero is masked in LAMOST's files)
///
/// Channel 1 is the inverse variance over the MAD and not an error: so it is in the published training data.
///
/// Status  length_mismatch, too_few_pixels (below 2), not_a_number (NaN or infinite; a wavelength always),
///         bad_ivar (below zero), duplicate_wavelength, wavelength_unit, coverage, no_flux (all zero),
///         no_variation (MAD 0), overflow_float32; `message` then says what was found
/// Source  upstream's preprocessing, equal to the bit in float64; see docs/multimodal.md.
Status prepare_spectrum(const Spectrum& spectrum, const SpectrumOptions& options, SpectrumTensor& out,
                        std::string& message);

/// Wavelengths in air to those in vacuum, both in Angstrom.
///
///   s = 10^4 / air;  vacuum = air (1 + 8.336624212083e-5 + 2.408926869968e-2 / (130.1065924522 - s^2)
///                                    + 1.599740894897e-4 / (38.92568793293 - s^2))
///
/// Source  N. Piskunov's inverse of Morton 2000, ApJS 130, 403, as VALD3 uses it.
double vacuum_of_air(double air) noexcept;

}  // namespace astrom3
