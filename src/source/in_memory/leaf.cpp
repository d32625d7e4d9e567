// SPDX-License-Identifier: MIT
#include "source/in_memory/leaf.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "astrom3/source/light_curve_table.h"
#include "base/number.h"
#include "formats/half.h"
#include "source/in_memory/decimal.h"
#include "source/in_memory/validity.h"

namespace astrom3 {
namespace {

/// Arrow's 16-byte view: length, then the text itself (up to 12 bytes) or prefix, buffer and offset.
struct TextView {
  std::int32_t length;
  char inline_bytes[4];
  std::int32_t block;
  std::int32_t offset;
};
constexpr std::int32_t kInlineBytes = 12;

/// Calls use(p) with `data` as a pointer to the type that `type` names.
template <typename Use>
auto with_type(const void* data, NumberType type, Use use) {
  switch (type) {
    case NumberType::int8:
      return use(static_cast<const std::int8_t*>(data));
    case NumberType::int16:
      return use(static_cast<const std::int16_t*>(data));
    case NumberType::int32:
      return use(static_cast<const std::int32_t*>(data));
    case NumberType::int64:
      return use(static_cast<const std::int64_t*>(data));
    case NumberType::uint8:
    case NumberType::boolean:  // told apart by the callers
      return use(static_cast<const std::uint8_t*>(data));
    case NumberType::uint16:
    case NumberType::float16:  // likewise
      return use(static_cast<const std::uint16_t*>(data));
    case NumberType::uint32:
      return use(static_cast<const std::uint32_t*>(data));
    case NumberType::uint64:
      return use(static_cast<const std::uint64_t*>(data));
    case NumberType::float32:
      return use(static_cast<const float*>(data));
    case NumberType::float64:
      break;
  }
  return use(static_cast<const double*>(data));
}

std::int64_t whole_at(const Leaf& leaf, std::int64_t at) noexcept {
  return with_type(leaf.data, leaf.type, [&](const auto* p) { return static_cast<std::int64_t>(p[at]); });
}

Decimal decimal_at(const Leaf& leaf, std::int64_t at) noexcept {
  if (leaf.words == 0) return Decimal::of(whole_at(leaf, at));
  return Decimal::of(static_cast<const char*>(leaf.data) + at * leaf.words * 8, leaf.words);
}

double element(const Leaf& leaf, std::int64_t at) noexcept {
  if (leaf.kind == WholeKind::decimal) return decimal_at(leaf, at).number(leaf.decimals);
  if (leaf.is_time()) {
    // Whole days apart: today's nanoseconds do not fit a double.
    const std::int64_t ticks = whole_at(leaf, at);
    return static_cast<double>(ticks / leaf.per_day) +
           static_cast<double>(ticks % leaf.per_day) / static_cast<double>(leaf.per_day);
  }
  if (leaf.type == NumberType::boolean)
    return bit_is_set(static_cast<const std::uint8_t*>(leaf.data), at) ? 1 : 0;
  if (leaf.type == NumberType::float16) {
    return static_cast<double>(float_of_f16(static_cast<const std::uint16_t*>(leaf.data)[at]));
  }
  return with_type(leaf.data, leaf.type, [&](const auto* p) { return static_cast<double>(p[at]); });
}

template <typename Offset>
std::string_view sliced_text(const Leaf& leaf, std::int64_t at) noexcept {
  const auto* offsets = static_cast<const Offset*>(leaf.data);
  if (offsets[at] < 0 || offsets[at + 1] <= offsets[at] || leaf.bytes == nullptr) return {};
  return {leaf.bytes + offsets[at], static_cast<std::size_t>(offsets[at + 1] - offsets[at])};
}

std::string_view viewed_text(const Leaf& leaf, std::int64_t at) noexcept {
  const char* const place =
      static_cast<const char*>(leaf.data) + at * static_cast<std::int64_t>(sizeof(TextView));
  TextView view;
  std::memcpy(&view, place, sizeof view);
  if (view.length <= 0) return {};
  if (view.length <= kInlineBytes) return {place + sizeof view.length, static_cast<std::size_t>(view.length)};
  if (view.block < 0 || view.block >= leaf.n_blocks || view.offset < 0 || leaf.block_sizes == nullptr)
    return {};
  const auto* const block = static_cast<const char*>(leaf.blocks[view.block]);
  if (block == nullptr || std::int64_t{view.offset} + view.length > leaf.block_sizes[view.block]) return {};
  return {block + view.offset, static_cast<std::size_t>(view.length)};
}

std::string_view text_element(const Leaf& leaf, std::int64_t at) noexcept {
  switch (leaf.text) {
    case TextType::utf8:
      return sliced_text<std::int32_t>(leaf, at);
    case TextType::large_utf8:
      return sliced_text<std::int64_t>(leaf, at);
    case TextType::utf8_view:
      return viewed_text(leaf, at);
    case TextType::none:
      break;
  }
  return {};
}

/// The shortest digits that read back to the same number of its own type; "" for NaN.
void append_digits(const Leaf& leaf, std::int64_t at, std::string& digits) {
  std::array<char, 32> text;
  const auto append = [&](auto value) {
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    digits.append(text.data(), end);
  };
  if (leaf.kind == WholeKind::decimal) return decimal_at(leaf, at).append(leaf.decimals, digits);
  if (leaf.is_time()) return append(element(leaf, at));
  if (std::isnan(element(leaf, at))) return;
  if (leaf.type == NumberType::float16) return append(static_cast<float>(element(leaf, at)));
  with_type(leaf.data, leaf.type, [&](const auto* p) { append(p[at]); });
}

}  // namespace

Leaf::Cell Leaf::cell(std::int64_t i) const noexcept {
  if (!is_valid(i)) return {};
  if (dictionary == nullptr) return {this, i};
  const std::int64_t index = whole_number(i);
  const bool is_there = index >= 0 && index < dictionary->length && dictionary->is_valid(index);
  return is_there ? Cell{dictionary.get(), index} : Cell{};
}

ParsedNumber Leaf::number(std::int64_t i) const noexcept {
  const Cell found = cell(i);
  if (found.leaf == nullptr) return {.kind = NumberKind::missing};
  const std::int64_t at = found.leaf->first + found.i;
  if (found.leaf->text != TextType::none) return parse_number(text_element(*found.leaf, at));
  const double value = element(*found.leaf, at);
  if (std::isfinite(value)) [[likely]]
    return {.kind = NumberKind::number, .value = value};
  return {.kind = std::isnan(value) ? NumberKind::missing : NumberKind::nonfinite};
}

std::string_view Leaf::text_of(std::int64_t i, std::string& buffer) const {
  if (data == nullptr) return {};  // a column that was not given
  const Cell found = cell(i);
  if (found.leaf == nullptr) return {};
  const std::int64_t at = found.leaf->first + found.i;
  if (found.leaf->text != TextType::none) return text_element(*found.leaf, at);
  if (found.leaf->type == NumberType::boolean) return element(*found.leaf, at) != 0 ? "true" : "false";
  buffer.clear();
  append_digits(*found.leaf, at, buffer);
  return buffer;
}

std::int64_t Leaf::whole_number(std::int64_t i) const noexcept {
  return whole_at(*this, first + i);
}

std::int64_t Lists::begin(std::int64_t i) const noexcept {
  switch (kind) {
    case Kind::offsets32:
    case Kind::views32:
      return static_cast<const std::int32_t*>(offsets)[first + i];
    case Kind::offsets64:
    case Kind::views64:
      return static_cast<const std::int64_t*>(offsets)[first + i];
    case Kind::fixed:
      break;
  }
  return (first + i) * fixed_size;
}

std::int64_t Lists::end(std::int64_t i) const noexcept {
  if (kind == Kind::fixed) return begin(i) + fixed_size;
  if (kind != Kind::views32 && kind != Kind::views64) return begin(i + 1);
  const std::int64_t size = kind == Kind::views32 ? static_cast<const std::int32_t*>(sizes)[first + i]
                                                  : static_cast<const std::int64_t*>(sizes)[first + i];
  const std::int64_t from = begin(i);
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (size >= 0 && from <= kMost - size) return from + size;
  return from == std::numeric_limits<std::int64_t>::min() ? from : from - 1;
}

}  // namespace astrom3
