// SPDX-License-Identifier: MIT
//
// Light curves in memory, for tests of tables and of what embeds them.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "astrom3/source/light_curve_table.h"
#include "base/random.h"

namespace astrom3 {

/// Some light curves one after the other, of very different lengths.
struct Flat {
  std::vector<std::int64_t> offsets{0};
  std::vector<double> time, flux, flux_err;
  std::vector<std::int16_t> band, flag;

  explicit Flat(const std::vector<std::size_t>& sizes) {
    Random random(5);
    for (const std::size_t n : sizes) {
      for (std::size_t i = 0; i < n; ++i) {
        time.push_back(5000 + 400 * random.uniform());
        flux.push_back(3 + std::sin(time.back()) + 0.1 * random.normal());
        flux_err.push_back(0.1);
        band.push_back(static_cast<std::int16_t>(i % 2));
        flag.push_back(static_cast<std::int16_t>(i % 3));
      }
      offsets.push_back(static_cast<std::int64_t>(time.size()));
    }
  }

  LightCurveTable table(const SourceOptions& options = {}, std::vector<Condition> where = {}) const {
    return LightCurveTable::from_columns(
        offsets, time.size(),
        {{.name = "time", .data = time.data(), .categories = {}},
         {.name = "flux", .data = flux.data(), .categories = {}},
         {.name = "flux_err", .data = flux_err.data(), .categories = {}},
         {.name = "colour", .data = band.data(), .type = NumberType::int16, .categories = {"g", "r"}},
         {.name = "flag", .data = flag.data(), .type = NumberType::int16, .categories = {}}},
        options, std::move(where));
  }
};

}  // namespace astrom3
