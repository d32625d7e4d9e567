// SPDX-License-Identifier: MIT
//
// The pieces every plot is drawn of, as SVG.
#pragma once

#include <array>
#include <string>

namespace astrom3::cli::svg {

inline constexpr const char* kBlack = "stroke=\"black\"";
inline constexpr std::array kColours{"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd",
                                     "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"};

/// From values to places: `low` is drawn at `from`, `high` at `to`.
struct Axis {
  double low, high, from, to;
  double at(double v) const { return from + (v - low) / (high - low) * (to - from); }
};

/// The document's start, white, with a title; "</svg>" ends it.
std::string opening(double width, double height, const std::string& title);

/// more: further attributes, beginning with a space
std::string text(double x, double y, const char* anchor, const std::string& what, const char* more = "");
std::string line(double x1, double x2, double y1, double y2, const std::string& style);

/// A step of 1, 2 or 5 times a power of ten that gives about `n` ticks.
double tick_step(double range, double n);

/// An axis along the bottom, and one along the left with lines across to `right`.
std::string x_axis(const Axis& x, double bottom, const std::string& label);
std::string y_axis(const Axis& y, double left, double right, const std::string& label);

}  // namespace astrom3::cli::svg
