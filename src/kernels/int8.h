// SPDX-License-Identifier: MIT
//
// Matrix products in eight bits: the kernels of `--precision int8`, one table per instruction set.
//
// The left operand is quantised row by row while the encoder runs, x = low + scale q with q in 0..255; the
// right one column by column in advance, w = scale q with q in -127..127. The scale of a column is such that
// the sum of steps 2 i and 2 i + 1 of k is in -128..128, too: 255 times as much fits the 16 bits in which
// AVX2 sums the products of such pairs. Sums of products of q are integers, which are exact in any order;
// operations on floats have one fixed order. So every table gives the same bits here, too.
//
// Panels: as in kernels.h, but four steps of k lie side by side: quad r of strip j holds, column by column,
// the four bytes of steps 4 r to 4 r + 3. Depths are multiples of 4, padded with zeros in the right operand.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace astrom3::kernels {

/// Rows of floats in eight bits: x[i][j] = low[i] + scale[i] q[i][j].
struct QuantisedRows {
  std::uint8_t* q;
  std::size_t stride;
  float* scale;
  float* low;
};

struct QuantiseArgs {
  const float* x;  ///< [rows, n], row i at x + i * stride
  std::size_t stride;
  std::size_t rows;
  std::size_t n;  ///< padded
  /// scale = (max - min) / 255 of the row and low = min; a row that is not finite gets a scale of NaN.
  QuantisedRows out;
};

/// c[i][j] = epilogue(bias[j] + low[i] b_sum[j] + scale[i] b_scale[j] sum_k a[i][k] b[k][j]).
struct Int8GemmArgs {
  QuantisedRows a;
  std::size_t m;
  std::size_t k;         ///< a multiple of 4
  std::size_t n;         ///< padded
  const std::int8_t* b;  ///< [k, n] in panels of quads; |b[2 i][j] + b[2 i + 1][j]| <= 128
  const float* b_scale;  ///< [n]
  const float* b_sum;    ///< [n] b_scale[j] sum_k b[k][j]
  const float* bias;     ///< [n]
  float* c;              ///< [m, n], row i at c + i * c_stride; or panels (kernels.h) when c_stride is 0
  std::size_t c_stride;
  Epilogue epilogue = Epilogue::none;
};

/// The queries, keys and values of one head in eight bits. Queries and keys have one scale for each row,
/// values one for each column. The bytes of queries are q + 128.
struct Int8Head {
  std::uint8_t* q;      ///< [n_queries, head_padded]
  float* q_scale;       ///< [n_queries]
  std::int8_t* k;       ///< [head_padded, keys_padded] in panels of quads
  float* k_scale;       ///< [keys_padded]
  std::int32_t* k_sum;  ///< [keys_padded] -128 times the sum of a key
  std::int8_t* v;       ///< [keys_padded, head_padded] in panels of quads
  float* v_scale;       ///< [head_padded]
};

struct Int8HeadArgs {
  const float* q;  ///< [n_queries, head_padded]
  const float* k;  ///< [n_keys, head_padded]
  const float* v;  ///< [n_keys, head_padded]
  std::size_t n_queries, n_keys, head_padded;
  Int8Head out;
};

/// One head of full attention: out = softmax(scale q k^T) v. The exponentials, at most 1, are rounded to
/// multiples of 1/255 and summed as such.
struct Int8AttentionArgs {
  Int8Head head;
  std::size_t n_queries, n_keys, head_padded;
  float scale;            ///< 1/sqrt(d_head)
  float* scores;          ///< scratch, attention_scratch() floats (dispatch.h)
  std::uint8_t* weights;  ///< scratch, [row_block, keys_padded]
  float* out;             ///< [n_queries, head_padded], row i at out + i * out_stride
  std::size_t out_stride;
};

struct Int8KernelTable {
  /// The name of the extension that the CPU needs beyond the instruction set, or null; and whether this CPU
  /// has it.
  const char* needs;
  bool (*available)();
  std::size_t panel_width;
  std::size_t row_block;
  void (*quantise)(const QuantiseArgs&);
  void (*gemm)(const Int8GemmArgs&);
  void (*quantise_head)(const Int8HeadArgs&);
  void (*attention)(const Int8AttentionArgs&);
};

}  // namespace astrom3::kernels
