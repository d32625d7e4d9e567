// SPDX-License-Identifier: MIT
//
// Converts floats to bytes, with one scale for each row or for each column.
#include "kernels/int8_table.h"
#include "kernels/int8_tile.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

constexpr std::size_t kTogether = 4;
constexpr float kSmallest = 1e-30f;  // a range below this counts as none: its inverse might overflow

float steps_per_unit(float steps, float range) {
  return range >= kSmallest ? steps / range : 0.0f;
}

/// Quantises several rows at a time, because each ends in a chain of dependent operations.
template <std::size_t Rows>
void quantise_rows(const QuantiseArgs& args, std::size_t first) {
  const float* x = args.x + first * args.stride;
  Vec low[Rows], high[Rows], poison[Rows];
  for (std::size_t i = 0; i < Rows; ++i) {
    low[i] = high[i] = load(x + i * args.stride);
    poison[i] = low[i] * broadcast(0.0f);  // 0, and NaN where the row is not finite
  }
  for (std::size_t j = kLanes; j < args.n; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec v = load(x + i * args.stride + j);
      low[i] = min(low[i], v);
      high[i] = max(high[i], v);
      poison[i] = fma(v, broadcast(0.0f), poison[i]);
    }
  }
  Vec origin[Rows], inverse[Rows];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) {
    const float bottom = -largest(broadcast(0.0f) - low[i]);
    const float range = largest(high[i]) - bottom;
    args.out.scale[first + i] = range / 255.0f + sum(poison[i]);
    args.out.low[first + i] = bottom;
    origin[i] = broadcast(bottom);
    inverse[i] = broadcast(steps_per_unit(255.0f, range));
  }
  const Vec bias = broadcast(kByteBias);
  std::uint8_t* q = args.out.q + first * args.out.stride;
  for (std::size_t j = 0; j < args.n; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec v = load(x + i * args.stride + j) - origin[i];
      store_low_bytes(q + i * args.out.stride + j, fma(v, inverse[i], bias));
    }
  }
}

/// The largest magnitude in a row of n values; NaN where one of them is not finite.
float largest_magnitude(const float* x, std::size_t n) {
  Vec top = broadcast(0.0f), poison = broadcast(0.0f);
  for (std::size_t j = 0; j < n; j += kLanes) {
    const Vec v = load(x + j);
    top = max(top, abs(v));
    poison = fma(v, broadcast(0.0f), poison);
  }
  return largest(top) + sum(poison);
}

/// The largest magnitude among the n values of a row and the sums of its elements 2 i and 2 i + 1; NaN where
/// a value is not finite.
float largest_pair(const float* x, std::size_t n) {
  Vec top = broadcast(0.0f), poison = broadcast(0.0f);
  for (std::size_t j = 0; j < n; j += kLanes) {
    const Vec v = load(x + j);
    top = max(max(top, abs(v)), abs(v + swap_neighbours(v)));
    poison = fma(v, broadcast(0.0f), poison);
  }
  return largest(top) + sum(poison);
}

void quantise_queries(const Int8HeadArgs& args) {
  const std::size_t n = args.head_padded;
  for (std::size_t i = 0; i < args.n_queries; ++i) {
    const float* x = args.q + i * n;
    const float top = largest_magnitude(x, n);
    args.out.q_scale[i] = top / 127.0f;
    const Vec inverse = broadcast(steps_per_unit(127.0f, top)), bias = broadcast(kByteBias + 128.0f);
    for (std::size_t j = 0; j < n; j += kLanes) {
      store_low_bytes(args.out.q + i * n + j, fma(load(x + j), inverse, bias));
    }
  }
}

void quantise_keys(const Int8HeadArgs& args) {
  const std::size_t n = args.head_padded;
  const std::size_t keys_padded = (args.n_keys + kLanes - 1) / kLanes * kLanes;
  for (std::size_t key = 0; key < keys_padded; ++key) {
    const bool there = key < args.n_keys;
    const float* x = args.k + key * n;
    const float top = there ? largest_pair(x, n) : 0.0f;
    args.out.k_scale[key] = top / 127.0f;
    const Vec inverse = broadcast(steps_per_unit(127.0f, top)), bias = broadcast(kByteBias);
    const std::size_t strip = key / kInt8PanelWidth * kInt8PanelWidth;
    const std::size_t width = int8_strip(strip, keys_padded);
    std::int8_t* column = args.out.k + strip * n + (key - strip) * kQuad;
    Vec total = broadcast(0.0f);
    for (std::size_t j = 0; j < n; j += kLanes) {
      const Vec biased = there ? fma(load(x + j), inverse, bias) : bias;
      total = total + (biased - bias);
      alignas(16) std::uint8_t bytes[kLanes];
      store_low_bytes(bytes, biased);
      for (std::size_t i = 0; i < kLanes; i += kQuad) {
        __builtin_memcpy(column + (j + i) * width, bytes + i, kQuad);
      }
    }
    const float bytes_sum = sum(total);
    args.out.k_sum[key] = bytes_sum == bytes_sum ? -128 * static_cast<std::int32_t>(bytes_sum) : 0;
  }
}

void quantise_values(const Int8HeadArgs& args) {
  const std::size_t n = args.head_padded;
  const std::size_t keys_padded = (args.n_keys + kLanes - 1) / kLanes * kLanes;
  for (std::size_t j = 0; j < n; j += kLanes) {
    Vec top = broadcast(0.0f), poison = broadcast(0.0f), before = broadcast(0.0f);
    for (std::size_t key = 0; key < args.n_keys; ++key) {
      const Vec v = load(args.v + key * n + j);
      top = max(top, abs(v));
      if (key % 2 == 1) top = max(top, abs(before + v));
      before = v;
      poison = fma(v, broadcast(0.0f), poison);
    }
    store(args.out.v_scale + j, top / broadcast(127.0f) + poison);
    const Vec steps = broadcast(127.0f) / top, bias = broadcast(kByteBias);
    const Vec inverse = where_at_least(top, broadcast(kSmallest), steps, broadcast(0.0f));
    const std::size_t strip = j / kInt8PanelWidth * kInt8PanelWidth;
    const std::size_t width = int8_strip(strip, n);
    std::int8_t* column = args.out.v + strip * keys_padded + (j - strip) * kQuad;
    for (std::size_t key = 0; key < keys_padded; key += kQuad) {
      Vec row[kQuad];
      for (std::size_t r = 0; r < kQuad; ++r) {
        row[r] = key + r < args.n_keys ? fma(load(args.v + (key + r) * n + j), inverse, bias) : bias;
      }
      store_low_bytes(column + key * width, row[0], row[1], row[2], row[3]);
    }
  }
}

}  // namespace

void int8_quantise(const QuantiseArgs& args) {
  std::size_t i = 0;
  for (; i + kTogether <= args.rows; i += kTogether) quantise_rows<kTogether>(args, i);
  for (; i < args.rows; ++i) quantise_rows<1>(args, i);
}

void int8_quantise_head(const Int8HeadArgs& args) {
  quantise_queries(args);
  quantise_keys(args);
  quantise_values(args);
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
