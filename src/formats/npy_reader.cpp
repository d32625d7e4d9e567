// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/checked_product.h"
#include "base/memory_size.h"
#include "formats/byte_reader.h"
#include "formats/npy.h"

namespace astrom3 {
namespace {

constexpr std::string_view kMagicOfAnyVersion{"\x93NUMPY", 6};
constexpr std::size_t kMaxHeader = 1 << 16;
constexpr std::size_t kMaxAxes = 8;

[[noreturn]] void fail(const std::filesystem::path& file, std::string message) {
  throw Error(Diagnostic{.code = Status::bad_tensors, .file = file.string(), .message = std::move(message)});
}

void read_exactly(ByteReader& reader, std::span<char> into, const std::filesystem::path& file) {
  while (!into.empty()) {
    const std::size_t n = reader.read(into);
    if (n == 0) fail(file, "the file ends early");
    into = into.subspan(n);
  }
}

/// The text after "'key':" in the header's dictionary, without blanks in front.
std::string_view after_key(std::string_view header, std::string_view key, const std::filesystem::path& file) {
  const std::size_t at = header.find(fmt::format("'{}':", key));
  if (at == std::string_view::npos) fail(file, fmt::format("the header has no {}", key));
  header.remove_prefix(at + key.size() + 3);
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

/// The sizes in a text such as "(60, 128)"; nothing for another text.
std::vector<std::size_t> parse_shape(std::string_view text) {
  if (!text.starts_with('(') || text.find(')') == std::string_view::npos) return {};
  text = text.substr(1, text.find(')') - 1);
  std::vector<std::size_t> shape;
  while (!text.empty()) {
    if (text.front() == ' ' || text.front() == ',') {
      text.remove_prefix(1);
      continue;
    }
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc{} || shape.size() == kMaxAxes) return {};
    shape.push_back(size);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return shape;
}

std::string read_header(ByteReader& reader, const std::filesystem::path& file) {
  char start[8];
  read_exactly(reader, start, file);
  if (std::string_view(start, 6) != kMagicOfAnyVersion || start[6] < 1 || start[6] > 3)
    fail(file, "not a .npy file");
  unsigned char size[4] = {};
  const std::size_t n_size = start[6] == 1 ? 2 : 4;
  read_exactly(reader, std::span(reinterpret_cast<char*>(size), n_size), file);
  std::size_t length = 0;
  for (std::size_t i = 4; i-- > 0;) length = length << 8 | size[i];
  if (length > kMaxHeader) fail(file, fmt::format("a header of {} bytes", length));
  std::string header(length, '\0');
  read_exactly(reader, header, file);
  return header;
}

std::vector<std::size_t> shape_of(std::string_view header, const std::filesystem::path& file) {
  std::vector<std::size_t> shape = parse_shape(after_key(header, "shape", file));
  if (shape.empty()) fail(file, "its shape cannot be read");
  return shape;
}

}  // namespace

std::vector<std::size_t> npy_shape(const std::filesystem::path& file) {
  ByteReader reader = ByteReader::open(file);
  return shape_of(read_header(reader, file), file);
}

NpyArray read_npy(const std::filesystem::path& file) {
  ByteReader reader = ByteReader::open(file);
  const std::string header = read_header(reader, file);
  const std::string_view type = after_key(header, "descr", file).substr(0, 5);
  const bool is_double = type == "'<f8'";
  if (!is_double && type != "'<f4'") fail(file, fmt::format("expected float32 or float64, found {}", type));
  if (!after_key(header, "fortran_order", file).starts_with("False")) fail(file, "not in C order");
  NpyArray array{.shape = shape_of(header, file), .values = {}};
  // The file's own size bounds what is allocated.
  std::uint64_t n = reader.size() - reader.position();
  const std::uint64_t available = n;
  n = is_double ? 8 : 4;
  for (const std::size_t size : array.shape) {
    n = checked_product(n, size).value_or(UINT64_MAX);
    if (n > available) fail(file, "the file ends early");
  }
  if (n != available) fail(file, fmt::format("{} bytes of data, its shape needs {}", available, n));
  std::string bytes(memory_size(n), '\0');
  read_exactly(reader, bytes, file);
  array.values.resize(bytes.size() / (is_double ? 8 : 4));
  for (std::size_t i = 0; i < array.values.size(); ++i) {
    if (is_double) {
      double value = 0;
      std::memcpy(&value, bytes.data() + 8 * i, 8);
      array.values[i] = static_cast<float>(value);
    } else {
      std::memcpy(&array.values[i], bytes.data() + 4 * i, 4);
    }
  }
  return array;
}

}  // namespace astrom3
