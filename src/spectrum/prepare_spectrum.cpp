// SPDX-License-Identifier: MIT
//
// From pixels to the three channels of the spectra encoder.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/spectrum.h"
#include "base/mean.h"
#include "base/median.h"

namespace astrom3 {
namespace {

constexpr double kWidestHole = 200;  // A; wider ones are flagged
constexpr double kLamostLog10Mad = 2, kFarFromLamost = 3;
constexpr std::size_t kFewestPixels = 2;
constexpr double kManyNegative = 0.4;  // share of the pixels: noise around nothing has half of them

/// Pixels in the order of their wavelengths.
struct Pixels {
  std::vector<double> wavelength, flux, ivar;
};

bool is_finite(const Spectrum& s, std::size_t i) {
  return std::isfinite(s.flux[i]) && std::isfinite(s.ivar[i]);
}

/// The pixels that are used, in the order of the file.
Status choose(const Spectrum& s, const SpectrumOptions& options, Pixels& out, SpectrumFlags& flags,
              std::string& message) {
  const std::size_t n = s.wavelength.size();
  if (s.flux.size() != n || s.ivar.size() != n) {
    message = fmt::format("{} wavelengths, {} fluxes, {} inverse variances", n, s.flux.size(), s.ivar.size());
    return Status::length_mismatch;
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(s.wavelength[i])) {
      message = fmt::format("the wavelength of pixel {} is {}", i, s.wavelength[i]);
      return Status::not_a_number;
    }
    if (!is_finite(s, i)) {
      message = fmt::format("pixel {} at {} Å: flux {}, inverse variance {}", i, s.wavelength[i], s.flux[i],
                            s.ivar[i]);
      if (!options.drop_nonfinite) return Status::not_a_number;
      flags.set(SpectrumFlag::pixels_dropped);
      continue;
    }
    if (s.ivar[i] < 0) {
      message = fmt::format("pixel {} at {} Å: inverse variance {}", i, s.wavelength[i], s.ivar[i]);
      return Status::bad_ivar;
    }
    out.wavelength.push_back(s.wavelength[i]);
    out.flux.push_back(s.flux[i] * options.flux_scale);
    out.ivar.push_back(s.ivar[i] / (options.flux_scale * options.flux_scale));
  }
  message = fmt::format("{} pixels; at least {} are needed", out.flux.size(), kFewestPixels);
  return out.flux.size() < kFewestPixels ? Status::too_few_pixels : Status::ok;
}

/// By wavelength; two pixels at one are refused.
Status sort_pixels(Pixels& pixels, SpectrumFlags& flags, std::string& message) {
  std::vector<double>& wavelength = pixels.wavelength;
  if (!std::is_sorted(wavelength.begin(), wavelength.end())) {
    std::vector<std::size_t> order(wavelength.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return wavelength[a] < wavelength[b]; });
    Pixels sorted;
    for (const std::size_t i : order) {
      sorted.wavelength.push_back(wavelength[i]);
      sorted.flux.push_back(pixels.flux[i]);
      sorted.ivar.push_back(pixels.ivar[i]);
    }
    pixels = std::move(sorted);
    flags.set(SpectrumFlag::sorted);
  }
  const auto twice = std::adjacent_find(wavelength.begin(), wavelength.end());
  if (twice == wavelength.end()) return Status::ok;
  message = fmt::format("two pixels at {} Å", *twice);
  return Status::duplicate_wavelength;
}

