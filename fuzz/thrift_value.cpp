// SPDX-License-Identifier: MIT
#include "thrift_value.h"

#include <utility>

namespace astrom3 {
namespace {

constexpr int kDeepest = 24;

class Parser {
 public:
  explicit Parser(std::string_view& bytes) : bytes_(bytes) {}

  bool read(ThriftValue& value, int depth) {
    if (depth > kDeepest) return false;
    switch (value.type) {
      case ThriftValue::kTrue:
      case ThriftValue::kFalse:
        return true;
      case ThriftValue::kByte:
        return take_byte(value.number);
      case ThriftValue::kInt16:
      case ThriftValue::kInt32:
      case ThriftValue::kInt64:
        return take_signed(value.number);
      case ThriftValue::kDouble:
        return take_text(8, value.text);
      case ThriftValue::kBinary: {
        std::uint64_t size = 0;
        return take_varint(size) && take_text(size, value.text);
      }
      case ThriftValue::kList:
        return read_list(value, depth);
      case ThriftValue::kStruct:
        return read_fields(value, depth);
      default:
        return false;
    }
  }

 private:
  bool take_byte(std::int64_t& out) {
    if (bytes_.empty()) return false;
    out = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return true;
  }
  bool take_varint(std::uint64_t& out) {
    out = 0;
    std::int64_t byte = 0x80;
    for (unsigned shift = 0; (byte & 0x80) != 0; shift += 7) {
      if (shift > 63 || !take_byte(byte)) return false;
      out |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    }
    return true;
  }
  bool take_signed(std::int64_t& out) {
    std::uint64_t zigzag = 0;
    if (!take_varint(zigzag)) return false;
    out = static_cast<std::int64_t>((zigzag >> 1) ^ (0 - (zigzag & 1)));
    return true;
  }
  bool take_text(std::uint64_t size, std::string& out) {
    if (size > bytes_.size()) return false;
    out.assign(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return true;
  }

  bool read_list(ThriftValue& list, int depth) {
    std::int64_t head = 0;
    if (!take_byte(head)) return false;
    list.element_type = static_cast<std::uint8_t>(head & 15);
    auto size = static_cast<std::uint64_t>(head >> 4);
    if (size == 15 && !take_varint(size)) return false;
    if (size > bytes_.size()) return false;
    for (; size > 0; --size) {
      ThriftValue element{.type = list.element_type};
      if (element.type == ThriftValue::kTrue || element.type == ThriftValue::kFalse) {
        if (!take_byte(element.number)) return false;
      } else if (!read(element, depth + 1)) {
        return false;
      }
      list.elements.push_back(std::move(element));
    }
    return true;
  }

  bool read_fields(ThriftValue& value, int depth) {
    for (std::int64_t head = 0, id = 0;;) {
      if (!take_byte(head)) return false;
      if (head == 0) return true;
      if ((head >> 4) != 0) {
        id += head >> 4;
      } else if (!take_signed(id)) {
        return false;
      }
      ThriftValue field{.type = static_cast<std::uint8_t>(head & 15), .id = static_cast<std::int16_t>(id)};
      if (!read(field, depth + 1)) return false;
      value.fields.push_back(std::move(field));
    }
  }

  std::string_view& bytes_;
};

void put_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void put_signed(std::int64_t value, std::string& out) {
  put_varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63), out);
}

void put(const ThriftValue& value, std::string& out) {
  switch (value.type) {
    case ThriftValue::kByte:
      out += static_cast<char>(value.number);
      return;
    case ThriftValue::kInt16:
    case ThriftValue::kInt32:
    case ThriftValue::kInt64:
      return put_signed(value.number, out);
    case ThriftValue::kDouble:
      out += value.text;
      return;
    case ThriftValue::kBinary:
      put_varint(value.text.size(), out);
      out += value.text;
      return;
    case ThriftValue::kList: {
      const std::size_t n = value.elements.size();
      out += static_cast<char>((n < 15 ? n << 4 : 15u << 4) | value.element_type);
      if (n >= 15) put_varint(n, out);
      for (const ThriftValue& element : value.elements) {
        if (element.type <= ThriftValue::kFalse) {
          out += static_cast<char>(element.number);
        } else {
          put(element, out);
        }
      }
      return;
    }
    case ThriftValue::kStruct: {
      std::int64_t last = 0;
      for (const ThriftValue& field : value.fields) {
        const std::int64_t step = field.id - last;
        out += static_cast<char>((step >= 1 && step <= 15 ? step << 4 : 0) | field.type);
        if (step < 1 || step > 15) put_signed(field.id, out);
        last = field.id;
        put(field, out);
      }
      out += '\0';
      return;
    }
    default:
      return;
  }
}

}  // namespace

ThriftValue* ThriftValue::find(std::int16_t number_of_field) {
  for (ThriftValue& field : fields)
    if (field.id == number_of_field) return &field;
  return nullptr;
}

std::optional<ThriftValue> take_thrift(std::string_view& bytes) {
  ThriftValue value;
  if (!Parser(bytes).read(value, 0)) return std::nullopt;
  return value;
}

std::string to_thrift(const ThriftValue& value) {
  std::string out;
  put(value, out);
  return out;
}

}  // namespace astrom3
