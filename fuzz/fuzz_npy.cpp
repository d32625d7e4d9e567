// SPDX-License-Identifier: MIT
//
// Any bytes as a .npy file: an Error, or an array as large as its shape says, that reads back when it is
// written anew.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "astrom3/base/error.h"
#include "formats/npy.h"
#include "input_file.h"

namespace astrom3 {
namespace {

std::string npy_of(const NpyArray& array) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const std::size_t size : array.shape) header += std::to_string(size) + ", ";
  header += "), }\n";
  std::string bytes("\x93NUMPY\x02\x00", 8);
  const auto length = static_cast<std::uint32_t>(header.size());
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(array.values.data()), array.values.size() * sizeof(float));
  return bytes;
}

}  // namespace
}  // namespace astrom3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  static InputFile file;
  NpyArray array;
  try {
    array = read_npy(file.hold(std::as_bytes(std::span(data, size))));
  } catch (const Error& error) {
    require(error.code() == Status::bad_tensors);
    return 0;
  }
  std::size_t n = 1;
  for (const std::size_t length : array.shape) n *= length;
  require(!array.shape.empty() && n == array.values.size());
  const std::string bytes = npy_of(array);
  const NpyArray again = read_npy(file.hold(std::as_bytes(std::span(bytes))));
  require(again.shape == array.shape && again.values.size() == n);
  require(n == 0 || std::memcmp(again.values.data(), array.values.data(), n * sizeof(float)) == 0);
  return 0;
}