/// Sizes that say: these are no Angstrom. Nothing of it is known to be so where the unit was stated.
Status check_unit(const Pixels& pixels, bool is_stated, std::string& message) {
  const double first = pixels.wavelength.front(), last = pixels.wavelength.back();
  const char* looks = nullptr;
  if (first <= 0) looks = "nothing that a wavelength can be";
  if (looks == nullptr && !is_stated) {
    if (last < 10) looks = "log10 of a wavelength, or micrometres";
    if (first >= 300 && last <= 1100) looks = "nanometres";
    if (first > 20'000) looks = "wavenumbers";
  }
  if (looks == nullptr) return Status::ok;
  message = fmt::format("wavelengths from {} to {}: they look like {}", first, last, looks);
  return Status::wavelength_unit;
}

/// The share of the grid within the data, and what is remarkable about it.
Status check_coverage(const Pixels& pixels, const SpectrumOptions& options, SpectrumTensor& out,
                      std::string& message) {
  const SpectrumGrid& grid = options.grid;
  const double first = pixels.wavelength.front(), last = pixels.wavelength.back();
  std::size_t inside = 0;
  for (std::size_t i = 0; i < grid.size; ++i) {
    const double at = grid.start + grid.step * static_cast<double>(i);
    if (at >= first && at <= last) ++inside;
  }
  out.coverage = static_cast<double>(inside) / static_cast<double>(grid.size);
  if (out.coverage < 1) out.flags.set(SpectrumFlag::edge_extended);
  for (std::size_t i = 1; i < pixels.wavelength.size(); ++i) {
    const double from = std::max(pixels.wavelength[i - 1], grid.start);
    if (std::min(pixels.wavelength[i], grid.last()) - from > kWidestHole) out.flags.set(SpectrumFlag::gap);
  }
  if (out.coverage >= options.min_coverage || (options.extend && inside > 0)) return Status::ok;
  message =
      fmt::format("{:.1f} to {:.1f} Å cover {:.1f} % of the model's {} to {} Å; at least {:g} % are needed",
                  first, last, 100 * out.coverage, grid.start, grid.last(), 100 * options.min_coverage);
  return Status::coverage;
}

/// y at the points of the grid, linear between pixels, as numpy.interp computes it to the bit.
std::vector<double> interpolated(const SpectrumGrid& grid, const std::vector<double>& x,
                                 const std::vector<double>& y) {
  std::vector<double> out(grid.size);
  std::size_t j = 0;
  for (std::size_t i = 0; i < grid.size; ++i) {
    const double at = grid.start + grid.step * static_cast<double>(i);
    while (j + 1 < x.size() && x[j + 1] <= at) ++j;
    if (at <= x.front()) {
      out[i] = y.front();
    } else if (j + 1 == x.size()) {
      out[i] = y.back();
    } else {
      out[i] = (y[j + 1] - y[j]) / (x[j + 1] - x[j]) * (at - x[j]) + y[j];
    }
  }
  return out;
}

/// Mean of all points, MAD of those that are not exactly zero.
Status take_statistics(const std::vector<double>& flux, SpectrumTensor& out, std::string& message) {
  std::vector<double> nonzero;
  std::copy_if(flux.begin(), flux.end(), std::back_inserter(nonzero), [](double f) { return f != 0; });
  if (nonzero.empty()) {
    message = "the flux is zero everywhere";
    return Status::no_flux;
  }
  out.mean = mean_of(flux);
  const double median = median_in_place(nonzero);
  for (double& f : nonzero) f = std::fabs(f - median);
  out.mad = median_in_place(nonzero);
  if (out.mad > 0) return Status::ok;
  message = fmt::format("the median absolute deviation of the flux is {}", out.mad);
  return Status::no_variation;
}

Status fill_channels(const std::vector<double>& flux, const std::vector<double>& ivar, SpectrumTensor& out,
                     std::string& message) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  const double log10_mad = std::log10(out.mad);
  out.channels.reserve(3 * flux.size());
  const auto add = [&](double value, const char* channel) {
    if (!(std::fabs(value) <= kLargest) && message.empty())
      message =
          fmt::format("{} is {:.4g}, beyond float32: is the flux in 1e-17 erg/s/cm²/Å?", channel, value);
    out.channels.push_back(static_cast<float>(value));
  };
  message.clear();
  for (const double f : flux) add((f - out.mean) / out.mad, "(flux - mean) / MAD");
  for (const double v : ivar) add(v / out.mad, "inverse variance / MAD");
  for (std::size_t i = 0; i < flux.size(); ++i) add(log10_mad, "log10 MAD");
  if (message.empty()) return Status::ok;
  out.channels.clear();
  return Status::overflow_float32;
}

}  // namespace

double vacuum_of_air(double air) noexcept {
  const double s = 1e4 / air, s2 = s * s;
  return air * (1 + 8.336624212083e-5 + 2.408926869968e-2 / (130.1065924522 - s2) +
                1.599740894897e-4 / (38.92568793293 - s2));
}

Status prepare_spectrum(const Spectrum& spectrum, const SpectrumOptions& options, SpectrumTensor& out,
                        std::string& message) {
  out = {};
  out.flags = spectrum.flags;
  message.clear();
  Pixels pixels;
  if (const Status s = choose(spectrum, options, pixels, out.flags, message); s != Status::ok) return s;
  if (const Status s = sort_pixels(pixels, out.flags, message); s != Status::ok) return s;
  if (const Status s = check_unit(pixels, spectrum.unit_is_stated, message); s != Status::ok) return s;
  if (const Status s = check_coverage(pixels, options, out, message); s != Status::ok) return s;
  const std::vector<double> flux = interpolated(options.grid, pixels.wavelength, pixels.flux);
  const std::vector<double> ivar = interpolated(options.grid, pixels.wavelength, pixels.ivar);
  if (const Status s = take_statistics(flux, out, message); s != Status::ok) return s;
  const auto below = std::count_if(pixels.flux.begin(), pixels.flux.end(), [](double f) { return f < 0; });
  if (static_cast<double>(below) >= kManyNegative * static_cast<double>(pixels.flux.size()))
    out.flags.set(SpectrumFlag::negative_flux);
  if (!(std::fabs(std::log10(out.mad) - kLamostLog10Mad) <= kFarFromLamost))
    out.flags.set(SpectrumFlag::flux_scale);
  return fill_channels(flux, ivar, out, message);
}

}  // namespace astrom3
