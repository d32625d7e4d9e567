// SPDX-License-Identifier: MIT
//
// Which objects train, validate and test, and what is fitted to those that train.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "training/objects.h"

namespace astrom3::training {

struct DataSplit {
  std::vector<const TrainingObject*> train, validation, test;
};
/// What `object_id` is used for: what the table of the run says, or, of an object that is not there,
/// split_of() its id.
Split use_of(std::string_view object_id, const TrainingOptions& options);

/// In the order of `objects`. Throws Error no_input where no object, or, to classify, only one class trains.
DataSplit split_objects(const std::vector<TrainingObject>& objects, const TrainingOptions& options);

/// The classes of the labels of `objects` in alphabetical order, each once.
std::vector<std::string> labels_of(const std::vector<TrainingObject>& objects);

/// Index of `name` among `classes`; -1 where it is none of them.
std::int32_t class_index(std::span<const std::string> classes, std::string_view name);

/// Indices of the classes of `label`, ascending; empty where one is none of `classes`.
std::vector<std::int32_t> class_indices(std::span<const std::string> classes, std::string_view label);

/// Mean and standard deviation (ddof 0) of the features of `objects`, the period's of its logarithm. A
/// feature that does not vary gets a standard deviation of 1.
Scaling fit_scaling(std::span<const TrainingObject* const> objects);

/// The weight of each class by `options`, scaled so that their mean over `objects` is 1; empty where all
/// are 1. An object of one of n classes counts as an n-th of an object of each.
std::vector<float> class_weights(std::span<const TrainingObject* const> objects,
                                 std::span<const std::string> classes, const TrainingOptions& options);

}  // namespace astrom3::training
