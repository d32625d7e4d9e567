// SPDX-License-Identifier: MIT
//
// Multinomial logistic regression: the loss and its gradient by parts of the rows, summed in one order.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/evaluate.h"
#include "base/parallel_for.h"
#include "base/threads.h"
#include "downstream/lbfgs.h"

namespace astrom3 {
namespace {

constexpr std::size_t kFewestRowsPerPart = 512;
constexpr std::size_t kMaxParts = 256;  // bounds the memory of their gradients

/// logits[c] = sum_d x[d] W[d, c] + bias[c], classes innermost so that they share every x[d].
void logits_of(const double* x, std::span<const double> weights, std::size_t dimension,
               std::span<double> logits) {
  const std::size_t C = logits.size();
  std::copy_n(weights.data() + dimension * C, C, logits.data());
  for (std::size_t d = 0; d < dimension; ++d) {
    const double* w = weights.data() + d * C;
    for (std::size_t c = 0; c < C; ++c) logits[c] += x[d] * w[c];
  }
}

/// Turns logits into probabilities; returns log sum exp.
double softmax(std::span<double> values) {
  const double top = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (double& value : values) sum += value = std::exp(value - top);
  for (double& value : values) value /= sum;
  return top + std::log(sum);
}

/// The rows that are used, standardised for the optimiser.
struct TrainingRows {
  std::size_t n = 0, dimension = 0, n_classes = 0;
  std::vector<double> x;                          ///< [n, dimension] standardised
  std::vector<std::vector<std::int32_t>> labels;  ///< [n] one class, or the classes a row may be of
  std::vector<double> row_weight;                 ///< [n]
  std::vector<double> mean, inverse_std;          ///< [dimension]
};

void standardise(TrainingRows& rows) {
  const auto n = static_cast<double>(rows.n);
  for (std::size_t i = 0; i < rows.x.size(); ++i) rows.mean[i % rows.dimension] += rows.x[i] / n;
  std::vector<double> variance(rows.dimension, 0);
  for (std::size_t i = 0; i < rows.x.size(); ++i) {
    const double d = rows.x[i] - rows.mean[i % rows.dimension];
    variance[i % rows.dimension] += d * d / n;
  }
  for (std::size_t d = 0; d < rows.dimension; ++d)
    rows.inverse_std[d] = variance[d] > 0 ? 1 / std::sqrt(variance[d]) : 1;  // a constant column stays 0
  for (std::size_t i = 0; i < rows.x.size(); ++i) {
    const std::size_t d = i % rows.dimension;
    rows.x[i] = (rows.x[i] - rows.mean[d]) * rows.inverse_std[d];
  }
}

TrainingRows training_rows(const LabelledRows& all, std::span<const std::uint8_t> use,
                           const LogisticOptions& options) {
  const bool of_sets = !all.label_sets.empty();
  const std::size_t N = of_sets ? all.label_sets.size() : all.labels.size();
  if (of_sets && options.balanced)
    throw Error(Status::usage, "probe: rows of several classes cannot be balanced");
  if (all.dimension == 0 || all.values.size() != N * all.dimension || (!use.empty() && use.size() != N))
    throw Error(Status::usage, fmt::format("probe: {} values and {} labels of rows of {} numbers",
                                           all.values.size(), N, all.dimension));
  TrainingRows rows{.n = 0,
                    .dimension = all.dimension,
                    .n_classes = all.n_classes,
                    .x = {},
                    .labels = {},
                    .row_weight = {},
                    .mean = std::vector<double>(all.dimension, 0.0),
                    .inverse_std = std::vector<double>(all.dimension, 1.0)};
  std::vector<double> n_of_class(all.n_classes, 0);
  for (std::size_t i = 0; i < N; ++i) {
    if (!use.empty() && use[i] == 0) continue;
    const auto row = all.values.subspan(i * all.dimension, all.dimension);
    rows.x.insert(rows.x.end(), row.begin(), row.end());
    rows.labels.push_back(of_sets ? all.label_sets[i] : std::vector{all.labels[i]});
    for (const std::int32_t label : rows.labels.back()) n_of_class.at(static_cast<std::size_t>(label)) += 1;
  }
  rows.n = rows.labels.size();
  const auto present = std::count_if(n_of_class.begin(), n_of_class.end(), [](double n) { return n > 0; });
  if (present < 2) throw Error(Status::no_input, "the probe needs two classes to learn from");
  for (const auto& labels : rows.labels) {
    const double n = n_of_class[static_cast<std::size_t>(labels.front())];
    rows.row_weight.push_back(
        options.balanced ? static_cast<double>(rows.n) / (static_cast<double>(present) * n) : 1);
  }
  if (options.standardise) standardise(rows);
  return rows;
}

/// -log of the probability that `labels` have together; turns logits into what the loss of one row gives its
/// gradient with respect to them.
double loss_of(std::span<const std::int32_t> labels, std::span<double> logits) {
  if (labels.size() == 1) {
    const auto label = static_cast<std::size_t>(labels.front());
    const double of_label = logits[label], loss = softmax(logits) - of_label;
    logits[label] -= 1;
    return loss;
  }
  std::vector<double> within;
  for (const std::int32_t label : labels) within.push_back(logits[static_cast<std::size_t>(label)]);
  const double of_labels = softmax(within), loss = softmax(logits) - of_labels;
  for (std::size_t i = 0; i < labels.size(); ++i) logits[static_cast<std::size_t>(labels[i])] -= within[i];
  return loss;
}

/// Loss and gradient of the rows [begin, end).
double add_part(const TrainingRows& rows, std::span<const double> weights, std::size_t begin, std::size_t end,
                std::span<double> gradient) {
  const std::size_t D = rows.dimension, C = rows.n_classes;
  std::vector<double> p(C);
  double loss = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const double* x = rows.x.data() + i * D;
    logits_of(x, weights, D, p);
    loss += rows.row_weight[i] * loss_of(rows.labels[i], p);
    for (double& value : p) value *= rows.row_weight[i];
    for (std::size_t d = 0; d < D; ++d) {
      double* g = gradient.data() + d * C;
      for (std::size_t c = 0; c < C; ++c) g[c] += x[d] * p[c];
    }
    for (std::size_t c = 0; c < C; ++c) gradient[D * C + c] += p[c];
  }
  return loss;
}

/// F / n and its gradient.
class Loss {
 public:
  Loss(const TrainingRows& rows, double penalty, std::size_t n_threads)
      : rows_(rows), penalty_(penalty), n_threads_(n_threads) {
    per_part_ = std::max(kFewestRowsPerPart, (rows.n + kMaxParts - 1) / kMaxParts);
    n_parts_ = (rows.n + per_part_ - 1) / per_part_;
    gradients_.resize(n_parts_ * (rows.dimension + 1) * rows.n_classes);
    losses_.resize(n_parts_);
  }

