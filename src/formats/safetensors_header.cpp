// SPDX-License-Identifier: MIT
//
// The safetensors header: from untrusted bytes to checked tensor entries.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/joined.h"
#include "formats/json.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::string_view kMetadataKey = "__metadata__";

struct DtypeRow {
  std::string_view name;
  Dtype dtype;
  std::size_t size;
};
constexpr std::array kDtypes{
    DtypeRow{"BOOL", Dtype::boolean, 1}, DtypeRow{"U8", Dtype::u8, 1},      DtypeRow{"I8", Dtype::i8, 1},
    DtypeRow{"F8_E4M3", Dtype::f8, 1},   DtypeRow{"F8_E5M2", Dtype::f8, 1}, DtypeRow{"U16", Dtype::u16, 2},
    DtypeRow{"I16", Dtype::i16, 2},      DtypeRow{"F16", Dtype::f16, 2},    DtypeRow{"BF16", Dtype::bf16, 2},
    DtypeRow{"U32", Dtype::u32, 4},      DtypeRow{"I32", Dtype::i32, 4},    DtypeRow{"F32", Dtype::f32, 4},
    DtypeRow{"U64", Dtype::u64, 8},      DtypeRow{"I64", Dtype::i64, 8},    DtypeRow{"F64", Dtype::f64, 8},
    DtypeRow{"C64", Dtype::c64, 8},
};

/// The name of another kind of file, by its first bytes.
struct Lookalike {
  std::string_view magic;
  std::string_view message;
};
constexpr std::string_view kPickle = "this is a PyTorch pickle, which is not read (unsafe)";
constexpr std::array kLookalikes{
    Lookalike{"version https://git-lfs", "this is a Git LFS pointer, not the weights"},
    Lookalike{"<!DOCTYPE", "this is an HTML page, not the weights"},
    Lookalike{"<!doctype", "this is an HTML page, not the weights"},
    Lookalike{"<html", "this is an HTML page, not the weights"},
    Lookalike{"<HTML", "this is an HTML page, not the weights"},
    Lookalike{"PK\x03\x04",
              "this is a zip archive, as PyTorch's pickle files are, which is not read (unsafe)"},
    Lookalike{"\x80\x02", kPickle},
    Lookalike{"\x80\x03", kPickle},
    Lookalike{"\x80\x04", kPickle},
    Lookalike{"\x80\x05", kPickle},
    Lookalike{"GGUF", "this is a GGUF file, not safetensors"},
    Lookalike{"\x1f\x8b", "this file is gzip-compressed; unpack it first"},
    Lookalike{"\x89HDF\r\n", "this is an HDF5 file, not safetensors"},
    Lookalike{"\x93NUMPY", "this is an NPY file, not safetensors"},
};

