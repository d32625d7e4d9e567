// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "astrom3/base/error.h"
#include "formats/half.h"
#include "onnx/graph.h"
#include "onnx/module/convert.h"

namespace astrom3 {
namespace {

OnnxType type_of(int element_type) {
  switch (element_type) {
    case onnx::TensorProto_DataType_FLOAT:
    case onnx::TensorProto_DataType_FLOAT16:
    case onnx::TensorProto_DataType_BFLOAT16:
    case onnx::TensorProto_DataType_DOUBLE:
      return OnnxType::float32;
    case onnx::TensorProto_DataType_INT64:
    case onnx::TensorProto_DataType_INT32:
      return OnnxType::int64;
    case onnx::TensorProto_DataType_BOOL:
      return OnnxType::boolean;
    default:
      return OnnxType::unsupported;
  }
}

/// Takes one tensor's values, wherever they are stored, and checks that there are as many as its shape says.
class TensorValues {
 public:
  TensorValues(const onnx::TensorProto& tensor, const std::string& file) : tensor_(tensor), file_(file) {}

  OnnxTensor take() {
    OnnxTensor out{.name = tensor_.name(), .type = type_of(tensor_.data_type()), .shape = {}};
    out.shape.assign(tensor_.dims().begin(), tensor_.dims().end());
    if (out.type == OnnxType::unsupported) return out;
    if (tensor_.data_location() == onnx::TensorProto_DataLocation_EXTERNAL) {
      fail("its values are in another file (external data)",
           "onnx.save(onnx.load(FILE), NEW_FILE) in Python puts them into one");
    }
    const std::size_t count = element_count();
    switch (tensor_.data_type()) {
      case onnx::TensorProto_DataType_FLOAT:
        out.floats = stored<float, float>(count, tensor_.float_data());
        break;
      case onnx::TensorProto_DataType_DOUBLE:
        out.floats = stored<float, double>(count, tensor_.double_data());
        break;
      case onnx::TensorProto_DataType_FLOAT16:
        for (const std::uint16_t bits : stored<std::uint16_t, std::uint16_t>(count, tensor_.int32_data()))
          out.floats.push_back(float_of_f16(bits));
        break;
      case onnx::TensorProto_DataType_BFLOAT16:
        for (const std::uint16_t bits : stored<std::uint16_t, std::uint16_t>(count, tensor_.int32_data()))
          out.floats.push_back(float_of_bf16(bits));
        break;
      case onnx::TensorProto_DataType_INT64:
        out.integers = stored<std::int64_t, std::int64_t>(count, tensor_.int64_data());
        break;
      case onnx::TensorProto_DataType_INT32:
        out.integers = stored<std::int64_t, std::int32_t>(count, tensor_.int32_data());
        break;
      default:  // BOOL
        out.integers = stored<std::int64_t, std::uint8_t>(count, tensor_.int32_data());
        break;
    }
    return out;
  }

 private:
  [[noreturn]] void fail(std::string message, std::string hint = {}) const {
    throw Error(Diagnostic{.code = Status::bad_model,
                           .file = file_,
                           .column = tensor_.name(),
                           .message = std::move(message),
                           .hint = std::move(hint)});
  }

  std::size_t element_count() const {
    constexpr std::uint64_t kMax = std::uint64_t{1} << 40;
    std::uint64_t count = 1;
    for (const std::int64_t size : tensor_.dims()) {
      if (size < 0) fail(fmt::format("a dimension of {}", size));
      if (size != 0 && count > kMax / static_cast<std::uint64_t>(size)) fail("its shape overflows");
      count *= static_cast<std::uint64_t>(size);
    }
    return static_cast<std::size_t>(count);
  }

