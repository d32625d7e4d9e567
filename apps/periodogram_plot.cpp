// SPDX-License-Identifier: MIT
#include "periodogram_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "shown_magnitudes.h"
#include "svg.h"

namespace astrom3::cli {
namespace {

using namespace svg;

constexpr double kWidth = 900, kHeight = 680, kLeft = 70, kRight = 190;
constexpr double kTop = 56, kMiddle = 310, kFoldTop = 390, kFoldBottom = 630;
constexpr const char* kBest = "#c00000";
constexpr const char* kOther = "#888888";

/// The best value of each half pixel: a million frequencies make no larger a file.
std::string value_curve(const Spectrum& s, const Axis& x, const Axis& y) {
  std::string out = "<polyline fill=\"none\" stroke=\"#1f4e79\" points=\"";
  double column = -1;
  std::size_t best = 0;
  const auto put = [&] {
    fmt::format_to(std::back_inserter(out), "{:.1f},{:.1f}", x.at(s.frequency[best]), y.at(s.value[best]));
  };
  for (std::size_t k = 0; k < s.frequency.size(); ++k) {
    const double now = std::floor(2 * x.at(s.frequency[k]));
    const bool is_new = now != column;
    if (is_new && column >= 0) {
      put();
      out += ' ';
    }
    column = now;
    if (is_new || (s.is_lowest_best ? s.value[k] <= s.value[best] : s.value[k] >= s.value[best])) best = k;
  }
  put();
  return out + "\"/>\n";
}

/// Numbered lines at the periods, and what they are on the right.
std::string marks(const Spectrum& s, const Axis& x) {
  constexpr double kLineHeight = 12, kNear = 12;
  std::string out = text(x.to + 14, kTop, "start", s.marks_title);
  std::vector<std::pair<double, double>> taken;  // x, y of the numbers
  for (std::size_t i = 0; i < s.marks.size(); ++i) {
    const char* colour = i == 0 ? kBest : kOther;
    const double at = std::clamp(x.at(1 / s.marks[i].period), x.from, x.to);
    double height = kTop - 4;
    for (const auto& [other, y] : taken) {
      if (std::fabs(other - at) < kNear) height = std::min(height, y - kLineHeight);
    }
    taken.emplace_back(at, height);
    out += line(at, at, height + 2, kMiddle, fmt::format("stroke=\"{}\" stroke-dasharray=\"3 3\"", colour));
    const std::string fill = fmt::format(" fill=\"{}\"", colour);
    out += text(at, height, "middle", fmt::format("{}", i + 1), fill.c_str());
    out += text(x.to + 14, kTop + 18 * static_cast<double>(i + 1), "start",
                fmt::format("{}: {:.7g}{}", i + 1, s.marks[i].period, s.marks[i].note), fill.c_str());
  }
  return out;
}

/// From 0 for a power; around the values where the lowest is best.
Axis value_axis(const Spectrum& s) {
  const auto [low, high] = std::minmax_element(s.value.begin(), s.value.end());
  if (!s.is_lowest_best) return {0, 1.05 * (*high > 0 ? *high : 1), kMiddle, kTop};
  const double margin = *high > *low ? 0.05 * (*high - *low) : 1;
  return {*low - margin, *high + margin, kMiddle, kTop};
}

/// The label for the magnitudes of a band, and the number added to them: bands that share an axis are all
/// those of their file, or all AB magnitudes of fluxes.
struct Ordinate {
  explicit Ordinate(const std::vector<BandObservations>& bands)
      : label(bands.size() == 1 ? bands.front().shown.label : common_label(bands.front().shown.is_of_file)) {}
  double of(const BandObservations& band, std::size_t i) const { return band.shown.zero + band.mag[i]; }

  std::string label;
};

/// Two turns of the light curve, faint below.
std::string fold(const Spectrum& s) {
  const Ordinate shown(s.bands);
  double brightest = INFINITY, faintest = -INFINITY, start = INFINITY;
  for (const BandObservations& band : s.bands) {
    for (std::size_t i = 0; i < band.mag.size(); ++i) {
      brightest = std::min(brightest, shown.of(band, i)), faintest = std::max(faintest, shown.of(band, i));
      start = std::min(start, band.time[i]);
    }
  }
  const double margin = 0.06 * (faintest - brightest);
  const Axis x{0, 2, kLeft, kWidth - kRight};
  const Axis y{brightest - margin, faintest + margin, kFoldTop, kFoldBottom};
  std::string out = y_axis(y, x.from, x.to, shown.label) +
                    x_axis(x, kFoldBottom, fmt::format("phase at {:.7g} d", s.marks.front().period));
  for (std::size_t b = 0; b < s.bands.size(); ++b) {
    const BandObservations& band = s.bands[b];
    const char* colour = kColours[b % kColours.size()];
    for (std::size_t i = 0; i < band.mag.size(); ++i) {
      const double cycles = (band.time[i] - start) / s.marks.front().period,
                   phase = cycles - std::floor(cycles);
      for (const double turn : {phase, phase + 1}) {
        out += line(x.at(turn), x.at(turn), std::max(kFoldTop, y.at(shown.of(band, i) - band.mag_err[i])),
                    std::min(kFoldBottom, y.at(shown.of(band, i) + band.mag_err[i])),
                    fmt::format("stroke=\"{}\" stroke-opacity=\"0.4\"", colour));
        fmt::format_to(std::back_inserter(out), "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2\" fill=\"{}\"/>\n",
                       x.at(turn), y.at(shown.of(band, i)), colour);
      }
    }
    if (band.name.empty()) continue;
    const double at = kFoldTop + 8 + 18 * static_cast<double>(b);
    fmt::format_to(std::back_inserter(out), "<circle cx=\"{}\" cy=\"{}\" r=\"4\" fill=\"{}\"/>\n", x.to + 20,
                   at, colour);
    out += text(x.to + 30, at + 4, "start", fmt::format("{} ({})", band.name, band.mag.size()));
  }
  return out;
}

}  // namespace

std::string svg_of(const Spectrum& s) {
  // One frequency has a width, too.
  const double last = s.frequency.back() > s.frequency.front() ? s.frequency.back() : 2 * s.frequency.front();
  const Axis x{s.frequency.front(), last, kLeft, kWidth - kRight};
  const Axis y = value_axis(s);
  return opening(kWidth, kHeight, s.title) + y_axis(y, x.from, x.to, s.value_name) +
         x_axis(x, kMiddle, "frequency [1/d]") + value_curve(s, x, y) + marks(s, x) + fold(s) + "</svg>\n";
}

}  // namespace astrom3::cli
