// SPDX-License-Identifier: MIT
#include "train_step/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "base/aligned_buffer.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/sizes.h"

namespace astrom3::train {
namespace {

std::int64_t extent(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

/// Groups of `from` elements, each at a multiple of `to`.
struct Spread {
  std::size_t from = std::numeric_limits<std::size_t>::max(), to = 0;
  std::size_t operator()(std::size_t i) const { return i / from * to + i % from; }
};

/// Element i of a row-major matrix of `columns` columns in one with padded rows and columns.
std::function<std::size_t(std::size_t)> matrix_place(std::size_t offset, std::size_t columns,
                                                     std::size_t stride, Spread rows = {},
                                                     Spread inner = {}) {
  return [=](std::size_t i) { return offset + rows(i / columns) * stride + inner(i % columns); };
}

const Tensor& find(const TensorsByName& tensors, const std::string& name, const TensorPlace& place) {
  const auto found = tensors.find(name);
  if (found == tensors.end())
    throw Error(Diagnostic{.code = Status::bad_model, .message = fmt::format("tensor {} is missing", name)});
  if (found->second.data.size() != place.count()) {
    throw Error(Diagnostic{.code = Status::bad_model,
                           .message = fmt::format("tensor {} has {} values, expected {}", name,
                                                  found->second.data.size(), place.count())});
  }
  return found->second;
}

}  // namespace

std::size_t TensorPlace::count() const {
  std::size_t n = 1;
  for (const std::int64_t size : shape) n *= static_cast<std::size_t>(size);
  return n;
}

ParameterLayout::ParameterLayout(const EncoderSizes& s) {
  const std::size_t C = s.C, D = s.D;
  embedding = take_linear(s.D_padded, round_up(kKernelWidth * C, kVectorLanes));
  const EncoderNames names = encoder_names(s.layers);
  add(names.token_convolution, {extent(D), extent(C), extent(kKernelWidth)},
      [offset = embedding.weight, stride = embedding.k, C](std::size_t i) {
        const std::size_t j = i % kKernelWidth, c = i / kKernelWidth % C, d = i / kKernelWidth / C;
        return offset + d * stride + j * C + c;
      });
  for (const LayerNames& layer : names.layers) add_layer(s, layer);
  norm = take_norm(s.D_padded);
  add_norm(names.norm, norm, D);
  encoder_size = size;
  if (s.classes != 0) add_head(s, names.head);
}

LinearPlace ParameterLayout::take_linear(std::size_t n, std::size_t k) {
  const LinearPlace place{.weight = size, .bias = size + n * k, .n = n, .k = k};
  decays.push_back({size, n * k});
  size += n * k + n;
  return place;
}

NormPlace ParameterLayout::take_norm(std::size_t width) {
  const NormPlace place{.gain = size, .bias = size + width};
  size += 2 * width;
  return place;
}

void ParameterLayout::add_norm(const AffineNames& name, const NormPlace& place, std::size_t D) {
  add(name.weight, {extent(D)}, matrix_place(place.gain, D, 0));
  add(name.bias, {extent(D)}, matrix_place(place.bias, D, 0));
}

void ParameterLayout::add_layer(const EncoderSizes& s, const LayerNames& names) {
  const std::size_t D = s.D;
  const Spread heads{.from = s.d_head, .to = s.head_padded};
  LayerPlaces layer;
  const auto linear = [&](const AffineNames& name, const LinearPlace& place, std::vector<std::int64_t> shape,
                          std::size_t first_row, Spread rows, Spread columns) {
    const auto n_columns = static_cast<std::size_t>(shape[1]);
    const std::int64_t n_rows = shape[0];
    add(name.weight, std::move(shape),
        matrix_place(place.weight + first_row * place.k, n_columns, place.k, rows, columns));
    add(name.bias, {n_rows},
        [offset = place.bias + first_row, rows](std::size_t i) { return offset + rows(i); });
  };
  layer.qkv = take_linear(3 * s.heads_width, s.D_padded);
  std::size_t first_row = 0;
  for (const AffineNames& part : {names.query, names.key, names.value}) {
    linear(part, layer.qkv, {extent(D), extent(D)}, first_row, heads, {});
    first_row += s.heads_width;
  }
  layer.out = take_linear(s.D_padded, s.heads_width);
  linear(names.out, layer.out, {extent(D), extent(D)}, 0, {}, heads);
  layer.norm1 = take_norm(s.D_padded);
  add_norm(names.norm1, layer.norm1, D);
  layer.conv1 = take_linear(s.ff_padded, s.D_padded);
  linear(names.conv1, layer.conv1, {extent(s.d_ff), extent(D), 1}, 0, {}, {});
  layer.conv2 = take_linear(s.D_padded, s.ff_padded);
  linear(names.conv2, layer.conv2, {extent(D), extent(s.d_ff), 1}, 0, {}, {});
  layer.norm2 = take_norm(s.D_padded);
  add_norm(names.norm2, layer.norm2, D);
  layers.push_back(layer);
}

void ParameterLayout::add_head(const EncoderSizes& s, const AffineNames& names) {
  const std::size_t T = s.T, D = s.D, classes = s.classes, width = s.D_padded;
  head = size;
  decays.push_back({size, T * classes * width});
  size += T * classes * width;
  head_bias = size;
  size += round_up(classes, kVectorLanes);
  add(names.weight, {extent(classes), extent(T * D)}, [=, offset = head](std::size_t i) {
    const std::size_t d = i % D, t = i / D % T, c = i / D / T;
    return offset + (t * classes + c) * width + d;
  });
  add(names.bias, {extent(classes)}, matrix_place(head_bias, classes, 0));
}

void ParameterLayout::add(std::string name, std::vector<std::int64_t> shape,
                          std::function<std::size_t(std::size_t)> place) {
  tensors.push_back({std::move(name), std::move(shape), std::move(place)});
}

void gather(std::span<const TensorPlace> places, const TensorsByName& from, const std::string& prefix,
            std::span<float> parameters) {
  for (const TensorPlace& tensor : places) find(from, prefix + tensor.name, tensor);
  std::fill(parameters.begin(), parameters.end(), 0.0f);
  for (const TensorPlace& tensor : places) {
    const std::vector<float>& data = from.find(prefix + tensor.name)->second.data;
    for (std::size_t i = 0; i < data.size(); ++i) parameters[tensor.place(i)] = data[i];
  }
}

void scatter(std::span<const TensorPlace> places, std::span<const float> parameters,
             const std::string& prefix, TensorsByName& to) {
  for (const TensorPlace& tensor : places) {
    Tensor out{.shape = tensor.shape, .data = std::vector<float>(tensor.count()), .dtype = "F32"};
    for (std::size_t i = 0; i < out.data.size(); ++i) out.data[i] = parameters[tensor.place(i)];
    to[prefix + tensor.name] = std::move(out);
  }
}

}  // namespace astrom3::train
