// SPDX-License-Identifier: MIT
#include "training/data_split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/classes/holdout.h"
#include "astrom3/features/scaling.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "training/objects.h"

namespace astrom3 {

std::string_view split_name(Split split) noexcept {
  return split == Split::train ? "train" : split == Split::validation ? "validation" : "test";
}

Split split_of(std::string_view object_id, const SplitShares& shares) {
  const double position = holdout_position(object_id);
  if (position < shares.test) return Split::test;
  return position < shares.test + shares.validation ? Split::validation : Split::train;
}

}  // namespace astrom3

namespace astrom3::training {

DataSplit split_objects(const std::vector<TrainingObject>& objects, const TrainingOptions& options) {
  DataSplit split;
  std::set<std::string_view> trained;
  for (const TrainingObject& object : objects) {
    const Split use = split_of(object.object_id, options.shares);
    (use == Split::train  ? split.train
     : use == Split::test ? split.test
                          : split.validation)
        .push_back(&object);
    if (use == Split::train) trained.insert(object.label);
  }
  const bool classify = options.objective == TrainingObjective::classify;
  if (split.train.size() < 2 || (classify && trained.size() < 2)) {
    throw Error(
        Status::no_input,
        fmt::format("{} objects{} are left to train on, of {} that were read; at least two{} are needed",
                    split.train.size(), classify ? fmt::format(" of {} classes", trained.size()) : "",
                    objects.size(), classify ? " classes" : ""),
        "do the ids of the labels match those of the light curves? astrom3 inspect shows an id");
  }
  return split;
}

std::vector<std::string> labels_of(const std::vector<TrainingObject>& objects) {
  std::set<std::string> labels;
  for (const TrainingObject& object : objects) labels.insert(object.label);
  return {labels.begin(), labels.end()};
}

std::int32_t class_index(std::span<const std::string> classes, std::string_view label) {
  const auto found = std::find(classes.begin(), classes.end(), label);
  return found == classes.end() ? -1 : static_cast<std::int32_t>(found - classes.begin());
}

Scaling fit_scaling(std::span<const TrainingObject* const> objects) {
  Scaling scaling;
  scaling.source = "training objects";
  const auto n = static_cast<double>(objects.size());
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const auto value = [&](const TrainingObject* object) {
      return scaling.log10[i] ? std::log10(object->features[i]) : object->features[i];
    };
    double sum = 0, square = 0;
    for (const TrainingObject* object : objects) sum += value(object);
    scaling.mean[i] = sum / n;
    for (const TrainingObject* object : objects) square += std::pow(value(object) - scaling.mean[i], 2);
    scaling.std[i] = std::sqrt(square / n);
    if (!(scaling.std[i] > 0)) scaling.std[i] = 1;
  }
  return scaling;
}

std::vector<float> class_weights(std::span<const TrainingObject* const> objects,
                                 std::span<const std::string> classes, const TrainingOptions& options) {
  if (options.class_weights.empty() && options.class_weighting == ClassWeighting::none) return {};
  std::vector<double> counts(classes.size());
  for (const TrainingObject* object : objects)
    ++counts.at(static_cast<std::size_t>(class_index(classes, object->label)));
  std::vector<double> weights;
  if (!options.class_weights.empty()) {
    for (const std::string& name : classes) {
      const auto given = options.class_weights.find(name);
      weights.push_back(given == options.class_weights.end() ? 1 : given->second);
    }
  } else {
    const double power = options.class_weighting == ClassWeighting::sqrt ? -0.5 : -1;
    // A class that nothing trains counts as one object, so that its weight is finite.
    for (const double count : counts) weights.push_back(std::pow(std::max(count, 1.0), power));
  }
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) total += weights[i] * counts[i];
  std::vector<float> scaled;
  for (const double weight : weights)
    scaled.push_back(static_cast<float>(weight * static_cast<double>(objects.size()) / total));
  return scaled;
}

}  // namespace astrom3::training
