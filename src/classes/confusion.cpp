// SPDX-License-Identifier: MIT
#include "astrom3/classes/confusion.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>

namespace astrom3 {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double ratio(std::uint64_t part, std::uint64_t whole, double of_nothing = 0) {
  return whole == 0 ? of_nothing : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::uint64_t ConfusionMatrix::n_objects() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t ConfusionMatrix::n_objects(std::size_t truth) const {
  const auto counts = row(truth);
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::uint64_t ConfusionMatrix::n_predicted(std::size_t predicted) const {
  std::uint64_t n = 0;
  for (std::size_t truth = 0; truth < n_classes_; ++truth) n += row(truth)[predicted];
  return n;
}

double ConfusionMatrix::accuracy() const {
  std::uint64_t n_right = 0;
  for (std::size_t c = 0; c < n_classes_; ++c) n_right += row(c)[c];
  return ratio(n_right, n_objects(), kNothing);
}

double ConfusionMatrix::recall(std::size_t of) const {
  return ratio(row(of)[of], n_objects(of));
}

double ConfusionMatrix::precision(std::size_t of) const {
  return ratio(row(of)[of], n_predicted(of));
}

double ConfusionMatrix::f1(std::size_t of) const {
  return ratio(2 * row(of)[of], n_objects(of) + n_predicted(of));
}

double ConfusionMatrix::macro_f1() const {
  return mean_over_classes(&ConfusionMatrix::f1);
}

double ConfusionMatrix::balanced_accuracy() const {
  return mean_over_classes(&ConfusionMatrix::recall);
}

double ConfusionMatrix::mean_over_classes(double (ConfusionMatrix::*score)(std::size_t) const) const {
  double sum = 0;
  std::size_t n = 0;
  for (std::size_t c = 0; c < n_classes_; ++c) {
    if (n_objects(c) == 0) continue;
    sum += (this->*score)(c);
    ++n;
  }
  return n == 0 ? kNothing : sum / static_cast<double>(n);
}

}  // namespace astrom3
