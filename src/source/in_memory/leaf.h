// SPDX-License-Identifier: MIT
//
// The values of one column, read in place, of any type, as numbers or as texts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "astrom3/source/light_curve_table.h"
#include "base/number.h"
#include "source/in_memory/validity.h"

namespace astrom3 {

enum class TextType : std::uint8_t { none, utf8, large_utf8, utf8_view };

/// What whole numbers mean if they are not simply numbers.
enum class WholeKind : std::uint8_t {
  number,
  decimal,   ///< times a power of ten
  date,      ///< read as days since 1970-01-01
  duration,  ///< read as days
};

/// Where the values of a column lie. Element i is number first + i of the buffers.
struct Leaf {
  std::string name;
  std::int64_t first = 0;
  std::int64_t length = 0;             ///< elements that may be asked for
  std::array<Validity, 3> validity{};  ///< its own and those of up to two structs around it
  NumberType type = NumberType::float64;
  TextType text = TextType::none;
  WholeKind kind = WholeKind::number;
  int decimals = 0;             ///< digits of decimals behind the point; below 0: zeros before it
  int words = 0;                ///< 64-bit words of a decimal, the lowest first; 0: `type` says its size
  std::int64_t per_day = 1;     ///< of dates and durations
  const void* data = nullptr;   ///< numbers, dictionary indices, text offsets or views
  const char* bytes = nullptr;  ///< of utf8 and large_utf8
  const void* const* blocks = nullptr;  ///< of utf8_view: its data buffers
  const std::int64_t* block_sizes = nullptr;
  std::int64_t n_blocks = 0;
  std::shared_ptr<const Leaf> dictionary;  ///< texts or numbers that `data` points into

  bool is_valid(std::int64_t i) const noexcept { return validity[0](i) && validity[1](i) && validity[2](i); }
  bool is_time() const noexcept { return kind == WholeKind::date || kind == WholeKind::duration; }
  bool is_text() const noexcept { return dictionary ? dictionary->is_text() : text != TextType::none; }

  /// Element i; missing if it is null, NaN or points outside its dictionary. A text is read as in a file.
  ParsedNumber number(std::int64_t i) const noexcept;
  /// Element i as text: numbers as their shortest digits (decimals without zeros behind the last one), "true"
  /// and "false"; "" if it is missing. buffer  holds the text if it is not in the column itself
  std::string_view text_of(std::int64_t i, std::string& buffer) const;
  /// Element i of whole numbers; nulls are not checked.
  std::int64_t whole_number(std::int64_t i) const noexcept;
  /// Whether element i is not null, in the dictionary, too.
  bool is_present(std::int64_t i) const noexcept { return cell(i).leaf != nullptr; }

 private:
  struct Cell {
    const Leaf* leaf = nullptr;  ///< null: the element is missing
    std::int64_t i = 0;
  };
  /// The place of element i, in the dictionary if there is one.
  Cell cell(std::int64_t i) const noexcept;
};

/// One column's light curves: list i is elements begin .. end-1 of the leaf.
struct Lists {
  enum class Kind : std::uint8_t { offsets32, offsets64, fixed, views32, views64 };
  Kind kind = Kind::offsets64;
  const void* offsets = nullptr;
  const void* sizes = nullptr;  ///< of views, which may stand in any order
  std::int64_t fixed_size = 0;
  std::int64_t first = 0;
  std::int64_t length = 0;             ///< lists that may be asked for
  std::array<Validity, 3> validity{};  ///< its own and those of up to two structs around it

  bool is_valid(std::int64_t i) const noexcept { return validity[0](i) && validity[1](i) && validity[2](i); }
  std::int64_t begin(std::int64_t i) const noexcept;
  /// Below begin(i) where a size is negative or too large to be added.
  std::int64_t end(std::int64_t i) const noexcept;
};

}  // namespace astrom3
