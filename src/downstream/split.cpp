// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/classes/holdout.h"
#include "astrom3/downstream/evaluate.h"

namespace astrom3 {

Folds split_by_folds(std::span<const std::string> object_ids, std::int32_t n_folds) {
  if (n_folds < 2) throw Error(Status::usage, fmt::format("{} folds: two at least", n_folds));
  Folds split{.fold = {}, .n_folds = n_folds};
  for (const std::string& id : object_ids)
    split.fold.push_back(static_cast<std::int32_t>(holdout_position(id) * n_folds));
  return split;
}

Folds split_by_holdout(std::span<const std::string> object_ids, double fraction) {
  Folds split{.fold = {}, .n_folds = 1};
  for (const std::string& id : object_ids)
    split.fold.push_back(is_held_out(id, fraction) ? 0 : Folds::kTrainOnly);
  return split;
}

}  // namespace astrom3
