// SPDX-License-Identifier: MIT
//
// Plots as SVG: curves over one axis, and bars.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace astrom3::cli {

struct Curve {
  std::string name;  ///< empty: not in the legend
  std::vector<std::pair<double, double>> points;
  bool strong = false;
};

struct CurvePlot {
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
  std::vector<std::pair<double, std::string>> marks;  ///< vertical lines
};
std::string svg_of(const CurvePlot& plot);

struct Bar {
  std::string name;
  double value = 0, error = 0;
};

struct BarPlot {
  std::string title, x_label;
  std::vector<Bar> bars;
};
std::string svg_of(const BarPlot& plot);

}  // namespace astrom3::cli
