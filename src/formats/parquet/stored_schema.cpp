// SPDX-License-Identifier: MIT
#include "formats/parquet/stored_schema.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "astrom3/base/error.h"
#include "formats/parquet/trimmed.h"

namespace astrom3 {
namespace {

constexpr std::string_view kUnit = "unit";

[[noreturn]] void fail() {
  throw Error(Status::bad_parquet, "the Arrow schema in the footer is damaged");
}

std::string decode_base64(std::string_view text) {
  std::array<std::int8_t, 256> value_of{};
  value_of.fill(-1);
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    value_of[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  int n_bits = 0;
  for (const char c : text) {
    const std::int8_t value = value_of[static_cast<unsigned char>(c)];
    if (value < 0) fail();
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    n_bits += 6;
    if (n_bits < 8) continue;
    n_bits -= 8;
    bytes += static_cast<char>(bits >> n_bits & 0xFF);
  }
  return bytes;
}

/// FlatBuffers of little-endian machines: tables, vectors and strings at offsets that may be anything.
class FlatBuffer {
 public:
  explicit FlatBuffer(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T number(std::size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof(T)) fail();
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }
  std::size_t target(std::size_t at) const { return at + number<std::uint32_t>(at); }

  /// Where field `index` of a table is, if it is there.
  std::optional<std::size_t> field(std::size_t table, std::size_t index) const {
    const std::int64_t vtable = static_cast<std::int64_t>(table) - number<std::int32_t>(table);
    if (vtable < 0) fail();
    const auto start = static_cast<std::size_t>(vtable);
    const std::size_t entry = 4 + 2 * index;
    if (entry + 2 > number<std::uint16_t>(start)) return {};
    const std::size_t offset = number<std::uint16_t>(start + entry);
    if (offset == 0) return {};
    return table + offset;
  }
  std::string_view text(std::optional<std::size_t> at) const {
    if (!at.has_value()) return {};
    const std::size_t start = target(*at);
    const std::size_t n = number<std::uint32_t>(start);
    if (n > bytes_.size() - start - 4) fail();
    return bytes_.substr(start + 4, n);
  }
  /// The tables of a vector. Several vectors may share their tables, so that a small buffer holds any number
  /// of them: the sum of all is limited.
  std::vector<std::size_t> tables(std::optional<std::size_t> at) {
    if (!at.has_value()) return {};
    const std::size_t start = target(*at);
    const std::size_t n = number<std::uint32_t>(start);
    if (n > (bytes_.size() - start - 4) / 4 || n > n_left_) fail();
    n_left_ -= n;
    std::vector<std::size_t> tables;
    for (std::size_t i = 0; i < n; ++i) tables.push_back(target(start + 4 + 4 * i));
    return tables;
  }

 private:
  std::string_view bytes_;
  std::size_t n_left_ = 1 << 18;
};

static_assert(std::endian::native == std::endian::little);

bool is_word(std::string_view text, std::string_view lower_word) {
  return std::equal(text.begin(), text.end(), lower_word.begin(), lower_word.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

/// A table `Field` of Schema.fbs.
class FieldReader {
 public:
  explicit FieldReader(FlatBuffer& buffer) : buffer_(buffer) {}

  StoredField read(std::size_t table, int depth) {
    enum : std::size_t { kName = 0, kTypeKind = 2, kType = 3, kChildren = 5, kMetadata = 6 };
    if (depth > kDeepest) fail();
    StoredField field{.name = kept(buffer_.text(buffer_.field(table, kName))),
                      .unit = unit_in(buffer_.field(table, kMetadata))};
    const auto kind = buffer_.field(table, kTypeKind);
    const auto type = buffer_.field(table, kType);
    if (kind.has_value() && type.has_value() && buffer_.number<std::uint8_t>(*kind) == kDuration)
      field.duration_unit = unit_of_duration(buffer_.target(*type));
    for (const std::size_t child : buffer_.tables(buffer_.field(table, kChildren)))
      field.children.push_back(read(child, depth + 1));
    return field;
  }

 private:
  static constexpr std::uint8_t kDuration = 18;
  static constexpr int kDeepest = 64;
  static constexpr std::size_t kLongest = 200;  // a name beyond it is not that of any column with a unit

  static std::string kept(std::string_view text) { return std::string(text.substr(0, kLongest)); }

  int unit_of_duration(std::size_t type) const {
    const auto unit = buffer_.field(type, 0);
    const int value = unit.has_value() ? buffer_.number<std::int16_t>(*unit) : int{arrow::TimeUnit::MILLI};
    if (value < arrow::TimeUnit::SECOND || value > arrow::TimeUnit::NANO) fail();
    return value;
  }

  std::string unit_in(std::optional<std::size_t> metadata) {
    std::string_view unit;
    bool is_first_choice = false;
    for (const std::size_t pair : buffer_.tables(metadata)) {
      const std::string_view key = buffer_.text(buffer_.field(pair, 0));
      if (is_first_choice || (!is_word(key, kUnit) && !is_word(key, "units") && !is_word(key, "tunit")))
        continue;
      is_first_choice = is_word(key, kUnit);
      unit = buffer_.text(buffer_.field(pair, 1));
    }
    return kept(trimmed_text(unit));
  }

  FlatBuffer& buffer_;
};

}  // namespace

std::vector<StoredField> read_stored_schema(std::string_view base64) {
  constexpr std::uint32_t kContinues = 0xFFFFFFFF;  // in front of the size, since Arrow 0.15
  constexpr std::uint8_t kSchema = 1;
  const std::string bytes = decode_base64(base64);
  const std::size_t start = FlatBuffer(bytes).number<std::uint32_t>(0) == kContinues ? 8 : 4;
  if (bytes.size() < start) fail();
  FlatBuffer buffer(std::string_view(bytes).substr(start));
  const std::size_t message = buffer.target(0);
  const auto kind = buffer.field(message, 1);
  const auto header = buffer.field(message, 2);
  if (!kind.has_value() || !header.has_value() || buffer.number<std::uint8_t>(*kind) != kSchema) fail();
  std::vector<StoredField> fields;
  for (const std::size_t field : buffer.tables(buffer.field(buffer.target(*header), 1)))
    fields.push_back(FieldReader(buffer).read(field, 0));
  return fields;
}

std::shared_ptr<arrow::Field> with_stored_notes(const std::shared_ptr<arrow::Field>& field,
                                                const StoredField& stored) {
  std::shared_ptr<arrow::DataType> type = field->type();
  const auto n_children = static_cast<std::size_t>(type->num_fields());
  if (type->id() == arrow::Type::STRUCT && stored.children.size() == n_children) {
    arrow::FieldVector children;
    for (std::size_t i = 0; i < n_children; ++i) {
      const auto& child = type->field(static_cast<int>(i));
      const bool is_same = child->name() == stored.children[i].name;
      children.push_back(is_same ? with_stored_notes(child, stored.children[i]) : child);
    }
    type = arrow::struct_(std::move(children));
  } else if (type->id() == arrow::Type::LIST && stored.children.size() == 1) {  // whatever its item is called
    type = arrow::list(with_stored_notes(type->field(0), stored.children.front()));
  } else if (type->id() == arrow::Type::INT64 && stored.duration_unit.has_value()) {
    type = arrow::duration(static_cast<arrow::TimeUnit::type>(*stored.duration_unit));
  }
  auto noted = field->WithType(type);
  if (stored.unit.empty()) return noted;
  return noted->WithMetadata(arrow::key_value_metadata({std::string(kUnit)}, {stored.unit}));
}

std::string unit_of(const arrow::Field& field) {
  const int i = field.HasMetadata() ? field.metadata()->FindKey(std::string(kUnit)) : -1;
  return i < 0 ? std::string{} : field.metadata()->value(i);
}

}  // namespace astrom3
