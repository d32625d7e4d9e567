// SPDX-License-Identifier: MIT
#include "spectrum/desi_arms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "formats/fits.h"

namespace astrom3 {
namespace {

constexpr std::string_view kArms = "BRZ";
constexpr double kSamePixel = 0.01;  // A; the arms share one grid, written in double

[[noreturn]] void fail_arms(Status code, std::string message) {
  throw Error(Diagnostic{.code = code, .message = std::move(message)});
}

/// What of an arm an HDU holds: "WAVELENGTH" of "B_WAVELENGTH"; empty where it is none.
std::string_view part_of(std::string_view hdu) {
  if (hdu.size() < 3 || hdu[1] != '_' || kArms.find(hdu[0]) == std::string_view::npos) return {};
  const std::string_view part = hdu.substr(2);
  const bool is_known = part == "WAVELENGTH" || part == "FLUX" || part == "IVAR" || part == "MASK";
  return is_known ? part : std::string_view();
}

}  // namespace

bool DesiArms::wants(std::string_view hdu) const {
  return !part_of(hdu).empty();
}

bool DesiArms::has_any() const {
  return std::any_of(arms_.begin(), arms_.end(),
                     [](const Arm& arm) { return !arm.wavelength.values.empty(); });
}

bool DesiArms::is_complete() const {
  return !targets_.empty() && std::all_of(arms_.begin(), arms_.end(), [](const Arm& arm) {
    return !arm.wavelength.values.empty() && !arm.flux.values.empty() && !arm.ivar.values.empty() &&
           !arm.mask.values.empty();
  });
}

void DesiArms::take(std::string_view hdu, FitsImage image) {
  Arm& arm = arms_[kArms.find(hdu[0])];
  const std::string_view part = part_of(hdu);
  FitsImage& place = part == "WAVELENGTH" ? arm.wavelength
                     : part == "FLUX"     ? arm.flux
                     : part == "IVAR"     ? arm.ivar
                                          : arm.mask;
  place = std::move(image);
}

void DesiArms::take_targets(const FitsTable& table, FitsReader& reader) {
  const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                   [](const FitsColumn& c) { return c.name == "TARGETID"; });
  if (column == table.columns.end()) return;
  std::vector<char> row(table.row_bytes);
  while (reader.next_row(row)) targets_.push_back(fits_text(*column, row));
}

void DesiArms::check_sizes() const {
  for (std::size_t a = 0; a < arms_.size(); ++a) {
    const Arm& arm = arms_[a];
    const std::size_t n = arm.wavelength.values.size(), expected = n * targets_.size();
    if (n == 0) continue;
    const std::size_t flux = arm.flux.values.size(), ivar = arm.ivar.values.size();
    const std::size_t mask = arm.mask.values.size();
    if (flux == expected && ivar == expected && (mask == expected || mask == 0)) continue;
    fail_arms(
        Status::bad_header,
        fmt::format("arm {}: {} wavelengths and {} targets, but {} fluxes, {} inverse variances and {} masks",
                    kArms[a], n, targets_.size(), flux, ivar, mask));
  }
}

Spectrum DesiArms::spectrum_of(std::size_t target) const {
  Spectrum all;
  for (const Arm& arm : arms_) {
    const std::size_t n = arm.wavelength.values.size();
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = target * n + i;
      const bool is_masked = !arm.mask.values.empty() && arm.mask.values[at] != 0;
      all.wavelength.push_back(arm.wavelength.values[i]);
      all.flux.push_back(arm.flux.values[at]);
      all.ivar.push_back(is_masked ? 0.0 : arm.ivar.values[at]);
    }
  }
  std::vector<std::size_t> order(all.flux.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return all.wavelength[a] < all.wavelength[b]; });
  Spectrum s;
  for (std::size_t i = 0; i < order.size();) {
    const double w = all.wavelength[order[i]];
    double weight = 0, weighted = 0, plain = 0;
    std::size_t n = 0;
    for (; i < order.size() && all.wavelength[order[i]] - w < kSamePixel; ++i, ++n) {
      const std::size_t at = order[i];
      weight += all.ivar[at];
      weighted += all.ivar[at] == 0 ? 0.0 : all.ivar[at] * all.flux[at];
      plain += all.flux[at];
    }
    s.wavelength.push_back(w);
    s.flux.push_back(n == 1 ? plain : weight > 0 ? weighted / weight : plain / static_cast<double>(n));
    s.ivar.push_back(weight);
  }
  return s;
}

std::vector<SpectrumObject> DesiArms::finish() {
  if (targets_.empty()) fail_arms(Status::bad_header, "arms of DESI without a FIBERMAP that names targets");
  check_sizes();
  std::vector<SpectrumObject> objects;
  for (std::size_t target = 0; target < targets_.size(); ++target) {
    SpectrumObject object;
    object.object_id = targets_[target];
    object.spectrum = spectrum_of(target);
    objects.push_back(std::move(object));
  }
  return objects;
}

}  // namespace astrom3
