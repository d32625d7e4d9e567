// SPDX-License-Identifier: MIT
//
// safetensors files made by hand for tests: right ones, and wrong in one place.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace astrom3 {

inline std::string length_bytes(std::uint64_t length) {
  const auto bytes = std::bit_cast<std::array<char, 8>>(length);
  return {bytes.begin(), bytes.end()};
}

/// The file of a header text and a data section, with the right length in front.
inline std::string safetensors_bytes(std::string_view header, std::string_view data = {}) {
  return length_bytes(header.size()) + std::string(header) + std::string(data);
}

/// A header text and a data section of `n_bytes` zeros.
inline std::string safetensors_zeros(std::string_view header, std::size_t n_bytes) {
  return safetensors_bytes(header, std::string(n_bytes, '\0'));
}

/// A file taken apart, so that tests can change one thing and put it together again.
struct SafetensorsParts {
  struct Part {
    std::string name;
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::string data;
  };
  std::map<std::string, std::string> metadata{};
  std::vector<Part> parts;

  Part& at(std::string_view name) { return const_cast<Part&>(std::as_const(*this).at(name)); }
  const Part& at(std::string_view name) const {
    for (const Part& part : parts) {
      if (part.name == name) return part;
    }
    throw std::out_of_range(std::string(name));
  }
  void remove(std::string_view name) {
    std::erase_if(parts, [&](const Part& part) { return part.name == name; });
  }

  std::string bytes() const {
    std::string header = "{";
    std::string data;
    if (!metadata.empty()) {
      header += "\"__metadata__\":{";
      for (const auto& [key, value] : metadata) {
        header += (header.back() == '{' ? "\"" : ",\"") + key + "\":\"" + value + "\"";
      }
      header += "}";
    }
    for (const Part& part : parts) {
      std::string shape;
      for (const std::int64_t size : part.shape) shape += (shape.empty() ? "" : ",") + std::to_string(size);
      header += (header.size() > 1 ? ",\"" : "\"") + part.name + "\":{\"dtype\":\"" + part.dtype +
                "\",\"shape\":[" + shape + "],\"data_offsets\":[" + std::to_string(data.size()) + "," +
                std::to_string(data.size() + part.data.size()) + "]}";
      data += part.data;
    }
    return safetensors_bytes(header + "}", data);
  }
};

/// The bytes of `values`.
template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  std::string out(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(out.data(), values.data(), out.size());
  return out;
}

}  // namespace astrom3
