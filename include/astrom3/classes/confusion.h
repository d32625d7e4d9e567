// SPDX-License-Identifier: MIT
//
// How often each class was taken for each other class, and the scores that follow: accuracy, recall, F1, ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrom3 {

/// Counts of objects by true and predicted class, and the scores of scikit-learn with `zero_division=0`: what
/// would be 0/0 is 0. The macro-average is over the classes that have objects, its
/// `labels=np.unique(y_true)`, so that one object that is put into a class without objects costs only this
/// object, and not a share of the mean. Without any object there is nothing to divide: accuracy and the means
/// over classes are NaN.
///
/// Source  Sokolova & Lapalme 2009, Information Processing & Management 45, 427.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(std::size_t n_classes = 0)
      : n_classes_(n_classes), counts_(n_classes * n_classes) {}

  void add(std::size_t truth, std::size_t predicted) { ++counts_[truth * n_classes_ + predicted]; }

  std::size_t n_classes() const noexcept { return n_classes_; }
  /// [n_classes] how many objects of a class were put into each class.
  std::span<const std::uint64_t> row(std::size_t truth) const {
    return std::span(counts_).subspan(truth * n_classes_, n_classes_);
  }
  std::uint64_t n_objects() const;
  std::uint64_t n_objects(std::size_t truth) const;
  std::uint64_t n_predicted(std::size_t predicted) const;

  double accuracy() const;                 ///< share of the objects that are put into their class
  double recall(std::size_t of) const;     ///< of the objects of one class, the share put into it
  double precision(std::size_t of) const;  ///< of the objects put into it, the share that are in it
  double f1(std::size_t of) const;         ///< 2 tp / (2 tp + fp + fn)
  double macro_f1() const;                 ///< mean over the classes that have objects
  double balanced_accuracy() const;        ///< mean recall of the classes that have objects

 private:
  double mean_over_classes(double (ConfusionMatrix::*score)(std::size_t) const) const;

  std::size_t n_classes_;
  std::vector<std::uint64_t> counts_;  ///< [truth, predicted]
};

}  // namespace astrom3
