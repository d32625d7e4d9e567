// SPDX-License-Identifier: MIT
#include "formats/npy.h"

#include <fmt/format.h>

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace astrom3 {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie in memory");

constexpr std::size_t kHeaderBytes = 128;  // a multiple of 64, as NumPy aligns it; room for 20 digits
constexpr std::string_view kMagic{"\x93NUMPY\x01\x00", 8};

}  // namespace

std::string npy_header(std::uint64_t n_rows, std::span<const std::size_t> row_shape) {
  std::string shape = fmt::format("{},", n_rows);
  for (std::size_t i = 0; i < row_shape.size(); ++i)
    shape += fmt::format("{}{}", i == 0 ? " " : ", ", row_shape[i]);
  std::string dictionary = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape);
  const std::size_t length = kHeaderBytes - kMagic.size() - 2;
  assert(dictionary.size() < length);
  dictionary.resize(length - 1, ' ');
  std::string header(kMagic);
  header += static_cast<char>(length & 0xFF);
  header += static_cast<char>(length >> 8);
  return header + dictionary + '\n';
}

NpyWriter::NpyWriter(const std::filesystem::path& path, std::vector<std::size_t> row_shape)
    : file_(path), row_shape_(std::move(row_shape)) {
  for (const std::size_t n : row_shape_) row_size_ *= n;
  file_.write(npy_header(0, row_shape_));
}

void NpyWriter::write_row(std::span<const float> row) {
  assert(row.size() == row_size_);
  file_.write(std::as_bytes(row));
  ++n_rows_;
}

void NpyWriter::fill_row(float value) {
  filled_.assign(row_size_, value);
  write_row(filled_);
}

void NpyWriter::finish() {
  if (finished_) return;
  file_.write_at(0, npy_header(n_rows_, row_shape_));
  file_.finish();
  finished_ = true;
}

}  // namespace astrom3
