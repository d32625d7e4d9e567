// SPDX-License-Identifier: MIT
//
// An ONNX model as plain data: what the module that knows the file format and the rest of astrom3 exchange.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace astrom3 {

/// The element types an encoder is made of. Reading widens: 16-bit and 64-bit floating point become
/// float32, every other integer int64.
enum class OnnxType : std::uint8_t { unsupported, float32, int64, boolean };

/// Row-major; `floats` or `integers` (int64 and boolean) holds the values. Neither where `type` is
/// unsupported.
struct OnnxTensor {
  std::string name{};
  OnnxType type = OnnxType::float32;
  std::vector<std::int64_t> shape{};
  std::vector<float> floats{};
  std::vector<std::int64_t> integers{};
};

enum class OnnxAttributeKind : std::uint8_t { integer, real, text, integers, reals, tensor, other };

struct OnnxAttribute {
  std::string name{};
  OnnxAttributeKind kind = OnnxAttributeKind::other;
  std::int64_t integer = 0;
  float real = 0;
  std::string text{};
  std::vector<std::int64_t> integers{};
  std::vector<float> reals{};
  OnnxTensor tensor{};
};

/// An empty input is an optional one left out.
struct OnnxNode {
  std::string name{};
  std::string op{};
  std::string domain{};  ///< empty: ONNX's own
  std::vector<std::string> inputs{};
  std::vector<std::string> outputs{};
  std::vector<OnnxAttribute> attributes{};

  const OnnxAttribute* find(std::string_view attribute) const noexcept {
    for (const OnnxAttribute& candidate : attributes) {
      if (candidate.name == attribute) return &candidate;
    }
    return nullptr;
  }
};

/// A size, or a name where it is chosen at run time; neither where nothing is said.
struct OnnxDimension {
  std::int64_t size = -1;
  std::string name{};

  bool operator==(const OnnxDimension&) const = default;
};

/// An input or output of the graph.
struct OnnxValue {
  std::string name{};
  OnnxType type = OnnxType::float32;
  std::vector<OnnxDimension> shape{};
};

struct OnnxGraph {
  std::string name{};
  std::string documentation{};
  std::string producer{};
  std::string producer_version{};
  std::int64_t ir_version = 0;
  std::int64_t opset = 0;
  std::vector<OnnxNode> nodes{};
  std::vector<OnnxTensor> initializers{};
  std::vector<OnnxValue> inputs{};
  std::vector<OnnxValue> outputs{};
  std::vector<std::pair<std::string, std::string>> metadata{};

  /// The value of a metadata entry; empty where there is none.
  std::string_view find_metadata(std::string_view key) const noexcept {
    for (const auto& [name_of, value] : metadata) {
      if (name_of == key) return value;
    }
    return {};
  }
};

}  // namespace astrom3
