// SPDX-License-Identifier: MIT
//
// safetensors files: a length, a JSON header and raw little-endian tensors; read and written.
//
// Nothing in a file is trusted: every length, offset, shape and name is checked before it is used,
// and the tensors must cover the data section exactly once. The file is read with pread(2), never
// mapped, so that one cut meanwhile is an error and not a SIGBUS.
//
// Source: the format as its README states it, https://github.com/huggingface/safetensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"

namespace astrom3 {

/// `unknown`: a name this reader has no size for; such a tensor is listed and cannot be read.
enum class Dtype : std::uint8_t {
  unknown,
  boolean,
  u8,
  i8,
  f8,
  u16,
  i16,
  f16,
  bf16,
  u32,
  i32,
  f32,
  u64,
  i64,
  f64,
  c64
};

struct SafetensorsLimits {
  std::size_t max_header_bytes = std::size_t{1} << 20;
  std::size_t max_name_bytes = 256;
  std::size_t max_rank = 8;
  std::size_t max_metadata_entries = 4096;
};

/// One tensor as the header describes it. Offsets are checked; shapes do not overflow.
struct TensorEntry {
  std::string name;
  std::string dtype_name;  ///< as spelt: "F32"
  Dtype dtype = Dtype::unknown;
  std::vector<std::int64_t> shape;
  std::uint64_t count = 0;        ///< elements, the product of `shape`
  std::uint64_t file_offset = 0;  ///< of the first byte in the file
  std::uint64_t byte_size = 0;
};

/// A checked header. `tensors` are in the order of their bytes in the file.
struct SafetensorsHeader {
  std::vector<TensorEntry> tensors;
  std::map<std::string, std::string> metadata;
  std::uint64_t data_begin = 0;  ///< file offset of the data section

  const TensorEntry* find(std::string_view name) const noexcept;  ///< null where there is none
};

/// Checks the first 8 bytes of a file of `file_size` bytes and returns the length of the header that
/// follows. `head` is the file's first bytes, up to 64: used to say what the file is instead.
/// Throws Error bad_model.
std::size_t safetensors_header_length(std::span<const std::byte> head, std::uint64_t file_size,
                                      const std::string& file, const SafetensorsLimits& limits = {});

/// Parses the header text (after the 8 bytes of its length) of a file of `file_size` bytes.
/// Throws Error bad_model naming file, tensor and byte offset.
SafetensorsHeader parse_safetensors_header(std::string_view header, std::uint64_t file_size,
                                           const std::string& file, const SafetensorsLimits& limits = {});

/// A tensor in memory: its entry and its bytes, which may be unaligned.
struct TensorView {
  const TensorEntry* entry = nullptr;
  std::span<const std::byte> bytes;

  const std::string& name() const noexcept { return entry->name; }
  Dtype dtype() const noexcept { return entry->dtype; }
  const std::vector<std::int64_t>& shape() const noexcept { return entry->shape; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(entry->count); }
};

/// A whole file in memory. Immutable; views stay valid as long as the file object lives, also when it is
/// moved.
class SafetensorsFile {
 public:
  /// Reads a regular file. Throws Error bad_model.
  static SafetensorsFile open(const std::filesystem::path& path, const SafetensorsLimits& limits = {});
  /// Parses bytes already in memory; `file` is named in errors.
  static SafetensorsFile parse(std::vector<std::byte> bytes, const std::string& file,
                               const SafetensorsLimits& limits = {});

  const SafetensorsHeader& header() const noexcept { return *header_; }
  const std::map<std::string, std::string>& metadata() const noexcept { return header_->metadata; }
  std::vector<std::string> names() const;
  bool contains(std::string_view name) const noexcept { return header_->find(name) != nullptr; }
  /// Throws Error bad_model when there is no tensor of that name.
  TensorView at(std::string_view name) const;
  std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  SafetensorsFile(std::vector<std::byte> bytes, std::string file, const SafetensorsLimits& limits);

  std::string file_;
  std::vector<std::byte> bytes_;
  std::shared_ptr<const SafetensorsHeader> header_;
};

/// Values as float32: F32 as stored, F16 and BF16 widened exactly, F64 rounded to nearest (a value
/// beyond float32 becomes infinite). Throws Error bad_model for any other dtype.
std::vector<float> to_float32(const TensorView& tensor);
/// Values as double: F64, F32, F16, BF16. Throws Error bad_model for any other dtype.
std::vector<double> to_float64(const TensorView& tensor);
/// Values as int64: signed and unsigned integers and BOOL. Throws Error bad_model for any other dtype
/// and for a U64 beyond int64.
std::vector<std::int64_t> to_int64(const TensorView& tensor);

/// Bytes of one element; 0 for unknown.
std::size_t dtype_size(Dtype dtype) noexcept;
/// "F32" to Dtype::f32; unknown where there is no such name.
Dtype parse_dtype(std::string_view name) noexcept;

/// What is to be written under one name.
struct TensorDeclaration {
  std::string name;
  std::string dtype_name;
  std::vector<std::int64_t> shape;
};

/// Writes a file whose tensors lie in the order given. The header is known first, the bytes follow in
/// pieces of any size; nothing appears under `path` before commit(). The same calls give the same bytes.
/// Throws Error output_error; Error internal when the declared and the written bytes disagree.
class SafetensorsWriter {
 public:
  SafetensorsWriter(const std::filesystem::path& path, const std::vector<TensorDeclaration>& tensors,
                    const std::map<std::string, std::string>& metadata, Links links = Links::replaced);
  void write(std::span<const std::byte> bytes);
  void write(std::span<const float> values) { write(std::as_bytes(values)); }
  /// To be committed with others, when everything is written.
  AtomicFile& complete_file();
  void commit() { complete_file().commit(); }

 private:
  AtomicFile file_;
  std::uint64_t expected_bytes_ = 0;
};

/// A float32 tensor to write.
struct FloatTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<const float> values;
};

/// Writes float32 tensors in the order given.
void write_safetensors(const std::filesystem::path& path, const std::vector<FloatTensor>& tensors,
                       const std::map<std::string, std::string>& metadata, Links links = Links::replaced);

}  // namespace astrom3
