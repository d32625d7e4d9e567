// SPDX-License-Identifier: MIT
#include "plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>

#include "svg.h"

namespace astrom3::cli {
namespace {

using namespace svg;

constexpr double kWidth = 900, kRight = 170, kTop = 40, kBottom = 50;

}  // namespace

std::string svg_of(const CurvePlot& plot) {
  constexpr double kHeight = 460, kLeft = 70;
  double x_low = INFINITY, x_high = -INFINITY, y_high = 0;
  for (const Curve& curve : plot.curves) {
    for (const auto& [x, y] : curve.points) {
      x_low = std::min(x_low, x);
      x_high = std::max(x_high, x);
      y_high = std::max(y_high, y);
    }
  }
  if (!(x_high > x_low)) return opening(kWidth, kHeight, plot.title) + "</svg>\n";
  const Axis x{x_low, x_high, kLeft, kWidth - kRight};
  const Axis y{0, y_high > 0 ? 1.05 * y_high : 1, kHeight - kBottom, kTop};
  std::string out = opening(kWidth, kHeight, plot.title) + x_axis(x, y.from, plot.x_label);
  out += y_axis(y, x.from, x.to, plot.y_label);
  for (const auto& [at, name] : plot.marks) {
    if (!(at >= x.low && at <= x.high)) continue;
    out += line(x.at(at), x.at(at), y.to, y.from, "stroke=\"#c00000\" stroke-dasharray=\"3 3\"");
    out += text(x.at(at), y.to - 4, "middle", name, " fill=\"#c00000\"");
  }
  std::size_t n = 0;
  double legend = kTop + 8;
  for (const Curve& curve : plot.curves) {
    const char* colour = curve.strong ? "black" : kColours[n++ % kColours.size()];
    out += fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" points=\"", colour,
                       curve.strong ? 3 : 1.2);
    for (const auto& [px, py] : curve.points)
      fmt::format_to(std::back_inserter(out), "{:.1f},{:.1f} ", x.at(px), y.at(py));
    out += "\"/>\n";
    if (curve.name.empty()) continue;
    out +=
        line(x.to + 14, x.to + 34, legend, legend, fmt::format("stroke=\"{}\" stroke-width=\"2\"", colour));
    out += text(x.to + 40, legend + 4, "start", curve.name);
    legend += 18;
  }
  return out + "</svg>\n";
}

std::string svg_of(const BarPlot& plot) {
  constexpr double kLeft = 260, kStep = 26;
  double high = 0;
  for (const Bar& bar : plot.bars) high = std::max(high, bar.value + bar.error);
  const double bottom = kTop + kStep * static_cast<double>(plot.bars.size()) + 8;
  const Axis x{0, high > 0 ? 1.05 * high : 1, kLeft, kWidth - 40};
  std::string out = opening(kWidth, bottom + kBottom, plot.title) + x_axis(x, bottom, plot.x_label);
  double y = kTop + kStep / 2;
  for (const Bar& bar : plot.bars) {
    out += text(kLeft - 8, y + 4, "end", bar.name);
    out += fmt::format("<rect x=\"{}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" fill=\"#4c8cbf\"/>\n",
                       kLeft, y - 8, x.at(bar.value) - kLeft, 16);
    out += line(x.at(std::max(0.0, bar.value - bar.error)), x.at(bar.value + bar.error), y, y, kBlack);
    y += kStep;
  }
  return out + "</svg>\n";
}

}  // namespace astrom3::cli
