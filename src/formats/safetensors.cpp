// SPDX-License-Identifier: MIT
#include "formats/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/regular_file.h"
#include "formats/half.h"

namespace astrom3 {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors values are little-endian");

[[noreturn]] void fail_dtype(const TensorView& tensor, std::string_view needed) {
  throw Error(
      Diagnostic{.code = Status::bad_model,
                 .byte = static_cast<std::int64_t>(tensor.entry->file_offset),
                 .column = tensor.name(),
                 .message = fmt::format("has dtype {}; need {}", escaped(tensor.entry->dtype_name), needed)});
}

/// Elements of type T, which may lie unaligned, each passed through `convert`.
template <typename T, typename Result, typename Convert>
std::vector<Result> converted(const TensorView& tensor, Convert convert) {
  std::vector<Result> out(tensor.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, tensor.bytes.data() + i * sizeof value, sizeof value);
    out[i] = convert(value);
  }
  return out;
}

template <typename T>
std::vector<std::int64_t> integers(const TensorView& tensor) {
  return converted<T, std::int64_t>(tensor, [](T value) { return static_cast<std::int64_t>(value); });
}

}  // namespace

const TensorEntry* SafetensorsHeader::find(std::string_view name) const noexcept {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const TensorEntry& e) { return e.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

SafetensorsFile::SafetensorsFile(std::vector<std::byte> bytes, std::string file,
                                 const SafetensorsLimits& limits)
    : file_(std::move(file)), bytes_(std::move(bytes)) {
  const std::span<const std::byte> all(bytes_);
  const std::size_t length =
      safetensors_header_length(all.first(std::min<std::size_t>(all.size(), 64)), all.size(), file_, limits);
  const std::string_view header(reinterpret_cast<const char*>(all.data()) + 8, length);
  header_ =
      std::make_shared<const SafetensorsHeader>(parse_safetensors_header(header, all.size(), file_, limits));
}

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path, const SafetensorsLimits& limits) {
  const RegularFile file(path, Status::bad_model);
  // The header is checked before memory is allocated for the rest.
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), 64)));
  file.read_at(0, bytes);
  const std::size_t length = safetensors_header_length(bytes, file.size(), path.string(), limits);
  std::string header(length, '\0');
  file.read_at(8, std::as_writable_bytes(std::span(header)));
  parse_safetensors_header(header, file.size(), path.string(), limits);
  bytes.resize(static_cast<std::size_t>(file.size()));
  file.read_at(0, bytes);
  file.require_unchanged();
  return SafetensorsFile(std::move(bytes), path.string(), limits);
}

SafetensorsFile SafetensorsFile::parse(std::vector<std::byte> bytes, const std::string& file,
                                       const SafetensorsLimits& limits) {
  return SafetensorsFile(std::move(bytes), file, limits);
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> out;
  for (const TensorEntry& entry : header_->tensors) out.push_back(entry.name);
  return out;
}

TensorView SafetensorsFile::at(std::string_view name) const {
  const TensorEntry* entry = header_->find(name);
  if (entry == nullptr) {
    throw Error(Diagnostic{.code = Status::bad_model,
                           .file = file_,
                           .column = std::string(name),
                           .message = "there is no tensor of this name"});
  }
  return {entry, std::span<const std::byte>(bytes_).subspan(static_cast<std::size_t>(entry->file_offset),
                                                            static_cast<std::size_t>(entry->byte_size))};
}

std::vector<float> to_float32(const TensorView& tensor) {
  switch (tensor.dtype()) {
    case Dtype::f32: {
      std::vector<float> out(tensor.size());
      if (!out.empty()) std::memcpy(out.data(), tensor.bytes.data(), tensor.bytes.size());
      return out;
    }
    case Dtype::f16:
      return converted<std::uint16_t, float>(tensor, float_of_f16);
    case Dtype::bf16:
      return converted<std::uint16_t, float>(tensor, float_of_bf16);
    case Dtype::f64:
      return converted<double, float>(tensor, nearest_float);
    default:
      fail_dtype(tensor, "F32, F16, BF16 or F64");
  }
}

std::vector<double> to_float64(const TensorView& tensor) {
  if (tensor.dtype() == Dtype::f64) {
    return converted<double, double>(tensor, [](double value) { return value; });
  }
  const std::vector<float> narrow = to_float32(tensor);
  return {narrow.begin(), narrow.end()};
}

std::vector<std::int64_t> to_int64(const TensorView& tensor) {
  switch (tensor.dtype()) {
    case Dtype::i64:
      return integers<std::int64_t>(tensor);
    case Dtype::i32:
      return integers<std::int32_t>(tensor);
    case Dtype::i16:
      return integers<std::int16_t>(tensor);
    case Dtype::i8:
      return integers<std::int8_t>(tensor);
    case Dtype::u32:
      return integers<std::uint32_t>(tensor);
    case Dtype::u16:
      return integers<std::uint16_t>(tensor);
    case Dtype::u8:
    case Dtype::boolean:
      return integers<std::uint8_t>(tensor);
    case Dtype::u64: {
      std::vector<std::int64_t> out = integers<std::uint64_t>(tensor);
      if (std::any_of(out.begin(), out.end(), [](std::int64_t value) { return value < 0; })) {
        fail_dtype(tensor, "values below 2^63");
      }
      return out;
    }
    default:
      fail_dtype(tensor, "an integer type");
  }
}

}  // namespace astrom3
