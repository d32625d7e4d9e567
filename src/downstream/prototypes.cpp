// SPDX-License-Identifier: MIT
#include "astrom3/downstream/prototypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/classes/holdout.h"
#include "downstream/dot_product.h"
#include "downstream/unit_rows.h"

namespace astrom3 {
namespace {

/// The rows of a class that are used, in their order.
std::vector<std::size_t> chosen_rows(const LabelledPrototypes& labelled, std::int32_t of_class,
                                     const PrototypeOptions& options) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < labelled.classes.size(); ++i) {
    if (labelled.classes[i] == of_class) rows.push_back(i);
  }
  if (options.shots == 0 || rows.size() <= options.shots) return rows;
  std::vector<std::pair<double, std::size_t>> order;
  for (const std::size_t row : rows) {
    const std::string text = fmt::format("{} {}", options.seed, labelled.object_ids[row]);
    order.emplace_back(holdout_position(text), row);
  }
  std::sort(order.begin(), order.end());
  rows.clear();
  for (std::size_t i = 0; i < options.shots; ++i) rows.push_back(order[i].second);
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

Prototypes::Prototypes(const LabelledPrototypes& labelled, std::span<const std::string> class_names,
                       const PrototypeOptions& options)
    : options_(options), dimension_(labelled.dimension), n_classes_(labelled.n_classes) {
  const std::size_t n = count_rows(labelled.values, dimension_, "prototypes");
  if (labelled.classes.size() != n || labelled.object_ids.size() != n || class_names.size() != n_classes_)
    throw Error(Status::usage, "prototypes: an id and a class for each row, and a name for each class");
  check_directions(labelled.values, dimension_, "prototypes");
  const std::vector<double> all = options.to_unit_length
                                      ? unit_rows(labelled.values, dimension_)
                                      : std::vector<double>(labelled.values.begin(), labelled.values.end());
  for (std::size_t c = 0; c < n_classes_; ++c) {
    const std::vector<std::size_t> rows = chosen_rows(labelled, static_cast<std::int32_t>(c), options);
    if (rows.empty() || rows.size() < options.shots)
      throw Error(Status::no_input,
                  fmt::format("class {} has {} labelled embeddings, {} needed", escaped(class_names[c]),
                              rows.size(), std::max<std::size_t>(options.shots, 1)));
    std::vector<double> mean(dimension_);
    for (const std::size_t row : rows) {
      const auto values = std::span(all).subspan(row * dimension_, dimension_);
      for (std::size_t d = 0; d < dimension_; ++d) mean[d] += values[d];
      object_ids_.push_back(labelled.object_ids[row]);
      classes_.push_back(static_cast<std::int32_t>(c));
      if (options.judge == PrototypeJudge::closest) rows_.insert(rows_.end(), values.begin(), values.end());
    }
    if (options.judge == PrototypeJudge::closest) continue;
    const double length = std::sqrt(dot(mean, mean));
    if (!(length > 0))
      throw Error(Status::no_input,
                  fmt::format("class {}: its centre has no direction", escaped(class_names[c])));
    for (double& value : mean) value /= length;
    rows_.insert(rows_.end(), mean.begin(), mean.end());
  }
}

void Prototypes::judge(std::span<const float> embedding, const std::string& object_id,
                       std::span<float> scores) const {
  if (embedding.size() != dimension_ || scores.size() != n_classes_)
    throw Error(Status::usage,
                fmt::format("an embedding of {} numbers cannot be compared with prototypes of {}",
                            embedding.size(), dimension_));
  check_directions(embedding, dimension_, "embedding");
  const std::vector<double> e = options_.to_unit_length
                                    ? unit_rows(embedding, dimension_)
                                    : std::vector<double>(embedding.begin(), embedding.end());
  std::fill(scores.begin(), scores.end(), -std::numeric_limits<float>::infinity());
  for (std::size_t i = 0; i * dimension_ < rows_.size(); ++i) {
    const bool is_row = options_.judge == PrototypeJudge::closest;
    if (is_row && object_ids_[i] == object_id) continue;
    float& score = scores[is_row ? static_cast<std::size_t>(classes_[i]) : i];
    score = std::max(score, static_cast<float>(dot(e, std::span(rows_).subspan(i * dimension_, dimension_))));
  }
}

}  // namespace astrom3
