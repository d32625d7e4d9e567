// SPDX-License-Identifier: MIT
//
// The slow twin of the training kernels: their formulas in double, one element at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/training.h"

namespace astrom3::plain {

inline constexpr std::size_t kPanelWidth = 16;

/// Element (row, column) of a matrix of `rows` rows in panels.
inline std::size_t panel_place(std::size_t rows, std::size_t row, std::size_t column) {
  return column / kPanelWidth * kPanelWidth * rows + row * kPanelWidth + column % kPanelWidth;
}

inline std::uint32_t lowbias32(std::uint32_t x, const std::uint32_t (&key)[2]) {
  x += key[0];
  x ^= x >> 16;
  x *= 0x7feb352du;
  x += key[1];
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x;
}

/// What dropout multiplies the value at `place` with.
inline double dropout_factor(const kernels::Dropout<double>& dropout, std::size_t place) {
  return lowbias32(static_cast<std::uint32_t>(place), dropout.key) >= dropout.threshold ? dropout.scale : 0;
}

inline void gemm(const kernels::BasicGemmArgs<double>& args) {
  std::vector<double> row(args.n);  // start may be c
  for (std::size_t i = 0; i < args.m; ++i) {
    for (std::size_t j = 0; j < args.n; ++j) {
      row[j] = args.start[i * args.start_stride + j];
      for (std::size_t x = 0; x < args.k; ++x)
        row[j] += args.a[i * args.a_stride + x] * args.b[panel_place(args.k, x, j)];
    }
    std::copy(row.begin(), row.end(), args.c + i * args.c_stride);
  }
}

inline void outer(const kernels::OuterArgs<double>& args) {
  for (std::size_t t = 0; t < args.rows; ++t) {
    for (std::size_t i = 0; i < args.m; ++i) {
      for (std::size_t j = 0; j < args.n; ++j)
        args.c[i * args.c_stride + j] += args.a[t * args.a_stride + i] * args.b[t * args.b_stride + j];
    }
  }
}

inline void to_panels(const double* src, std::size_t stride, std::size_t rows, std::size_t columns,
                      double* panels) {
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) panels[panel_place(rows, i, j)] = src[i * stride + j];
  }
}

inline void transpose_to_panels(const double* src, std::size_t stride, std::size_t rows, std::size_t columns,
                                double* panels) {
  for (std::size_t i = 0; i < (rows + 15) / 16 * 16; ++i) {
    for (std::size_t j = 0; j < columns; ++j)
      panels[panel_place(columns, j, i)] = i < rows ? src[i * stride + j] : 0.0;
  }
}

inline void dropout(const kernels::DropoutArgs<double>& args) {
  for (std::size_t i = 0; i < args.rows; ++i) {
    for (std::size_t j = 0; j < args.width; ++j)
      args.y[i * args.stride + j] =
          args.x[i * args.stride + j] * dropout_factor(args.dropout, i * args.width + j);
  }
}

inline void softmax(const kernels::SoftmaxArgs<double>& args) {
  for (std::size_t i = 0; i < args.rows; ++i) {
    double* p = args.p + i * args.stride;
    const double top = *std::max_element(p, p + args.n);
    double total = 0;
    for (std::size_t j = 0; j < args.stride; ++j) {
      p[j] = j < args.n ? std::exp(args.scale * (p[j] - top)) : 0;
      total += p[j];
    }
    for (std::size_t j = 0; j < args.stride; ++j) {
      p[j] /= total;
      const std::size_t place = i * args.stride + j;
      if (args.dropout.threshold != 0) args.dropped[place] = p[j] * dropout_factor(args.dropout, place);
    }
  }
}

inline void softmax_gradient(const kernels::SoftmaxGradientArgs<double>& args) {
  for (std::size_t i = 0; i < args.rows; ++i) {
    double mean = 0;
    for (std::size_t place = i * args.stride; place < (i + 1) * args.stride; ++place) {
      args.g[place] *= dropout_factor(args.dropout, place);
      mean += args.p[place] * args.g[place];
    }
    for (std::size_t place = i * args.stride; place < (i + 1) * args.stride; ++place) {
      args.g[place] = args.scale * args.p[place] * (args.g[place] - mean);
      args.p[place] *= dropout_factor(args.dropout, place);
    }
  }
}

