// SPDX-License-Identifier: MIT
#include "evaluation_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "astrom3/downstream/evaluate.h"
#include "svg.h"

namespace astrom3::cli {
namespace {

constexpr double kWidth = 900, kPanel = 340, kTop = 50, kStep = 430, kLeft = 70, kRightPanel = 510;

/// Each cell by its share of the row, with its count.
void add_confusion(std::string& out, const Evaluation& e, double top) {
  const std::size_t C = e.class_names.size();
  const double cell = kPanel / static_cast<double>(C);
  for (std::size_t t = 0; t < C; ++t) {
    const double y = top + cell * static_cast<double>(t);
    out += svg::text(kLeft - 6, y + cell / 2 + 4, "end", e.class_names[t]);
    out += svg::text(kLeft + cell * (static_cast<double>(t) + 0.5), top + kPanel + 15, "middle",
                     e.class_names[t], C > 8 ? " font-size=\"9\"" : "");
    for (std::size_t p = 0; p < C; ++p) {
      const std::uint64_t n = e.confusion.row(t)[p];
      const double share =
          static_cast<double>(n) / static_cast<double>(std::max<std::uint64_t>(1, e.confusion.n_objects(t)));
      const double x = kLeft + cell * static_cast<double>(p);
      fmt::format_to(std::back_inserter(out),
                     "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"#1f4e79\" "
                     "fill-opacity=\"{:.3f}\" stroke=\"#cccccc\"/>\n",
                     x, y, cell, cell, share);
      if (n > 0)
        out += svg::text(x + cell / 2, y + cell / 2 + 4, "middle", fmt::format("{}", n),
                         share > 0.5 ? " fill=\"white\" font-size=\"10\"" : " font-size=\"10\"");
    }
  }
  out += svg::text(kLeft + kPanel / 2, top + kPanel + 34, "middle", "predicted");
}

/// Accuracy over confidence; the diagonal is perfect calibration, the area of a dot the number of objects.
void add_reliability(std::string& out, const Evaluation& e, double top) {
  const double left = kRightPanel;
  fmt::format_to(
      std::back_inserter(out),
      "<rect x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{2}\" fill=\"none\" stroke=\"#999999\"/>\n"
      "<line x1=\"{0}\" y1=\"{3}\" x2=\"{4}\" y2=\"{1}\" stroke=\"#999999\" stroke-dasharray=\"4 4\"/>\n",
      left, top, kPanel, top + kPanel, left + kPanel);
  for (int tick = 0; tick <= 10; tick += 2) {
    const double at = tick / 10.0;
    out += svg::text(left + at * kPanel, top + kPanel + 15, "middle", fmt::format("{}", at));
    out += svg::text(left - 6, top + (1 - at) * kPanel + 4, "end", fmt::format("{}", at));
  }
  for (const ReliabilityBin& bin : e.reliability) {
    if (bin.n == 0) continue;
    const double share = static_cast<double>(bin.n) / static_cast<double>(e.confusion.n_objects());
    fmt::format_to(
        std::back_inserter(out),
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"#d95f02\" fill-opacity=\"0.7\"/>\n",
        left + bin.confidence * kPanel, top + (1 - bin.accuracy) * kPanel, 3 + 20 * std::sqrt(share));
  }
  out += svg::text(left + kPanel / 2, top + kPanel + 34, "middle",
                   fmt::format("confidence (ECE {:.3f}); upwards: accuracy", e.calibration_error));
}

}  // namespace

std::string svg_of(const std::vector<Judgement>& judgements) {
  std::string out = svg::opening(kWidth, kTop + kStep * static_cast<double>(judgements.size()), "");
  double top = kTop;
  for (const auto& [method, e] : judgements) {
    out += svg::text(kLeft, top - 14, "start",
                     fmt::format("{}: accuracy {:.3f}, macro-F1 {:.3f} ± {:.3f}, {} objects", method,
                                 e.confusion.accuracy(), e.confusion.macro_f1(), e.macro_f1_error,
                                 e.confusion.n_objects()),
                     " font-size=\"14\"");
    add_confusion(out, e, top);
    add_reliability(out, e, top);
    top += kStep;
  }
  return out + "</svg>\n";
}

}  // namespace astrom3::cli
