// SPDX-License-Identifier: MIT
#include "encoder/tensor_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "base/joined.h"
#include "base/touch_ahead.h"
#include "encoder/checkpoint_layout.h"
#include "formats/half.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

constexpr std::uint32_t kInfinityBits = 0x7F800000u;
constexpr float kLargeWeight = 1e4f;

template <typename T>
T element(std::span<const std::byte> bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
  return value;
}

/// Converts every element of type T with `convert` and appends it.
template <typename T, typename Convert>
void append_converted(std::span<const std::byte> bytes, std::vector<float>& out, Convert convert) {
  const std::size_t first = out.size();
  const std::size_t count = bytes.size() / sizeof(T);
  out.resize(first + count);
  for (std::size_t i = 0; i < count; ++i) out[first + i] = convert(element<T>(bytes, i));
}

/// Appends float16 values; returns the largest magnitude as the bits of a float32.
std::uint32_t append_halves(std::span<const std::byte> bytes, std::vector<float>& out) {
  const std::size_t count = bytes.size() / sizeof(std::uint16_t);
  std::array<std::uint16_t, kHalvesTogether> halves;
  std::array<float, kHalvesTogether> floats;
  std::int16_t largest = 0;
  for (std::size_t first = 0; first < count; first += kHalvesTogether) {
    const std::size_t n = std::min(kHalvesTogether, count - first);
    if (n < kHalvesTogether) halves.fill(0);
    std::memcpy(halves.data(), bytes.data() + first * sizeof halves[0], n * sizeof halves[0]);
    floats_of_f16(halves.data(), floats.data());
    for (const std::uint16_t half : halves) {  // the bits of halves have the same order as their values
      const auto magnitude = static_cast<std::int16_t>(half & 0x7FFFu);
      largest = magnitude > largest ? magnitude : largest;
    }
    // insert() and not resize(), which would first write zeros.
    out.insert(out.end(), floats.begin(), floats.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return std::bit_cast<std::uint32_t>(float_of_f16(static_cast<std::uint16_t>(largest)));
}

/// Row-major coordinates of element `index`: "[17,3]".
std::string coordinates(const std::vector<std::int64_t>& shape, std::uint64_t index) {
  std::vector<std::size_t> at(shape.size());
  for (std::size_t k = shape.size(); k-- > 0;) {
    const auto size = static_cast<std::uint64_t>(shape[k]);
    at[k] = static_cast<std::size_t>(index % size);
    index /= size;
  }
  return fmt::format("[{}]", joined(at, ","));
}

/// Half the distance between neighbouring values just below 1: the largest rounding error of a stored sine.
/// If all values of a wide type are also values of a narrower type, they were stored in the narrower type
/// before, as in an ONNX file that was made of F16 weights; then the narrower type counts.
double rounding_of(std::string_view dtype, std::span<const float> values) {
  const auto all = [values](auto is_stored) { return std::all_of(values.begin(), values.end(), is_stored); };
  if (dtype == "BF16" || all([](float v) { return (std::bit_cast<std::uint32_t>(v) & 0xFFFFu) == 0; }))
    return 0x1p-9;
  if (dtype == "F16" || all([](float v) { return float_of_f16(f16_of_float(v)) == v; })) return 0x1p-12;
  return 0x1p-25;
}

std::vector<std::string> position_suspicions(const Tensor& tensor, std::int64_t seq_len) {
  const std::int64_t d_model = tensor.shape.back();
  const auto width = static_cast<std::size_t>(d_model);
  std::vector<double> expected(static_cast<std::size_t>(seq_len) * width);
  fill_positions(seq_len, d_model, expected.data());
  const double rounding = rounding_of(tensor.dtype, std::span(tensor.data).first(expected.size()));
  double worst = 0;
  std::size_t worst_row = 0;
  bool differs = false;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::size_t row = i / width;
    const double difference = std::fabs(static_cast<double>(tensor.data[i]) - expected[i]);
    // Upstream computes the angle in float32, which is off by up to t * 2^-23 in row t.
    const double tolerance = 1e-5 + rounding + static_cast<double>(row) * 0x1p-23;
    differs = differs || difference > tolerance;
    if (difference > worst) {
      worst = difference;
      worst_row = row;
    }
  }
  if (!differs) return {};
  return {
      fmt::format("differs from the sine-cosine formula by up to {:.3g} (row {}); the stored buffer is used",
                  worst, worst_row)};
}

}  // namespace

