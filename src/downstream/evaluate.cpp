// SPDX-License-Identifier: MIT
#include "astrom3/downstream/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/classes/confusion.h"
#include "base/random.h"

namespace astrom3 {
namespace {

constexpr double kSmallestProbability = 1e-15;

/// One tested object.
struct Judged {
  std::size_t truth = 0, predicted = 0;
  double confidence = 0, of_truth = 0;
};

std::vector<Judged> judge(std::span<const double> probabilities, std::span<const std::int32_t> labels,
                          std::size_t C) {
  std::vector<Judged> judged;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto p = probabilities.subspan(i * C, C);
    if (std::any_of(p.begin(), p.end(), [](double value) { return std::isnan(value); })) continue;
    const auto top = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
    const auto truth = static_cast<std::size_t>(labels[i]);
    if (truth >= C) throw Error(Status::usage, fmt::format("evaluate: label {} of {} classes", labels[i], C));
    judged.push_back({truth, top, p[top], p[truth]});
  }
  return judged;
}

double deviation(std::span<const double> values) {
  double mean = 0, variance = 0;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) mean += value / n;
  for (const double value : values) variance += (value - mean) * (value - mean) / n;
  return std::sqrt(variance);
}

/// Resamples the objects with replacement.
void add_bootstrap_errors(const std::vector<Judged>& judged, std::size_t C, const EvaluationOptions& options,
                          Evaluation& evaluation) {
  if (options.n_bootstrap == 0) return;
  Random random(options.seed);
  std::vector<double> accuracy, macro_f1;
  for (std::size_t b = 0; b < options.n_bootstrap; ++b) {
    ConfusionMatrix confusion(C);
    for (std::size_t i = 0; i < judged.size(); ++i) {
      const auto pick = static_cast<std::size_t>(random.uniform() * static_cast<double>(judged.size()));
      confusion.add(judged[pick].truth, judged[pick].predicted);
    }
    accuracy.push_back(confusion.accuracy());
    macro_f1.push_back(confusion.macro_f1());
  }
  evaluation.accuracy_error = deviation(accuracy);
  evaluation.macro_f1_error = deviation(macro_f1);
}

void add_calibration(const std::vector<Judged>& judged, std::size_t n_bins, Evaluation& evaluation) {
  const auto B = static_cast<double>(n_bins);
  for (std::size_t b = 0; b < n_bins; ++b)
    evaluation.reliability.push_back(
        {.low = static_cast<double>(b) / B, .high = static_cast<double>(b + 1) / B});
  for (const Judged& object : judged) {
    const double at = std::clamp(std::ceil(object.confidence * B) - 1, 0.0, B - 1);  // (low, high]
    ReliabilityBin& bin = evaluation.reliability[static_cast<std::size_t>(at)];
    ++bin.n;
    bin.confidence += object.confidence;
    bin.accuracy += object.truth == object.predicted ? 1 : 0;
    evaluation.log_loss -= std::log(std::max(object.of_truth, kSmallestProbability));
  }
  const auto n = static_cast<double>(judged.size());
  evaluation.log_loss /= n;
  for (ReliabilityBin& bin : evaluation.reliability) {
    if (bin.n == 0) continue;
    bin.confidence /= static_cast<double>(bin.n);
    bin.accuracy /= static_cast<double>(bin.n);
    evaluation.calibration_error += static_cast<double>(bin.n) / n * std::fabs(bin.accuracy - bin.confidence);
  }
}

}  // namespace

Evaluation evaluate_probabilities(std::span<const double> probabilities, std::span<const std::int32_t> labels,
                                  std::span<const std::string> class_names,
                                  const EvaluationOptions& options) {
  const std::size_t C = class_names.size();
  if (probabilities.size() != labels.size() * C || options.n_bins == 0)
    throw Error(Status::usage, fmt::format("evaluate: {} probabilities of {} classes for {} labels, {} bins",
                                           probabilities.size(), C, labels.size(), options.n_bins));
  const std::vector<Judged> judged = judge(probabilities, labels, C);
  if (judged.empty())
    throw Error(Status::no_input, "nothing to evaluate: no object has both class and prediction");
  Evaluation evaluation{.class_names = {class_names.begin(), class_names.end()},
                        .confusion = ConfusionMatrix(C),
                        .reliability = {}};
  for (const Judged& object : judged) evaluation.confusion.add(object.truth, object.predicted);
  add_calibration(judged, options.n_bins, evaluation);
  add_bootstrap_errors(judged, C, options, evaluation);
  return evaluation;
}

}  // namespace astrom3
