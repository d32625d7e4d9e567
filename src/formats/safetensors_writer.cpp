// SPDX-License-Identifier: MIT
//
// Writing safetensors: the header is a function of its arguments alone, the bytes follow.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>

#include "base/joined.h"
#include "formats/json.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

std::uint64_t bytes_of(const TensorDeclaration& tensor) {
  std::uint64_t bytes = dtype_size(parse_dtype(tensor.dtype_name));
  for (const std::int64_t size : tensor.shape) bytes *= static_cast<std::uint64_t>(size);
  return bytes;
}

/// The header's length and text, padded with spaces so that the data begins at a multiple of 8.
std::string header_bytes(const std::vector<TensorDeclaration>& tensors,
                         const std::map<std::string, std::string>& metadata) {
  std::string text = "{";
  const auto separate = [&] {
    if (text.size() > 1) text += ',';
  };
  if (!metadata.empty()) {
    text += "\"__metadata__\":{";
    const char* separator = "";
    for (const auto& [key, value] : metadata) {
      text += fmt::format("{}{}:{}", separator, json_quoted(key), json_quoted(value));
      separator = ",";
    }
    text += '}';
  }
  std::uint64_t offset = 0;
  for (const TensorDeclaration& tensor : tensors) {
    separate();
    const std::uint64_t end = offset + bytes_of(tensor);
    text += fmt::format(R"({}:{{"dtype":{},"shape":[{}],"data_offsets":[{},{}]}})", json_quoted(tensor.name),
                        json_quoted(tensor.dtype_name), joined(tensor.shape, ","), offset, end);
    offset = end;
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const auto length = std::bit_cast<std::array<char, 8>>(static_cast<std::uint64_t>(text.size()));
  return std::string(length.begin(), length.end()) + text;
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     const std::vector<TensorDeclaration>& tensors,
                                     const std::map<std::string, std::string>& metadata)
    : file_(path) {
  for (const TensorDeclaration& tensor : tensors) {
    if (parse_dtype(tensor.dtype_name) == Dtype::unknown) {
      throw Error(Status::internal, fmt::format("cannot write dtype {}", escaped(tensor.dtype_name)));
    }
    expected_bytes_ += bytes_of(tensor);
  }
  file_.write(header_bytes(tensors, metadata));
  expected_bytes_ += file_.size();
}

void SafetensorsWriter::write(std::span<const std::byte> bytes) {
  file_.write(bytes);
}

void SafetensorsWriter::commit() {
  if (file_.size() != expected_bytes_) {
    throw Error(Status::internal, fmt::format("{}: wrote {} bytes where the header describes {}",
                                              file_.path().string(), file_.size(), expected_bytes_));
  }
  file_.commit();
}

void write_safetensors(const std::filesystem::path& path, const std::vector<FloatTensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<TensorDeclaration> declarations;
  for (const FloatTensor& tensor : tensors) declarations.push_back({tensor.name, "F32", tensor.shape});
  SafetensorsWriter writer(path, declarations, metadata);
  for (const FloatTensor& tensor : tensors) writer.write(tensor.values);
  writer.commit();
}

}  // namespace astrom3
