// SPDX-License-Identifier: MIT
#include "training/calibration.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <map>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "base/number.h"
#include "encoder/checkpoint_layout.h"
#include "train_step/losses.h"
#include "training/learner.h"

namespace astrom3::training {
namespace {

constexpr const char* kTemperatureKey = "astrom3.temperature";
constexpr double kRange = 20;  // from 1 / this to this

double loss_at(const HeadOutput& output, double log_temperature) {
  const double factor = std::exp(-log_temperature);
  std::vector<double> logits(output.n_classes), unused(output.n_classes);
  double loss = 0;
  for (std::size_t i = 0; i < output.labels.size(); ++i) {
    const std::span<const double> row = output.row(i);
    for (std::size_t c = 0; c < row.size(); ++c) logits[c] = row[c] * factor;
    loss += train::cross_entropy(logits, output.labels[i], 0, 1, unused);
  }
  return loss;
}

}  // namespace

// Golden-section search: the loss has one minimum in 1 / temperature where every object has one class.
double best_temperature(const HeadOutput& output) {
  if (output.labels.empty()) return 1;
  constexpr double kShare = 1 / std::numbers::phi;
  double low = -std::log(kRange), high = std::log(kRange);
  double a = high - kShare * (high - low), b = low + kShare * (high - low);
  double at_a = loss_at(output, a), at_b = loss_at(output, b);
  while (high - low > 1e-6) {
    if (at_a < at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - kShare * (high - low);
      at_a = loss_at(output, a);
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + kShare * (high - low);
      at_b = loss_at(output, b);
    }
  }
  return std::exp((low + high) / 2);
}

void apply_temperature(TensorMap& tensors, std::map<std::string, std::string>& metadata, double temperature) {
  const AffineNames head = head_names();
  for (const std::string& name : {head.weight, head.bias}) {
    for (float& value : tensors.at(name).data)
      value = static_cast<float>(static_cast<double>(value) / temperature);
  }
  metadata[kTemperatureKey] = fmt::format("{}", temperature);
}

std::optional<double> applied_temperature(const std::map<std::string, std::string>& metadata) {
  const auto found = metadata.find(kTemperatureKey);
  if (found == metadata.end()) return std::nullopt;
  const ParsedNumber number = parse_number(found->second);
  return number.kind == NumberKind::number ? std::optional(number.value) : std::nullopt;
}

}  // namespace astrom3::training
