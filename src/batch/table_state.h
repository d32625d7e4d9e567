// SPDX-License-Identifier: MIT
//
// What a table of light curves is made of, whether it came as flat columns or from Arrow.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/batch.h"
#include "batch/leaf.h"

namespace astrom3 {

/// A condition and the column it looks at.
struct BoundCondition {
  Condition condition;
  RaggedColumn column;

  bool holds(std::int64_t i) const noexcept;
};

struct LightCurveTable::State {
  TableOptions options;
  std::size_t size = 0;
  RaggedColumn time, value, error;
  std::optional<RaggedColumn> band;
  std::vector<BoundCondition> where;  ///< the band's selection among them
  std::vector<std::int64_t> offsets;  ///< of a flat table
  std::shared_ptr<void> owner;        ///< keeps Arrow's buffers

  /// Finds every column that the options name. find(name) throws where there is none.
  template <typename Find>
  void bind(const Find& find) {
    time = numbers(find(options.time));
    value = numbers(find(options.value));
    error = numbers(find(options.error));
    if (!options.band_column.empty()) band = find(options.band_column);
    for (const Condition& condition : options.where)
      where.push_back(checked(condition, find(condition.column)));
    bind_band();
  }

 private:
  static RaggedColumn numbers(RaggedColumn column);
  static BoundCondition checked(const Condition& condition, RaggedColumn column);
  void bind_band();
};

}  // namespace astrom3
