// SPDX-License-Identifier: MIT
#include "training/out_of_class_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/out_of_class.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "encoder/checkpoint_layout.h"
#include "training/object_means.h"

namespace astrom3::training {
namespace {

constexpr double kRidge = 1e-3;

using Matrix = std::vector<double>;  ///< [D, D]

/// [classes, D]; the objects of several classes belong to none.
std::vector<double> centres_of(const ObjectMeans& means, std::size_t n_classes) {
  const std::size_t D = means.width;
  std::vector<double> centres(n_classes * D, 0.0), n(n_classes, 0.0);
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (means.labels[i].size() != 1) continue;
    const auto c = static_cast<std::size_t>(means.labels[i].front());
    for (std::size_t d = 0; d < D; ++d) centres[c * D + d] += static_cast<double>(means.row(i)[d]);
    n[c] += 1;
  }
  const auto first =
      static_cast<std::size_t>(std::find_if(n.begin(), n.end(), [](double k) { return k > 0; }) - n.begin());
  if (first == n_classes) throw Error(Status::no_input, "out-of-class: no training object is of one class");
  for (std::size_t c = 0; c < n_classes; ++c) {
    for (std::size_t d = 0; d < D; ++d) centres[c * D + d] /= std::fmax(n[c], 1);
  }
  // Another centre at the same place changes no distance.
  for (std::size_t c = 0; c < n_classes; ++c) {
    if (n[c] == 0) std::copy_n(&centres[first * D], D, &centres[c * D]);
  }
  return centres;
}

/// The covariance within the classes, with the ridge.
Matrix covariance_of(const ObjectMeans& means, std::span<const double> centres) {
  const std::size_t D = means.width;
  Matrix covariance(D * D, 0.0);
  std::vector<double> away(D);
  double n = 0;
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (means.labels[i].size() != 1) continue;
    const auto c = static_cast<std::size_t>(means.labels[i].front());
    for (std::size_t d = 0; d < D; ++d) away[d] = static_cast<double>(means.row(i)[d]) - centres[c * D + d];
    for (std::size_t d = 0; d < D; ++d) {
      for (std::size_t e = 0; e <= d; ++e) covariance[d * D + e] += away[d] * away[e];
    }
    n += 1;
  }
  double trace = 0;
  for (double& value : covariance) value /= n;
  for (std::size_t d = 0; d < D; ++d) trace += covariance[d * D + d];
  if (!(trace > 0)) throw Error(Status::no_input, "out-of-class: the embeddings of each class are all equal");
  for (std::size_t d = 0; d < D; ++d) covariance[d * D + d] += kRidge * trace / static_cast<double>(D);
  return covariance;
}

/// In place: the lower triangle of a positive definite matrix becomes L with L L^T the matrix.
void factorise(Matrix& a, std::size_t D) {
  for (std::size_t i = 0; i < D; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * D + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * D + k] * a[j * D + k];
      a[i * D + j] = i == j ? std::sqrt(sum) : sum / a[j * D + j];
    }
  }
}

/// The inverse of a lower triangle; zeros above its diagonal.
Matrix inverse_of(const Matrix& lower, std::size_t D) {
  Matrix inverse(D * D, 0.0);
  for (std::size_t column = 0; column < D; ++column) {
    inverse[column * D + column] = 1 / lower[column * D + column];
    for (std::size_t i = column + 1; i < D; ++i) {
      double sum = 0;
      for (std::size_t k = column; k < i; ++k) sum -= lower[i * D + k] * inverse[k * D + column];
      inverse[i * D + column] = sum / lower[i * D + i];
    }
  }
  return inverse;
}

std::vector<double> multiplied(const Matrix& matrix, std::span<const double> vector) {
  std::vector<double> out(vector.size(), 0.0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t j = 0; j < out.size(); ++j) out[i] += matrix[i * out.size() + j] * vector[j];
  }
  return out;
}

/// Quantiles, linear between the values.
std::vector<float> quantiles_of(std::vector<double> values, std::size_t n) {
  std::sort(values.begin(), values.end());
  std::vector<float> out;
  for (std::size_t q = 0; q < n; ++q) {
    const double at = static_cast<double>(q * (values.size() - 1)) / static_cast<double>(n - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    out.push_back(static_cast<float>(values[below] +
                                     (at - static_cast<double>(below)) * (values[above] - values[below])));
  }
  return out;
}

}  // namespace

void add_out_of_class(TensorMap& tensors, const ObjectMeans& train, const ObjectMeans& validation,
                      std::size_t n_classes) {
  if (validation.size() == 0) throw Error(Status::no_input, "out-of-class: there is no validation object");
  const std::size_t D = train.width;
  const std::vector<double> centres = centres_of(train, n_classes);
  Matrix lower = covariance_of(train, centres);
  factorise(lower, D);
  const Matrix whitening = inverse_of(lower, D);

  const OutOfClassNames names = out_of_class_names();
  const auto put = [](Tensor& tensor, std::span<const double> values, std::int64_t rows) {
    tensor.shape = {rows, static_cast<std::int64_t>(values.size()) / rows};
    tensor.data.assign(values.begin(), values.end());
    tensor.dtype = "F32";
  };
  put(tensors[names.whitening], whitening, static_cast<std::int64_t>(D));
  std::vector<double> white_centres;
  for (std::size_t c = 0; c < n_classes; ++c) {
    const std::vector<double> white = multiplied(whitening, std::span(centres).subspan(c * D, D));
    white_centres.insert(white_centres.end(), white.begin(), white.end());
  }
  put(tensors[names.centres], white_centres, static_cast<std::int64_t>(n_classes));
  Tensor& distances = tensors[names.distances];
  distances.shape = {kOutOfClassQuantiles};
  distances.data.assign(static_cast<std::size_t>(kOutOfClassQuantiles), 0.0f);
  distances.dtype = "F32";

  std::vector<double> of_validation;
  const OutOfClass classes = *OutOfClass::of(tensors);
  for (std::size_t i = 0; i < validation.size(); ++i)
    of_validation.push_back(classes.distance(validation.row(i)));
  distances.data = quantiles_of(std::move(of_validation), distances.data.size());
}

}  // namespace astrom3::training
