// SPDX-License-Identifier: MIT
//
// Writing safetensors: the header is a function of its arguments alone, the bytes follow.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"
#include "formats/json_writer.h"
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
  JsonWriter json;
  json.begin_object();
  if (!metadata.empty()) json.key("__metadata__").object(metadata);
  std::uint64_t offset = 0;
  for (const TensorDeclaration& tensor : tensors) {
    const std::uint64_t end = offset + bytes_of(tensor);
    json.key(tensor.name).begin_object().member("dtype", tensor.dtype_name);
    json.key("shape").array(tensor.shape);
    json.key("data_offsets").begin_array().value(offset).value(end).end().end();
    offset = end;
  }
  std::string text = json.end().take();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const auto length = std::bit_cast<std::array<char, 8>>(static_cast<std::uint64_t>(text.size()));
  return std::string(length.begin(), length.end()) + text;
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     const std::vector<TensorDeclaration>& tensors,
                                     const std::map<std::string, std::string>& metadata, Links links)
    : file_(path, links) {
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

AtomicFile& SafetensorsWriter::complete_file() {
  if (file_.size() != expected_bytes_) {
    throw Error(Status::internal, fmt::format("{}: wrote {} bytes where the header describes {}",
                                              file_.path().string(), file_.size(), expected_bytes_));
  }
  return file_;
}

void write_safetensors(const std::filesystem::path& path, const std::vector<FloatTensor>& tensors,
                       const std::map<std::string, std::string>& metadata, Links links) {
  std::vector<TensorDeclaration> declarations;
  for (const FloatTensor& tensor : tensors) declarations.push_back({tensor.name, "F32", tensor.shape});
  SafetensorsWriter writer(path, declarations, metadata, links);
  for (const FloatTensor& tensor : tensors) writer.write(tensor.values);
  writer.commit();
}

}  // namespace astrom3
