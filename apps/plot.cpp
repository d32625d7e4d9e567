// SPDX-License-Identifier: MIT
#include "plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace astrom3::cli {
namespace {

constexpr const char* kBlack = "stroke=\"black\"";
constexpr double kWidth = 900, kRight = 170, kTop = 40, kBottom = 50;
constexpr std::array kColours{"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd",
                              "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"};

std::string xml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
  }
  return out;
}

std::string opening(double height, const std::string& title) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n"
      "<text x=\"{2}\" y=\"22\" font-size=\"14\" text-anchor=\"middle\">{3}</text>\n",
      kWidth, height, kWidth / 2, xml(title));
}

std::string text(double x, double y, const char* anchor, const std::string& what, const char* more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                     xml(what));
}

std::string line(double x1, double x2, double y1, double y2, const std::string& style) {
  return fmt::format("<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, x2, y1, y2,
                     style);
}

/// A step of 1, 2 or 5 times a power of ten that gives about `n` ticks.
double tick_step(double range, double n) {
  const double rough = range / n, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough) return factor * power;
  return 10 * power;
}

struct Axis {
  double low, high, from, to;
  double at(double v) const { return from + (v - low) / (high - low) * (to - from); }
};

std::string x_axis(const Axis& x, double bottom, const std::string& label) {
  std::string out = line(x.from, x.to, bottom, bottom, kBlack);
  const double step = tick_step(x.high - x.low, 8);
  for (double v = std::ceil(x.low / step) * step; v <= x.high + 1e-9 * step; v += step) {
    out += line(x.at(v), x.at(v), bottom, bottom + 4, kBlack);
    out += text(x.at(v), bottom + 17, "middle", fmt::format("{:.4g}", std::fabs(v) < 1e-9 * step ? 0.0 : v));
  }
  return out + text((x.from + x.to) / 2, bottom + 38, "middle", label);
}

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
  if (!(x_high > x_low)) return opening(kHeight, plot.title) + "</svg>\n";
  const Axis x{x_low, x_high, kLeft, kWidth - kRight};
  const Axis y{0, y_high > 0 ? 1.05 * y_high : 1, kHeight - kBottom, kTop};
  std::string out = opening(kHeight, plot.title) + x_axis(x, y.from, plot.x_label);
  const double step = tick_step(y.high, 6);
  for (double v = 0; v <= y.high; v += step) {
    out += line(x.from, x.to, y.at(v), y.at(v), "stroke=\"#dddddd\"");
    out += text(kLeft - 6, y.at(v) + 4, "end", fmt::format("{:.3g}", v));
  }
  out += text(18, (y.from + y.to) / 2, "middle", plot.y_label,
              fmt::format(" transform=\"rotate(-90 18 {:.1f})\"", (y.from + y.to) / 2).c_str());
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
  std::string out = opening(bottom + kBottom, plot.title) + x_axis(x, bottom, plot.x_label);
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