[[noreturn]] void fail(const std::string& file, std::int64_t byte, std::string message,
                       std::string tensor = {}, std::string hint = {}) {
  throw Error(Diagnostic{.code = Status::bad_model,
                         .file = file,
                         .byte = byte,
                         .column = std::move(tensor),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

std::optional<std::string> recognised(std::string_view head) {
  for (const Lookalike& other : kLookalikes) {
    if (head.starts_with(other.magic)) return std::string(other.message);
  }
  // An ONNX model is a protobuf: field 1 (ir_version, a small number), then the producer's name or
  // domain as a length-delimited field.
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
  if (head.size() >= 4 && byte(0) == 0x08 && byte(1) < 0x20 && (byte(2) == 0x12 || byte(2) == 0x1A)) {
    return "this looks like an ONNX model, not safetensors";
  }
  if (const auto text = head.find_first_not_of(" \t\r\n"); text != 0 && text != std::string_view::npos) {
    if (head.substr(text).starts_with("<")) return "this is an HTML page, not the weights";
  }
  return std::nullopt;
}

/// Reads the entries of one header; holds what every message needs.
class SafetensorsHeaderReader {
 public:
  SafetensorsHeaderReader(const std::string& file, std::uint64_t file_size, std::uint64_t data_begin,
                          const SafetensorsLimits& limits)
      : file_(file), data_begin_(data_begin), data_size_(file_size - data_begin), limits_(limits) {}

  SafetensorsHeader read(const JsonValue& root) const {
    SafetensorsHeader header;
    header.data_begin = data_begin_;
    for (std::size_t i = 0; i < root.keys.size(); ++i) {
      if (root.keys[i] == kMetadataKey) {
        header.metadata = metadata(root.elements[i]);
      } else {
        header.tensors.push_back(entry(root.keys[i], root.elements[i]));
      }
    }
    require_exact_cover(header.tensors);
    return header;
  }

 private:
  [[noreturn]] void fail_in(const JsonValue& where, const std::string& tensor, std::string message) const {
    fail(file_, static_cast<std::int64_t>(kLengthBytes + where.offset), std::move(message), tensor);
  }

  std::map<std::string, std::string> metadata(const JsonValue& object) const {
    const std::string name(kMetadataKey);
    if (!object.is(JsonKind::object)) {
      fail_in(object, name, fmt::format("must be an object, found {}", object.described()));
    }
    if (object.keys.size() > limits_.max_metadata_entries) {
      fail_in(object, name,
              fmt::format("has {} entries; at most {} are read", object.keys.size(),
                          limits_.max_metadata_entries));
    }
    std::map<std::string, std::string> out;
    for (std::size_t i = 0; i < object.keys.size(); ++i) {
      const JsonValue& value = object.elements[i];
      if (!value.is(JsonKind::string)) {
        fail_in(value, name,
                fmt::format("\"{}\" must be a string, found {}", escaped(object.keys[i]), value.described()));
      }
      out.emplace(object.keys[i], value.text);
    }
    return out;
  }

  void check_name(const std::string& name, const JsonValue& value) const {
    if (name.empty()) fail_in(value, {}, "a tensor has an empty name");
    if (name.size() > limits_.max_name_bytes) {
      fail_in(value, name,
              fmt::format("a tensor's name has {} bytes; at most {} are read", name.size(),
                          limits_.max_name_bytes));
    }
    const bool control = std::any_of(
        name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
    if (control) fail_in(value, name, "a tensor's name holds a control character");
    if (name.front() == '/' || name.starts_with("../") || name.find("/../") != std::string::npos) {
      fail_in(value, name, "a tensor's name reads like a path");
    }
  }

  TensorEntry entry(const std::string& name, const JsonValue& value) const {
    check_name(name, value);
    if (!value.is(JsonKind::object)) {
      fail_in(value, name, fmt::format("must be an object, found {}", value.described()));
    }
    TensorEntry out;
    out.name = name;
    const JsonValue& dtype = member(value, name, "dtype");
    if (!dtype.is(JsonKind::string)) {
      fail_in(dtype, name, fmt::format("dtype must be a string, found {}", dtype.described()));
    }
    out.dtype_name = dtype.text;
    out.dtype = parse_dtype(dtype.text);
    read_shape(member(value, name, "shape"), out);
    read_offsets(member(value, name, "data_offsets"), out);
    return out;
  }

  const JsonValue& member(const JsonValue& object, const std::string& tensor, std::string_view key) const {
    const JsonValue* found = object.find(key);
    if (found == nullptr) fail_in(object, tensor, fmt::format("has no \"{}\"", key));
    return *found;
  }

  void read_shape(const JsonValue& shape, TensorEntry& out) const {
    if (!shape.is(JsonKind::array)) {
      fail_in(shape, out.name, fmt::format("shape must be an array, found {}", shape.described()));
    }
    if (shape.elements.size() > limits_.max_rank) {
      fail_in(shape, out.name,
              fmt::format("has rank {}; at most {} is read", shape.elements.size(), limits_.max_rank));
    }
    // The product leaves out zeros, so that a size that overflows is an error in an empty tensor, too.
    std::uint64_t product = std::max<std::uint64_t>(dtype_size(out.dtype), 1);
    std::uint64_t count = 1;
    for (const JsonValue& size : shape.elements) {
      if (!size.is(JsonKind::unsigned_integer) && !overflows(size)) {
        fail_in(size, out.name,
                fmt::format("shape must hold non-negative integers, found {}", size.described()));
      }
      const std::uint64_t n = size.unsigned_value;
      if (overflows(size) || __builtin_mul_overflow(product, std::max<std::uint64_t>(n, 1), &product) ||
          product > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        fail_in(shape, out.name, fmt::format("shape overflows at {}", size.described()));
      }
      count *= n;
      out.shape.push_back(static_cast<std::int64_t>(n));
    }
    out.count = count;
  }

  /// A whole number with more digits than 64 bits hold.
  static bool overflows(const JsonValue& value) {
    return value.is(JsonKind::floating) && value.text.find_first_not_of("0123456789") == std::string::npos;
  }

  void read_offsets(const JsonValue& offsets, TensorEntry& out) const {
    constexpr std::uint64_t kMaxOffset = std::uint64_t{1} << 53;  // beyond it JSON readers disagree
    const bool are_two = offsets.is(JsonKind::array) && offsets.elements.size() == 2;
    const bool are_offsets =
        are_two && std::all_of(offsets.elements.begin(), offsets.elements.end(), [](const JsonValue& value) {
          return value.is(JsonKind::unsigned_integer) && value.unsigned_value <= kMaxOffset;
        });
    if (!are_offsets || offsets.elements[0].unsigned_value > offsets.elements[1].unsigned_value) {
      fail_in(
          offsets, out.name,
          fmt::format("data_offsets must be two non-negative integers in order, found {}", spelt(offsets)));
    }
    out.file_offset = data_begin_ + offsets.elements[0].unsigned_value;
    out.byte_size = offsets.elements[1].unsigned_value - offsets.elements[0].unsigned_value;
    const std::size_t size = dtype_size(out.dtype);
    if (size != 0 && out.byte_size != out.count * size) {
      fail_in(offsets, out.name,
              fmt::format("data_offsets span {} bytes, but shape [{}] of {} takes {}", out.byte_size,
                          joined(out.shape, ","), out.dtype_name, out.count * size));
    }
  }

  static std::string spelt(const JsonValue& value) {
    if (!value.is(JsonKind::array) || value.elements.size() > 4) return value.described();
    std::string out = "[";
    for (const JsonValue& element : value.elements) {
      out += (out.size() > 1 ? "," : "") + element.described();
    }
    return out + "]";
  }

  /// Sorts by position; the tensors must fill the data section without overlap, hole or remainder.
  void require_exact_cover(std::vector<TensorEntry>& tensors) const {
    std::stable_sort(tensors.begin(), tensors.end(), [](const TensorEntry& a, const TensorEntry& b) {
      return std::pair(a.file_offset, a.byte_size) < std::pair(b.file_offset, b.byte_size);
    });
    std::uint64_t end = data_begin_;
    const TensorEntry* previous = nullptr;
    for (const TensorEntry& tensor : tensors) {
      const auto byte = static_cast<std::int64_t>(tensor.file_offset);
      if (tensor.file_offset < end) {
        fail(file_, byte, fmt::format("overlaps tensor \"{}\"", escaped(previous->name)), tensor.name);
      }
      if (tensor.file_offset > end) {
        fail(file_, byte, fmt::format("a hole of {} bytes before this tensor", tensor.file_offset - end),
             tensor.name);
      }
      end += tensor.byte_size;
      previous = &tensor;
    }
    if (end - data_begin_ != data_size_) {
      fail(
          file_, static_cast<std::int64_t>(data_begin_),
          fmt::format("the data section is {} bytes, the header describes {}", data_size_, end - data_begin_),
          {}, end - data_begin_ > data_size_ ? "the file was cut: copy or download it again" : "");
    }
  }

  const std::string& file_;
  std::uint64_t data_begin_;
  std::uint64_t data_size_;
  const SafetensorsLimits& limits_;
};

}  // namespace

std::size_t dtype_size(Dtype dtype) noexcept {
  for (const DtypeRow& row : kDtypes) {
    if (row.dtype == dtype) return row.size;
  }
  return 0;
}

Dtype parse_dtype(std::string_view name) noexcept {
  for (const DtypeRow& row : kDtypes) {
    if (row.name == name) return row.dtype;
  }
  return Dtype::unknown;
}

std::size_t safetensors_header_length(std::span<const std::byte> head, std::uint64_t file_size,
                                      const std::string& file, const SafetensorsLimits& limits) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  const auto reject = [&](std::string message) {
    if (const auto other = recognised(text)) {
      fail(file, 0, *other, {}, "the weights are a file named model.safetensors");
    }
    fail(file, 0, std::move(message));
  };
  if (file_size < kLengthBytes || head.size() < kLengthBytes) {
    reject(fmt::format("file is {} bytes; a safetensors file needs at least 8", file_size));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, head.data(), sizeof length);
  if (length > file_size - kLengthBytes) {
    reject(fmt::format("header claims {} bytes, file has {}", length, file_size));
  }
  if (length > limits.max_header_bytes) {
    reject(fmt::format("header larger than limit: {} bytes, at most {} are read", length,
                       limits.max_header_bytes));
  }
  if (length == 0) reject("header is empty; expected JSON");
  if (head.size() > kLengthBytes && text[kLengthBytes] != '{') {
    reject(fmt::format("header must begin with '{{', found \"{}\"", escaped(text.substr(kLengthBytes, 1))));
  }
  return static_cast<std::size_t>(length);
}

SafetensorsHeader parse_safetensors_header(std::string_view header, std::uint64_t file_size,
                                           const std::string& file, const SafetensorsLimits& limits) {
  const std::uint64_t data_begin = kLengthBytes + header.size();
  if (!header.starts_with('{') || data_begin > file_size) {
    fail(file, kLengthBytes, "header must begin with '{' and lie in the file");
  }
  const JsonSource source{.code = Status::bad_model, .file = file, .first_byte = kLengthBytes};
  const JsonValue root = parse_json(header, source);
  return SafetensorsHeaderReader(file, file_size, data_begin, limits).read(root);
}

}  // namespace astrom3
