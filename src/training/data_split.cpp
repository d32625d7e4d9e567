// SPDX-License-Identifier: MIT
#include "training/data_split.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/classes/holdout.h"
#include "astrom3/classes/labels.h"
#include "astrom3/features/scaling.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "training/objects.h"

namespace astrom3 {

namespace {
constexpr std::array kSplits{Split::train, Split::validation, Split::test};
}  // namespace

std::string_view split_name(Split split) noexcept {
  return split == Split::train ? "train" : split == Split::validation ? "validation" : "test";
}

Split split_of(std::string_view object_id, const SplitShares& shares) {
  const double position = holdout_position(object_id);
  if (position < shares.test) return Split::test;
  return position < shares.test + shares.validation ? Split::validation : Split::train;
}

std::map<std::string, Split, std::less<>> read_split(const std::filesystem::path& file,
                                                     const std::string& id_column) {
  std::map<std::string, Split, std::less<>> split;
  for (const auto& [id, label] : read_labels(file, id_column)) {
    const std::string_view word = label;  // clang 14 cannot capture a structured binding
    const auto use =
        std::find_if(kSplits.begin(), kSplits.end(), [word](Split s) { return split_name(s) == word; });
    if (use == kSplits.end())
      throw Error(
          Diagnostic{.code = Status::bad_catalog,
                     .file = file.string(),
                     .object_id = id,
                     .message = fmt::format("is for {}; expected train, validation or test", escaped(word))});
    split.emplace(id, *use);
  }
  return split;
}

}  // namespace astrom3

namespace astrom3::training {

Split use_of(std::string_view object_id, const TrainingOptions& options) {
  const auto given = options.split.find(object_id);
  return given == options.split.end() ? split_of(object_id, options.shares) : given->second;
}

DataSplit split_objects(const std::vector<TrainingObject>& objects, const TrainingOptions& options) {
  DataSplit split;
  std::set<std::string_view> trained;
  for (const TrainingObject& object : objects) {
    const Split use = use_of(object.object_id, options);
    (use == Split::train  ? split.train
     : use == Split::test ? split.test
                          : split.validation)
        .push_back(&object);
    if (use == Split::train && !object.label.empty()) {
      for (const std::string_view name : classes_of_label(object.label)) trained.insert(name);
    }
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
  for (const TrainingObject& object : objects) {
    for (const std::string_view name : classes_of_label(object.label)) labels.emplace(name);
  }
  check_class_count(labels.size());
  return {labels.begin(), labels.end()};
}

std::int32_t class_index(std::span<const std::string> classes, std::string_view name) {
  const auto found = std::find(classes.begin(), classes.end(), name);
  return found == classes.end() ? -1 : static_cast<std::int32_t>(found - classes.begin());
}

std::vector<std::int32_t> class_indices(std::span<const std::string> classes, std::string_view label) {
  std::vector<std::int32_t> indices;
  for (const std::string_view name : classes_of_label(label)) {
    indices.push_back(class_index(classes, name));
    if (indices.back() < 0) return {};
  }
  std::sort(indices.begin(), indices.end());
  return indices;
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
  for (const TrainingObject* object : objects) {
    const std::vector<std::int32_t> of = class_indices(classes, object->label);
    for (const std::int32_t c : of)
      counts.at(static_cast<std::size_t>(c)) += 1 / static_cast<double>(of.size());
  }
  std::vector<double> weights;
  if (!options.class_weights.empty()) {
    for (const std::string& name : classes) {
      const auto given = options.class_weights.find(name);
      weights.push_back(given == options.class_weights.end() ? 1 : given->second);
    }
  } else {
    const double power = options.class_weighting == ClassWeighting::sqrt ? -0.5 : -1;
    // A class that nothing trains counts as one object, so that its weight is finite.
    for (const double count : counts) weights.push_back(std::pow(count > 0 ? count : 1, power));
  }
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) total += weights[i] * counts[i];
  std::vector<float> scaled;
  for (const double weight : weights)
    scaled.push_back(static_cast<float>(weight * static_cast<double>(objects.size()) / total));
  return scaled;
}

}  // namespace astrom3::training
