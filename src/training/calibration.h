// SPDX-License-Identifier: MIT
//
// Probabilities that are as often right as they say, by one number.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "training/learner.h"

namespace astrom3::training {

/// The temperature in [0.05, 20] that minimises the cross-entropy of softmax(logits / temperature); 1 without
/// objects.
double best_temperature(const HeadOutput& output);

/// Divides the logits of the head among `tensors` by `temperature`, through its weights, and says so in the
/// metadata.
void apply_temperature(TensorMap& tensors, std::map<std::string, std::string>& metadata, double temperature);

/// The temperature that apply_temperature() left in the metadata, or none.
std::optional<double> applied_temperature(const std::map<std::string, std::string>& metadata);

}  // namespace astrom3::training
