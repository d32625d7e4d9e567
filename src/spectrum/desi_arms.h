// SPDX-License-Identifier: MIT
//
// The arms of DESI's spectrographs, which overlap, as one spectrum for each target.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/spectrum/read_spectra.h"
#include "formats/fits.h"

namespace astrom3 {

/// Collects HDUs named {B,R,Z}_{WAVELENGTH,FLUX,IVAR,MASK} and the ids in FIBERMAP.
class DesiArms {
 public:
  bool wants(std::string_view hdu) const;
  bool has_any() const;      ///< something of an arm was there
  bool is_complete() const;  ///< all of every arm, and the targets
  void take(std::string_view hdu, FitsImage image);
  void take_targets(const FitsTable& table, FitsReader& reader);

  /// The union of the arms' pixels: where two arms have a pixel at one wavelength (to a hundredth of an
  /// Angstrom), the mean weighted with the inverse variance. Masked pixels have none. Throws Error bad_header
  /// where the arms do not fit one another or the targets, too_few_pixels where there is no arm that is
  /// complete.
  std::vector<SpectrumObject> finish();

 private:
  struct Arm {
    FitsImage wavelength, flux, ivar, mask;
  };
  Spectrum spectrum_of(std::size_t target) const;
  void check_sizes() const;

  std::array<Arm, 3> arms_;
  std::vector<std::string> targets_;
};

}  // namespace astrom3
