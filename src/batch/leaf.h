// SPDX-License-Identifier: MIT
//
// The values of one column, of any type, as doubles or as texts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/batch.h"
#include "batch/validity.h"

namespace astrom3 {

enum class TextType : std::uint8_t { none, utf8, large_utf8, utf8_view };

/// Where the values of a column lie. Element i is number first + i of the buffers.
struct Leaf {
  std::string name;
  std::int64_t first = 0;
  std::int64_t length = 0;             ///< elements that may be asked for
  std::array<Validity, 2> validity{};  ///< its own and that of the struct around it
  NumberType type = NumberType::float64;
  TextType text = TextType::none;
  const void* data = nullptr;           ///< numbers, dictionary indices, text offsets or views
  const char* bytes = nullptr;          ///< of utf8 and large_utf8
  const void* const* blocks = nullptr;  ///< of utf8_view: its data buffers
  const std::int64_t* block_sizes = nullptr;
  std::int64_t n_blocks = 0;
  std::shared_ptr<const Leaf> dictionary;  ///< texts or numbers that `data` points into

  bool is_valid(std::int64_t i) const noexcept { return validity[0](i) && validity[1](i); }
  bool is_text() const noexcept { return dictionary ? dictionary->is_text() : text != TextType::none; }

  /// Element i of numbers or indices, nulls unheeded.
  double number(std::int64_t i) const noexcept;
  std::int64_t whole_number(std::int64_t i) const noexcept;
  /// Elements begin .. begin + out.size() - 1; nulls become NaN.
  void copy_numbers(std::int64_t begin, std::span<double> out) const;
  /// The text of element i; empty where it is null or points outside its buffers.
  std::string_view text_of(std::int64_t i) const noexcept;
};

/// One column's light curves: list i is elements begin .. end-1 of the leaf.
struct Lists {
  enum class Kind : std::uint8_t { offsets32, offsets64, fixed };
  Kind kind = Kind::offsets64;
  const void* offsets = nullptr;
  std::int64_t fixed_size = 0;
  std::int64_t first = 0;
  std::array<Validity, 3> validity{};  ///< its own and those of up to two structs around it

  bool is_valid(std::int64_t i) const noexcept { return validity[0](i) && validity[1](i) && validity[2](i); }
  std::int64_t begin(std::int64_t i) const noexcept;
  std::int64_t end(std::int64_t i) const noexcept;
};

struct RaggedColumn {
  Lists lists;
  Leaf leaf;
};

}  // namespace astrom3
