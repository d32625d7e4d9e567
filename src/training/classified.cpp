// SPDX-License-Identifier: MIT
//
// What a confusion matrix says.
#include <cmath>
#include <numeric>

#include "astrom3/training.h"

namespace astrom3 {
namespace {

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? std::nan("") : static_cast<double>(part) / static_cast<double>(whole);
}

std::uint64_t row_sum(const Classified& c, std::size_t row) {
  return std::accumulate(c.confusion[row].begin(), c.confusion[row].end(), std::uint64_t{0});
}

std::uint64_t column_sum(const Classified& c, std::size_t column) {
  std::uint64_t sum = 0;
  for (const auto& row : c.confusion) sum += row[column];
  return sum;
}

}  // namespace

std::uint64_t Classified::n_objects() const {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < confusion.size(); ++i) n += row_sum(*this, i);
  return n;
}

double Classified::accuracy() const {
  std::uint64_t right = 0;
  for (std::size_t i = 0; i < confusion.size(); ++i) right += confusion[i][i];
  return ratio(right, n_objects());
}

double Classified::recall(std::size_t of) const {
  return ratio(confusion[of][of], row_sum(*this, of));
}

double Classified::precision(std::size_t of) const {
  return ratio(confusion[of][of], column_sum(*this, of));
}

double Classified::f1(std::size_t of) const {
  return ratio(2 * confusion[of][of], row_sum(*this, of) + column_sum(*this, of));
}

double Classified::macro_f1() const {
  double sum = 0;
  std::size_t n = 0;
  for (std::size_t i = 0; i < confusion.size(); ++i) {
    if (row_sum(*this, i) == 0) continue;
    sum += f1(i);
    ++n;
  }
  return n == 0 ? std::nan("") : sum / static_cast<double>(n);
}

}  // namespace astrom3