TensorValues::TensorValues(const TensorEntry& entry, std::vector<float>& out) : entry_(entry), out_(out) {
  out_.clear();
  out_.reserve(static_cast<std::size_t>(entry.count));
  touch_ahead(out_.data(), out_.capacity() * sizeof(float));
}

void TensorValues::append(std::span<const std::byte> bytes) {
  const std::size_t first = out_.size();
  std::uint32_t bits = 0;
  if (entry_.dtype == Dtype::f32) {
    // insert() and not resize(), which would first write zeros.
    const auto* values = reinterpret_cast<const float*>(bytes.data());
    out_.insert(out_.end(), values, values + bytes.size() / sizeof(float));
  } else if (entry_.dtype == Dtype::f16) {
    bits = append_halves(bytes, out_);
  } else if (entry_.dtype == Dtype::bf16) {
    append_converted<std::uint16_t>(bytes, out_, float_of_bf16);
  } else {
    append_converted<double>(bytes, out_, nearest_float);
  }
  if (entry_.dtype != Dtype::f16) bits = largest_magnitude_bits(std::span(out_).subspan(first));
  largest_bits_ = std::max(largest_bits_, bits);
  if (bits >= kInfinityBits && problem_.empty()) describe_nonfinite(bytes, first);
}

float TensorValues::largest_magnitude() const noexcept {
  return std::bit_cast<float>(largest_bits_);
}

void TensorValues::describe_nonfinite(std::span<const std::byte> bytes, std::size_t first) {
  const auto bad = std::find_if(out_.begin() + static_cast<std::ptrdiff_t>(first), out_.end(),
                                [](float value) { return !std::isfinite(value); });
  const auto index = static_cast<std::size_t>(bad - out_.begin());
  const std::string at = coordinates(entry_.shape, index);
  problem_byte_ = static_cast<std::int64_t>(entry_.file_offset + index * dtype_size(entry_.dtype));
  const double stored = entry_.dtype == Dtype::f64 ? element<double>(bytes, index - first) : *bad;
  if (std::isnan(stored)) {
    problem_ = fmt::format("{} is NaN", at);
  } else if (std::isinf(stored)) {
    problem_ = fmt::format("{} is {}", at, stored > 0 ? "infinite" : "negative infinite");
  } else {
    problem_ = fmt::format("{} is {}, which overflows float32", at, stored);
  }
}

std::uint32_t largest_magnitude_bits(std::span<const float> values) noexcept {
  // The bits of floats without the sign have the same order as the magnitudes, and infinities and NaN come
  // after all finite values. So one maximum of integers is enough, which compilers vectorise.
  std::int32_t largest = 0;
  for (const float value : values) {
    const std::int32_t bits = std::bit_cast<std::int32_t>(value) & 0x7FFFFFFF;
    largest = bits > largest ? bits : largest;
  }
  return static_cast<std::uint32_t>(largest);
}

std::vector<std::string> suspicions(const TensorSpec& spec, const Tensor& tensor, float largest_magnitude,
                                    std::int64_t seq_len) {
  if (spec.role == TensorRole::out_of_class) return {};
  if (spec.role == TensorRole::positions) return position_suspicions(tensor, seq_len);
  std::vector<std::string> out;
  // The bias of a LayerNorm is zero before training, so that a bias of zeros is no sign of a damaged file.
  if (largest_magnitude == 0 && spec.role != TensorRole::norm_bias) {
    out.emplace_back("all values are zero");
  } else if (spec.role == TensorRole::norm_weight) {
    const auto zero = std::find(tensor.data.begin(), tensor.data.end(), 0.0f);
    if (zero != tensor.data.end()) {
      out.push_back(fmt::format("a LayerNorm weight is zero, at [{}]", zero - tensor.data.begin()));
    }
  }
  if (largest_magnitude > kLargeWeight) {
    out.push_back(fmt::format("the largest magnitude is {:.4g}, beyond 1e4", largest_magnitude));
  }
  return out;
}

}  // namespace astrom3
