// SPDX-License-Identifier: MIT
#include "svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace astrom3::cli::svg {
namespace {

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

std::string number(double v, double step) {
  return fmt::format("{:.4g}", std::fabs(v) < 1e-9 * step ? 0.0 : v);
}

}  // namespace

std::string opening(double width, double height, const std::string& title) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n"
      "<text x=\"{2}\" y=\"22\" font-size=\"14\" text-anchor=\"middle\">{3}</text>\n",
      width, height, width / 2, xml(title));
}

std::string text(double x, double y, const char* anchor, const std::string& what, const char* more) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                     xml(what));
}

std::string line(double x1, double x2, double y1, double y2, const std::string& style) {
  return fmt::format("<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, x2, y1, y2,
                     style);
}

double tick_step(double range, double n) {
  const double rough = range / n, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough) return factor * power;
  return 10 * power;
}

std::string x_axis(const Axis& x, double bottom, const std::string& label) {
  std::string out = line(x.from, x.to, bottom, bottom, kBlack);
  const double step = tick_step(x.high - x.low, 8);
  for (double v = std::ceil(x.low / step) * step; v <= x.high + 1e-9 * step; v += step) {
    out += line(x.at(v), x.at(v), bottom, bottom + 4, kBlack);
    out += text(x.at(v), bottom + 17, "middle", number(v, step));
  }
  return out + text((x.from + x.to) / 2, bottom + 38, "middle", label);
}

std::string y_axis(const Axis& y, double left, double right, const std::string& label) {
  std::string out;
  const double low = std::min(y.low, y.high), high = std::max(y.low, y.high), step = tick_step(high - low, 6);
  for (double v = std::ceil(low / step - 1e-9) * step; v <= high; v += step) {
    out += line(left, right, y.at(v), y.at(v), "stroke=\"#dddddd\"");
    out += text(left - 6, y.at(v) + 4, "end", number(v, step));
  }
  const double middle = (y.from + y.to) / 2;
  return out + text(left - 52, middle, "middle", label,
                    fmt::format(" transform=\"rotate(-90 {} {:.1f})\"", left - 52, middle).c_str());
}

}  // namespace astrom3::cli::svg
