// SPDX-License-Identifier: MIT
#include "training/head_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/evaluate.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "encoder/checkpoint_layout.h"
#include "training/object_means.h"

namespace astrom3::training {
namespace {

constexpr const char* kKey = "astrom3.head_penalty";
constexpr std::array kPenalties{0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0};

/// Rows as a pooled head reads them.
struct HeadRows {
  explicit HeadRows(const ObjectMeans& means) : width(means.width), labels(means.labels) {
    for (std::size_t i = 0; i < means.values.size(); ++i)
      x.push_back(means.values[i] * means.shares[i / width]);
  }
  std::size_t width;
  std::vector<float> x;  ///< [objects, width]
  std::span<const std::vector<std::int32_t>> labels;
};

LogisticModel fit(const HeadRows& rows, std::size_t n_classes, double penalty, std::size_t n_threads) {
  const LabelledRows labelled{.values = rows.x,
                              .dimension = rows.width,
                              .labels = {},
                              .n_classes = n_classes,
                              .label_sets = rows.labels};
  return fit_logistic(labelled, {}, {.penalty = penalty}, n_threads);
}

/// Mean of -log of the probability of an object's classes together.
double cross_entropy_of(const LogisticModel& model, const HeadRows& rows) {
  constexpr double kSmallest = 1e-15;  // a probability that was rounded to 0 decides nothing alone
  std::vector<double> probabilities(model.n_classes);
  double loss = 0;
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    model.predict(std::span(rows.x).subspan(i * rows.width, rows.width), probabilities);
    double sum = 0;
    for (const std::int32_t label : rows.labels[i]) sum += probabilities[static_cast<std::size_t>(label)];
    loss -= std::log(std::max(sum, kSmallest));  // which keeps what is not a number
  }
  return loss / static_cast<double>(rows.labels.size());
}

}  // namespace

FittedHead fit_head(const ObjectMeans& train_means, const ObjectMeans& validation_means,
                    std::size_t n_classes, std::size_t n_threads) {
  const HeadRows train(train_means), validation(validation_means);
  double penalty = kPenalties[kPenalties.size() / 2], least = INFINITY;
  LogisticModel best;
  if (validation.labels.empty()) best = fit(train, n_classes, penalty, n_threads);
  for (const double tried : kPenalties) {
    if (validation.labels.empty()) break;
    LogisticModel model = fit(train, n_classes, tried, n_threads);
    const double loss = cross_entropy_of(model, validation);
    if (!(loss < least)) continue;
    least = loss;
    penalty = tried;
    best = std::move(model);
  }
  if (best.weights.empty())
    throw Error(Status::nonfinite_output, "the head that is fitted has no finite cross-entropy");
  return {
      .width = train.width, .n_classes = n_classes, .weights = std::move(best.weights), .penalty = penalty};
}

void apply_head(TensorMap& tensors, std::map<std::string, std::string>& metadata, const FittedHead& head) {
  const AffineNames names = head_names();
  std::vector<float>& weight = tensors.at(names.weight).data;  // [classes, T width]
  std::vector<float>& bias = tensors.at(names.bias).data;
  const std::size_t C = head.n_classes, n = weight.size() / C;
  const auto T = static_cast<double>(n / head.width);
  for (std::size_t c = 0; c < C; ++c) {
    for (std::size_t i = 0; i < n; ++i)
      weight[c * n + i] = static_cast<float>(head.weights[i % head.width * C + c] / T);
    bias[c] = static_cast<float>(head.weights[head.width * C + c]);
  }
  metadata[kKey] = fmt::format("{}", head.penalty);
}

}  // namespace astrom3::training
