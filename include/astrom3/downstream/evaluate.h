// SPDX-License-Identifier: MIT
//
// How well classes can be told from embeddings, and how accurate and how well calibrated predictions are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/classes/confusion.h"

namespace astrom3 {

/// Which objects are tested. What tests a fold was learned from the objects of all other folds.
struct Folds {
  static constexpr std::int32_t kTrainOnly = -1;
  static constexpr std::int32_t kUnused = -2;
  std::vector<std::int32_t> fold;  ///< [N] 0 .. n_folds-1, kTrainOnly or kUnused
  std::int32_t n_folds = 1;
};

/// Fold = floor(holdout_position(id) n_folds): an object's fold does not depend on the other objects.
Folds split_by_folds(std::span<const std::string> object_ids, std::int32_t n_folds);

/// One fold, with the objects for which is_held_out() is true; the others are for training. See holdout.h.
Folds split_by_holdout(std::span<const std::string> object_ids, double fraction);

/// Objects with their classes. Every row is finite and not zero.
struct LabelledRows {
  std::span<const float> values;  ///< [N, dimension]
  std::size_t dimension = 0;
  std::span<const std::int32_t> labels;  ///< [N] 0 .. n_classes-1
  std::size_t n_classes = 0;
  /// [N] of each row the classes it may be of, each once: fit_logistic() alone takes them, in the place of
  /// `labels`. Empty: every row is of the class that `labels` says.
  std::span<const std::vector<std::int32_t>> label_sets = {};
};

/// Shares of the classes among the k nearest training rows by cosine; rows of equal similarity come in the
/// order of the table. If two classes have equally many votes, the one whose votes are more similar in sum is
/// the likelier: it gets 1e-6 more.
///
/// Returns probabilities [N, n_classes]; NaN for rows without a fold.
/// Throws Error usage when sizes do not fit, no_input when a fold has nothing to learn from.
std::vector<double> classify_by_neighbours(const LabelledRows& rows, const Folds& split, std::size_t k,
                                           std::size_t n_threads = 0);

struct LogisticOptions {
  double penalty = 1;       ///< lambda below, at least 0
  bool balanced = false;    ///< every class has the same weight: w_i = N / (n_classes n_i)
  bool standardise = true;  ///< columns to mean 0 and standard deviation 1 over the training rows
  std::size_t max_iterations = 1000;
  double tolerance = 1e-7;  ///< of the largest derivative of F / N
};

/// Multinomial logistic regression, the linear probe.
struct LogisticModel {
  std::size_t dimension = 0, n_classes = 0;
  std::vector<double>
      weights;  ///< [dimension + 1, n_classes], for columns that are not standardised; last row: the bias
  std::size_t n_iterations = 0;
  bool converged = false;
  double loss = 0;  ///< F at the end

  /// softmax(W x + b) into probabilities [n_classes].
  void predict(std::span<const float> row, std::span<double> probabilities) const;
};

///   F(W, b) = sum_i -w_i log softmax(W x_i + b)[y_i]  +  lambda/2 |W|^2      x: the standardised columns
///
/// Of a row of several classes the probability is the sum over them. Minimised by L-BFGS from zero; the bias
/// is not penalised. lambda = 1/C of scikit-learn.
/// use     [N] rows with 0 are skipped; empty: all rows are used
/// Throws Error usage when sizes do not fit or label_sets come with `balanced`, no_input for fewer than two
/// classes among the rows used.
/// The same bits for any n_threads.
/// Source  Nocedal & Wright 2006, Numerical Optimization, algorithm 7.5.
LogisticModel fit_logistic(const LabelledRows& rows, std::span<const std::uint8_t> use,
                           const LogisticOptions& options = {}, std::size_t n_threads = 0);

/// One model per fold, fitted on the other rows. Returns and throws as classify_by_neighbours(),
/// fit_logistic().
std::vector<double> classify_by_probe(const LabelledRows& rows, const Folds& split,
                                      const LogisticOptions& options = {}, std::size_t n_threads = 0);

struct ReliabilityBin {
  double low = 0, high = 0;  ///< of the probability of the predicted class
  std::size_t n = 0;
  double confidence = 0, accuracy = 0;  ///< means over the bin; 0 when it is empty
};

struct Evaluation {
  std::vector<std::string> class_names;
  ConfusionMatrix confusion;                      ///< in the order of the names
  double accuracy_error = 0, macro_f1_error = 0;  ///< standard deviation over bootstrap resamples
  double log_loss = 0;                            ///< mean -ln p(truth), p at least 1e-15
  double calibration_error = 0;                   ///< sum_bins n_bin/n |accuracy - confidence|
  std::vector<ReliabilityBin> reliability;
};

struct EvaluationOptions {
  std::size_t n_bins = 10;
  std::size_t n_bootstrap = 1000;
  std::uint64_t seed = 0;
};

/// Compares probabilities with the truth. Rows that are NaN are left out.
///
/// probabilities  [N, C]     labels  [N] 0 .. C-1     class_names  [C]
/// Throws Error usage when sizes do not fit, no_input when nothing is left.
/// Source  calibration: Guo et al. 2017, arXiv:1706.04599.
Evaluation evaluate_probabilities(std::span<const double> probabilities, std::span<const std::int32_t> labels,
                                  std::span<const std::string> class_names,
                                  const EvaluationOptions& options = {});

}  // namespace astrom3
