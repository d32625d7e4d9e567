// SPDX-License-Identifier: MIT
//
// NumPy's .npy files: one float32 array, written row by row or read whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/atomic_file.h"

namespace astrom3 {

/// The 128 bytes before the data of a little-endian float32 array [n_rows, row_shape...] in C order.
/// The same length for any n_rows, so that it can be rewritten when the rows are known.
/// Source  numpy.lib.format, version 1.0.
std::string npy_header(std::uint64_t n_rows, std::span<const std::size_t> row_shape);

/// An array as it lies in the file, rows first.
struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};

/// Reads a little-endian array of float32, or of float64 rounded to float32, in C order. Throws Error
/// bad_tensors naming the file: another type or order, bytes missing or left over.
/// Source  numpy.lib.format, versions 1.0 to 3.0.
NpyArray read_npy(const std::filesystem::path& file);
/// The shape of such an array by its header alone. Throws Error bad_tensors naming the file.
std::vector<std::size_t> npy_shape(const std::filesystem::path& file);

/// Writes an array whose number of rows is known only at the end. There is no file called `path` before it
/// is committed. Throws Error output_error.
class NpyWriter {
 public:
  /// row_shape  [128] for an array [N, 128], [200, 9] for [N, 200, 9]
  NpyWriter(const std::filesystem::path& path, std::vector<std::size_t> row_shape);

  /// row  [product of row_shape]
  void write_row(std::span<const float> row);
  /// A row that holds `value` everywhere.
  void fill_row(float value);

  /// Puts the number of rows into the header and brings the file to disk under its temporary name.
  void finish();
  /// To be committed after finish(), alone or together with others.
  AtomicFile& file() noexcept { return file_; }

 private:
  AtomicFile file_;
  std::vector<std::size_t> row_shape_;
  std::vector<float> filled_;
  std::size_t row_size_ = 1;
  std::uint64_t n_rows_ = 0;
  bool finished_ = false;
};

}  // namespace astrom3