  double operator()(std::span<const double> weights, std::span<double> gradient) {
    std::fill(gradients_.begin(), gradients_.end(), 0.0);
    parallel_for(n_parts_, n_threads_, [&](std::size_t part, std::size_t) {
      losses_[part] = add_part(rows_, weights, part * per_part_, std::min(rows_.n, (part + 1) * per_part_),
                               std::span(gradients_).subspan(part * weights.size(), weights.size()));
    });
    const auto n = static_cast<double>(rows_.n);
    const std::size_t n_penalised = rows_.dimension * rows_.n_classes;
    double loss = 0;
    for (const double part : losses_) loss += part;
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (std::size_t i = 0; i < gradients_.size(); ++i) gradient[i % weights.size()] += gradients_[i] / n;
    for (std::size_t i = 0; i < n_penalised; ++i) {
      loss += penalty_ / 2 * weights[i] * weights[i];
      gradient[i] += penalty_ * weights[i] / n;
    }
    return loss / n;
  }

 private:
  const TrainingRows& rows_;
  double penalty_;
  std::size_t n_threads_, per_part_ = 0, n_parts_ = 0;
  std::vector<double> gradients_, losses_;
};

}  // namespace

void LogisticModel::predict(std::span<const float> row, std::span<double> probabilities) const {
  const std::vector<double> x(row.begin(), row.end());
  logits_of(x.data(), weights, dimension, probabilities);
  softmax(probabilities);
}

LogisticModel fit_logistic(const LabelledRows& all, std::span<const std::uint8_t> use,
                           const LogisticOptions& options, std::size_t n_threads) {
  if (!(options.penalty >= 0)) throw Error(Status::usage, "probe: the penalty is negative");
  const TrainingRows rows = training_rows(all, use, options);
  Loss loss(rows, options.penalty, resolve_threads(n_threads));
  LogisticModel model{.dimension = all.dimension, .n_classes = all.n_classes, .weights = {}};
  model.weights.assign((all.dimension + 1) * all.n_classes, 0.0);
  const LbfgsResult found = minimise_lbfgs(
      [&](std::span<const double> w, std::span<double> g) { return loss(w, g); }, model.weights,
      {.max_iterations = options.max_iterations, .tolerance = options.tolerance});
  model.n_iterations = found.n_iterations;
  model.converged = found.converged;
  model.loss = found.value * static_cast<double>(rows.n);
  // Back to the columns as they were: w . (x - mean) / std + b = (w / std) . x + (b - w . mean / std).
  const std::size_t C = all.n_classes;
  for (std::size_t d = 0; d < all.dimension; ++d) {
    for (std::size_t c = 0; c < C; ++c) {
      double& w = model.weights[d * C + c];
      w *= rows.inverse_std[d];
      model.weights[all.dimension * C + c] -= w * rows.mean[d];
    }
  }
  return model;
}

std::vector<double> classify_by_probe(const LabelledRows& rows, const Folds& split,
                                      const LogisticOptions& options, std::size_t n_threads) {
  const std::size_t N = rows.labels.size(), C = rows.n_classes;
  if (split.fold.size() != N)
    throw Error(Status::usage, fmt::format("probe: a split of {} rows for {}", split.fold.size(), N));
  std::vector<double> probabilities(N * C, std::nan(""));
  for (std::int32_t fold = 0; fold < split.n_folds; ++fold) {
    std::vector<std::uint8_t> use(N);
    for (std::size_t i = 0; i < N; ++i)
      use[i] = split.fold[i] != fold && split.fold[i] != Folds::kUnused ? 1 : 0;
    if (std::find(split.fold.begin(), split.fold.end(), fold) == split.fold.end()) continue;
    const LogisticModel model = fit_logistic(rows, use, options, n_threads);
    for (std::size_t i = 0; i < N; ++i) {
      if (split.fold[i] == fold)
        model.predict(rows.values.subspan(i * rows.dimension, rows.dimension),
                      std::span(probabilities).subspan(i * C, C));
    }
  }
  return probabilities;
}

}  // namespace astrom3
