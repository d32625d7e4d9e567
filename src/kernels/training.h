// SPDX-License-Identifier: MIT
//
// The kernels that only training needs: products with a transposed left operand, derivatives, and dropout.
//
// Goals, padding and panels are those of kernels.h. Arguments and table are templates over the real type, so
// that simple code in double can replace the vector code in tests of the passes that are built on it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace astrom3::kernels {

/// c[i][j] += a[0][i] b[0][j] + a[1][i] b[1][j] + ..., in that order, each step one fused multiply-add: the
/// gradient of weights c from the gradient of outputs a and the inputs b.
template <typename Real>
struct OuterArgs {
  const Real* a;  ///< [rows, m], row t at a + t * a_stride
  std::size_t a_stride;
  const Real* b;  ///< [rows, n], row t at b + t * b_stride
  std::size_t b_stride;
  std::size_t rows;
  std::size_t m;
  std::size_t n;  ///< padded
  Real* c;        ///< [m, n], row i at c + i * c_stride
  std::size_t c_stride;
};

/// Inverted dropout: a value is kept, and multiplied by `scale`, where a hash of its place is at least
/// `threshold`. The hash of place i is lowbias32 of Wellons' "hash prospector" with a key added before each
/// of its two multiplications; one site (of a layer, example and step) is one pair of keys.
template <typename Real>
struct Dropout {
  std::uint32_t threshold =
      0;  ///< the probability to drop a value, times 2^32; with 0 nothing is dropped and scale is 1
  std::uint32_t key[2] = {};
  Real scale = 1;  ///< 1 / (1 - probability)
};

/// y[i][j] = dropout(x[i][j]), where the place of a value is i * width + j. The same for the forward and the
/// backward pass.
template <typename Real>
struct DropoutArgs {
  const Real* x;  ///< [rows, width], row i at x + i * stride
  std::size_t rows;
  std::size_t width;  ///< padded
  std::size_t stride;
  Dropout<Real> dropout;
  Real* y;  ///< the same shape and stride as x; may be x itself
};

/// p[i] = softmax(scale p[i]) over the first n columns, the rest 0; dropped[i] = dropout(p[i]).
template <typename Real>
struct SoftmaxArgs {
  Real* p;  ///< [rows, stride] scores, then probabilities
  std::size_t rows;
  std::size_t n;
  std::size_t stride;  ///< n padded
  Real scale;
  Dropout<Real> dropout;  ///< place i * stride + j
  Real* dropped;          ///< the same shape as p; may be p itself where nothing is dropped
};

/// Takes probabilities p, and in g the gradient of dropout(p). p becomes dropout(p), and g becomes the
/// gradient of the unscaled scores: g[j] = scale p[j] (dropout(g)[j] - sum_i dropout(p)[i] g[i]).
template <typename Real>
struct SoftmaxGradientArgs {
  Real* p;
  Real* g;
  std::size_t rows;
  std::size_t n;
  std::size_t stride;
  Real scale;
  Dropout<Real> dropout;
};

/// LayerNormArgs, and what the backward pass needs: normalised = (x - mean) / sqrt(var + epsilon), x = a + b.
template <typename Real>
struct NormArgs {
  const Real* a;
  const Real* b;  ///< or null
  const Real* gain;
  const Real* bias;
  std::size_t rows;
  std::size_t d;
  std::size_t stride;  ///< the stride of all arrays; columns from the padded d to the stride are 0
  Real epsilon;
  Real* out;
  Real* normalised;
  Real* inverse;  ///< [rows] 1 / sqrt(var + epsilon)
};

/// Takes the gradient g of the layer's result. Writes the gradient of x to `out`, and adds the gradients of
/// gain and bias to gain_gradient and bias_gradient.
template <typename Real>
struct NormGradientArgs {
  const Real* g;
  const Real* normalised;
  const Real* inverse;
  const Real* gain;
  std::size_t rows;
  std::size_t d;
  std::size_t stride;
  Real* out;  ///< may be g
  Real* gain_gradient;
  Real* bias_gradient;
};

/// y = dropout(activation(x)). x becomes the derivative of the activation, times the factor of dropout.
template <typename Real>
struct ActivateArgs {
  Real* x;  ///< [rows, width], row i at x + i * stride
  std::size_t rows;
  std::size_t width;  ///< padded
  std::size_t stride;
  Epilogue activation;
  Dropout<Real> dropout;  ///< place i * width + j
  Real* y;                ///< the same shape and stride as x
};

/// The arguments of functions that work element by element, or column by column.
template <typename Real>
struct RowsArgs {
  const Real* x;  ///< [rows, width], row i at x + i * stride
  std::size_t rows;
  std::size_t width;  ///< padded
  std::size_t stride;
  Real* y;
};

template <typename Real>
struct TrainingTable {
  std::size_t panel_width;

  void (*gemm)(const BasicGemmArgs<Real>&);
  void (*outer)(const OuterArgs<Real>&);
  /// The same as KernelTable::transpose_to_panels.
  void (*transpose_to_panels)(const Real* src, std::size_t src_stride, std::size_t rows, std::size_t columns,
                              Real* panels);
  /// Writes src [rows, columns padded] in panels, without transposing it.
  void (*to_panels)(const Real* src, std::size_t src_stride, std::size_t rows, std::size_t columns,
                    Real* panels);
  void (*dropout)(const DropoutArgs<Real>&);
  void (*softmax)(const SoftmaxArgs<Real>&);
  void (*softmax_gradient)(const SoftmaxGradientArgs<Real>&);
  void (*norm)(const NormArgs<Real>&);
  void (*norm_gradient)(const NormGradientArgs<Real>&);
  void (*activate)(const ActivateArgs<Real>&);
  void (*multiply)(const RowsArgs<Real>&);         ///< y[i][j] *= x[i][j]
  void (*add_column_sums)(const RowsArgs<Real>&);  ///< y[j] += x[0][j] + x[1][j] + ..., in that order
};

}  // namespace astrom3::kernels
