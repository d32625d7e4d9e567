// SPDX-License-Identifier: MIT
//
// The arithmetic of the encoder: one table of functions for each instruction set.
//
// Goals: the speed of the machine, and the same bits from every table. Not goals: speed for shapes that no
// encoder uses, and matrices in other layouts than those below. Kernels neither throw nor allocate; the
// caller checks the sizes. "Padded" sizes are multiples of 16; padding columns hold zeros and stay zero.
//
// Panels: a matrix [k, n] (n padded) as the right operand of a product is stored as vertical strips
// `panel_width` columns wide (the last one may be 16 wide), one after the other, each row-major. Strip j
// begins at j * panel_width * k.
#pragma once

#include <cstddef>
#include <cstdint>

namespace astrom3::kernels {

enum class Epilogue : std::uint8_t { none, relu, gelu };

/// c[i][j] = epilogue(start[i][j] + a[i][0] b[0][j] + a[i][1] b[1][j] + ...), summed in that order, each
/// step one fused multiply-add.
template <typename Real>
struct BasicGemmArgs {
  const Real* a;  ///< [m, k], row i at a + i * a_stride
  std::size_t a_stride;
  std::size_t m;
  std::size_t k;
  std::size_t n;      ///< padded
  const Real* b;      ///< [k, n] in panels
  const Real* start;  ///< [n], the same for all rows; or [m, n] when start_stride is not 0
  Real* c;            ///< [m, n], row i at c + i * c_stride; or panels when c_stride is 0
  std::size_t c_stride;
  Epilogue epilogue = Epilogue::none;
  std::size_t start_stride = 0;  ///< start may then be c
};
using GemmArgs = BasicGemmArgs<float>;

/// One head of full attention:  out = softmax(scale q k^T) v, row by row.
struct AttentionArgs {
  const float* q;             ///< [n_queries, head_padded]
  const float* k_transposed;  ///< [d_head, keys_padded] in panels
  const float* v;             ///< [n_keys, head_padded] in panels
  std::size_t n_queries;
  std::size_t n_keys;
  std::size_t d_head;
  std::size_t head_padded;
  float scale;    ///< 1/sqrt(d_head)
  float* scores;  ///< scratch, attention_scratch() floats (dispatch.h)
  float* out;     ///< [n_queries, head_padded], row i at out + i * out_stride
  std::size_t out_stride;
};

/// out = (x - mean(x)) / sqrt(var(x) + epsilon) * gain + bias with x = a + b, row by row; biased variance.
struct LayerNormArgs {
  const float* a;  ///< [rows, stride]
  const float* b;  ///< the same shape; null where nothing is added
  const float* gain;
  const float* bias;
  std::size_t rows;
  std::size_t d;       ///< the number of columns without padding
  std::size_t stride;  ///< padded
  float epsilon;
  float* out;  ///< may be a
};

/// mean[j] = sum_t weight[t] h[t][j] / max(sum_t weight[t], 1). The sums run over t in order; rows of weight
/// 0 are skipped.
struct PoolArgs {
  const float* h;       ///< [rows, stride]
  const float* weight;  ///< [rows]
  std::size_t rows;
  std::size_t d;
  std::size_t stride;
  float* mean;  ///< [d]
};

/// logits[c] = bias[c] + sum_{i,j} w[t_i][c][j] weight[i] h[i][j]; rows of weight 0 are skipped.
struct HeadArgs {
  const float* h;             ///< [rows, stride]
  const float* weight;        ///< [rows]
  const std::uint32_t* step;  ///< [rows] t_i, the step to which row i belongs; increasing
  const float* w;             ///< [T, classes_padded, stride]
  const float* bias;          ///< [classes]
  std::size_t rows;
  std::size_t stride;
  std::size_t classes;
  std::size_t classes_padded;  ///< a multiple of kHeadClasses
  float* logits;               ///< [classes]
};
inline constexpr std::size_t kHeadClasses = 4;

/// y[i][j] = max of x[i * window][j], ..., x[i * window + window - 1][j]; NaN where one of them is not
/// finite.
struct MaxPoolArgs {
  const float* x;  ///< [rows * window, stride]
  std::size_t rows;
  std::size_t window;
  std::size_t stride;  ///< padded
  float* y;            ///< [rows, stride]; may be x
};

struct KernelTable {
  std::size_t panel_width;  ///< columns of a full panel
  std::size_t row_block;    ///< rows the matrix kernel takes at a time

  void (*gemm)(const GemmArgs&);
  /// Writes the transpose of src [rows, columns], which is [columns, rows padded], in panels. src has the row
  /// stride src_stride and must be readable up to whole blocks of 16 x 16.
  void (*transpose_to_panels)(const float* src, std::size_t src_stride, std::size_t rows, std::size_t columns,
                              float* panels);
  void (*attention)(const AttentionArgs&);
  void (*layer_norm)(const LayerNormArgs&);
  void (*pool)(const PoolArgs&);
  void (*head)(const HeadArgs&);
  void (*max_pool)(const MaxPoolArgs&);
  void (*exp2)(const float* x, float* y, std::size_t n);  ///< 2^x for x < 127.5; 2^-126 below -126
  void (*gelu)(const float* x, float* y, std::size_t n);  ///< x Phi(x)
};

}  // namespace astrom3::kernels