  /// `count` values, from raw_data where it is set (elements of type Raw), else from the typed list.
  template <class Value, class Raw, class List>
  std::vector<Value> stored(std::size_t count, const List& list) const {
    if (!tensor_.has_raw_data()) {
      if (static_cast<std::size_t>(list.size()) != count)
        fail(fmt::format("{} values, its shape needs {}", list.size(), count));
      std::vector<Value> values;
      values.reserve(count);
      for (const auto value : list) values.push_back(static_cast<Value>(value));
      return values;
    }
    const std::string& raw = tensor_.raw_data();
    if (raw.size() / sizeof(Raw) != count || raw.size() % sizeof(Raw) != 0)
      fail(fmt::format("{} bytes of values, its shape needs {}", raw.size(), count * sizeof(Raw)));
    std::vector<Value> values(count);
    for (std::size_t i = 0; i < count; ++i) {
      Raw value;
      std::memcpy(&value, raw.data() + i * sizeof(Raw), sizeof(Raw));
      values[i] = static_cast<Value>(value);
    }
    return values;
  }

  const onnx::TensorProto& tensor_;
  const std::string& file_;
};

OnnxAttribute read_attribute(const onnx::AttributeProto& attribute, const std::string& file) {
  OnnxAttribute out{.name = attribute.name()};
  switch (attribute.type()) {
    case onnx::AttributeProto_AttributeType_INT:
      out.kind = OnnxAttributeKind::integer;
      out.integer = attribute.i();
      break;
    case onnx::AttributeProto_AttributeType_FLOAT:
      out.kind = OnnxAttributeKind::real;
      out.real = attribute.f();
      break;
    case onnx::AttributeProto_AttributeType_STRING:
      out.kind = OnnxAttributeKind::text;
      out.text = attribute.s();
      break;
    case onnx::AttributeProto_AttributeType_INTS:
      out.kind = OnnxAttributeKind::integers;
      out.integers.assign(attribute.ints().begin(), attribute.ints().end());
      break;
    case onnx::AttributeProto_AttributeType_FLOATS:
      out.kind = OnnxAttributeKind::reals;
      out.reals.assign(attribute.floats().begin(), attribute.floats().end());
      break;
    case onnx::AttributeProto_AttributeType_TENSOR:
      out.kind = OnnxAttributeKind::tensor;
      out.tensor = TensorValues(attribute.t(), file).take();
      break;
    default:
      break;
  }
  return out;
}

OnnxNode read_node(const onnx::NodeProto& node, const std::string& file) {
  OnnxNode out{.name = node.name(), .op = node.op_type()};
  if (node.domain() != "ai.onnx") out.domain = node.domain();
  out.inputs.assign(node.input().begin(), node.input().end());
  out.outputs.assign(node.output().begin(), node.output().end());
  for (const onnx::AttributeProto& attribute : node.attribute())
    out.attributes.push_back(read_attribute(attribute, file));
  return out;
}

}  // namespace

OnnxValue from_message(const onnx::ValueInfoProto& value) {
  const onnx::TypeProto_Tensor& tensor = value.type().tensor_type();
  OnnxValue out{.name = value.name(), .type = type_of(tensor.elem_type()), .shape = {}};
  for (const onnx::TensorShapeProto_Dimension& dimension : tensor.shape().dim()) {
    out.shape.push_back({.size = dimension.has_dim_value() ? dimension.dim_value() : -1,
                         .name = dimension.has_dim_param() ? dimension.dim_param() : std::string()});
  }
  return out;
}

OnnxGraph from_message(const onnx::ModelProto& model, const std::string& file) {
  OnnxGraph out{.name = model.graph().name(),
                .documentation = model.doc_string(),
                .producer = model.producer_name(),
                .producer_version = model.producer_version(),
                .ir_version = model.ir_version()};
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx") out.opset = opset.version();
  }
  for (const onnx::StringStringEntryProto& entry : model.metadata_props())
    out.metadata.emplace_back(entry.key(), entry.value());
  for (const onnx::NodeProto& node : model.graph().node()) out.nodes.push_back(read_node(node, file));
  for (const onnx::TensorProto& tensor : model.graph().initializer())
    out.initializers.push_back(TensorValues(tensor, file).take());
  for (const onnx::ValueInfoProto& input : model.graph().input()) out.inputs.push_back(from_message(input));
  for (const onnx::ValueInfoProto& output : model.graph().output())
    out.outputs.push_back(from_message(output));
  return out;
}

}  // namespace astrom3
