// SPDX-License-Identifier: MIT
//
// Thrift's compact protocol as a tree that can be changed and written again: what Parquet's footer and page
// headers are made of. Only for fuzzing.
#pragma once

// Source  https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

struct ThriftValue {
  enum Type : std::uint8_t {
    kTrue = 1,
    kFalse = 2,
    kByte = 3,
    kInt16 = 4,
    kInt32 = 5,
    kInt64 = 6,
    kDouble = 7,
    kBinary = 8,
    kList = 9,
    kStruct = 12
  };
  std::uint8_t type = kStruct;
  std::int16_t id = 0;                  ///< of a field
  std::int64_t number = 0;              ///< of bytes and integers
  std::string text{};                   ///< of a binary; the eight bytes of a double
  std::uint8_t element_type = kStruct;  ///< of a list
  std::vector<ThriftValue> elements{};
  std::vector<ThriftValue> fields{};

  bool is_number() const { return type >= kByte && type <= kInt64; }
  /// Its field of this number, or null.
  ThriftValue* find(std::int16_t number_of_field);
  const ThriftValue* find(std::int16_t number_of_field) const {
    return const_cast<ThriftValue*>(this)->find(number_of_field);
  }
};

/// The struct at the front of `bytes`, which lose it; nothing where there is none.
std::optional<ThriftValue> take_thrift(std::string_view& bytes);

std::string to_thrift(const ThriftValue& value);

}  // namespace astrom3