inline void norm(const kernels::NormArgs<double>& args) {
  const auto d = static_cast<double>(args.d);
  for (std::size_t i = 0; i < args.rows; ++i) {
    const std::size_t row = i * args.stride;
    std::vector<double> x(args.d);
    double mean = 0, variance = 0;
    for (std::size_t j = 0; j < args.d; ++j) {
      x[j] = args.a[row + j] + (args.b == nullptr ? 0 : args.b[row + j]);
      mean += x[j] / d;
    }
    for (const double v : x) variance += (v - mean) * (v - mean) / d;
    args.inverse[i] = 1 / std::sqrt(variance + args.epsilon);
    for (std::size_t j = 0; j < args.d; ++j) {
      args.normalised[row + j] = (x[j] - mean) * args.inverse[i];
      args.out[row + j] = args.normalised[row + j] * args.gain[j] + args.bias[j];
    }
  }
}

inline void norm_gradient(const kernels::NormGradientArgs<double>& args) {
  const auto d = static_cast<double>(args.d);
  for (std::size_t i = 0; i < args.rows; ++i) {
    const std::size_t row = i * args.stride;
    double mean = 0, slope = 0;
    for (std::size_t j = 0; j < args.d; ++j) {
      args.bias_gradient[j] += args.g[row + j];
      args.gain_gradient[j] += args.g[row + j] * args.normalised[row + j];
      mean += args.g[row + j] * args.gain[j] / d;
      slope += args.g[row + j] * args.gain[j] * args.normalised[row + j] / d;
    }
    for (std::size_t j = 0; j < args.d; ++j) {
      args.out[row + j] =
          (args.g[row + j] * args.gain[j] - mean - args.normalised[row + j] * slope) * args.inverse[i];
    }
  }
}

/// Phi(x) + x phi(x).
inline double gelu_slope(double x) {
  return 0.5 * std::erfc(-x * M_SQRT1_2) + x * std::exp(-x * x / 2) / std::sqrt(2 * M_PI);
}

inline void activate(const kernels::ActivateArgs<double>& args) {
  for (std::size_t i = 0; i < args.rows; ++i) {
    for (std::size_t j = 0; j < args.width; ++j) {
      const std::size_t at = i * args.stride + j;
      const double x = args.x[at], factor = dropout_factor(args.dropout, i * args.width + j);
      const bool gelu = args.activation == kernels::Epilogue::gelu;
      args.y[at] = factor * (gelu ? x * 0.5 * std::erfc(-x * M_SQRT1_2) : std::max(x, 0.0));
      args.x[at] = factor * (gelu ? gelu_slope(x) : x > 0 ? 1 : 0);
    }
  }
}

inline void multiply(const kernels::RowsArgs<double>& args) {
  for (std::size_t i = 0; i < args.rows; ++i) {
    for (std::size_t j = 0; j < args.width; ++j) args.y[i * args.stride + j] *= args.x[i * args.stride + j];
  }
}

inline void add_column_sums(const kernels::RowsArgs<double>& args) {
  for (std::size_t i = 0; i < args.rows; ++i) {
    for (std::size_t j = 0; j < args.width; ++j) args.y[j] += args.x[i * args.stride + j];
  }
}

inline constexpr kernels::TrainingTable<double> kTraining = {.panel_width = kPanelWidth,
                                                             .gemm = gemm,
                                                             .outer = outer,
                                                             .transpose_to_panels = transpose_to_panels,
                                                             .to_panels = to_panels,
                                                             .dropout = dropout,
                                                             .softmax = softmax,
                                                             .softmax_gradient = softmax_gradient,
                                                             .norm = norm,
                                                             .norm_gradient = norm_gradient,
                                                             .activate = activate,
                                                             .multiply = multiply,
                                                             .add_column_sums = add_column_sums};

}  // namespace astrom3::plain
