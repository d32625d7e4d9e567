// SPDX-License-Identifier: MIT

#include <bit>
#include <cstdint>

#include "onnx/graph.h"
#include "onnx/module/convert.h"

namespace astrom3 {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

int element_type(OnnxType type) {
  switch (type) {
    case OnnxType::float32:
      return onnx::TensorProto_DataType_FLOAT;
    case OnnxType::int64:
      return onnx::TensorProto_DataType_INT64;
    case OnnxType::boolean:
      return onnx::TensorProto_DataType_BOOL;
    case OnnxType::unsupported:
      break;
  }
  return onnx::TensorProto_DataType_UNDEFINED;
}

void write_tensor(const OnnxTensor& tensor, onnx::TensorProto& out) {
  out.set_name(tensor.name);
  out.set_data_type(element_type(tensor.type));
  for (const std::int64_t size : tensor.shape) out.add_dims(size);
  if (tensor.type == OnnxType::float32) {
    out.set_raw_data(tensor.floats.data(), tensor.floats.size() * sizeof(float));
  } else if (tensor.type == OnnxType::int64) {
    out.set_raw_data(tensor.integers.data(), tensor.integers.size() * sizeof(std::int64_t));
  } else {
    for (const std::int64_t value : tensor.integers) out.add_int32_data(value != 0 ? 1 : 0);
  }
}

void write_attribute(const OnnxAttribute& attribute, onnx::AttributeProto& out) {
  out.set_name(attribute.name);
  switch (attribute.kind) {
    case OnnxAttributeKind::integer:
      out.set_type(onnx::AttributeProto_AttributeType_INT);
      out.set_i(attribute.integer);
      break;
    case OnnxAttributeKind::real:
      out.set_type(onnx::AttributeProto_AttributeType_FLOAT);
      out.set_f(attribute.real);
      break;
    case OnnxAttributeKind::text:
      out.set_type(onnx::AttributeProto_AttributeType_STRING);
      out.set_s(attribute.text);
      break;
    case OnnxAttributeKind::integers:
      out.set_type(onnx::AttributeProto_AttributeType_INTS);
      for (const std::int64_t value : attribute.integers) out.add_ints(value);
      break;
    case OnnxAttributeKind::reals:
      out.set_type(onnx::AttributeProto_AttributeType_FLOATS);
      for (const float value : attribute.reals) out.add_floats(value);
      break;
    case OnnxAttributeKind::tensor:
      out.set_type(onnx::AttributeProto_AttributeType_TENSOR);
      write_tensor(attribute.tensor, *out.mutable_t());
      break;
    case OnnxAttributeKind::other:
      break;
  }
}

void write_node(const OnnxNode& node, onnx::NodeProto& out) {
  out.set_name(node.name);
  out.set_op_type(node.op);
  if (!node.domain.empty()) out.set_domain(node.domain);
  for (const std::string& input : node.inputs) out.add_input(input);
  for (const std::string& output : node.outputs) out.add_output(output);
  for (const OnnxAttribute& attribute : node.attributes) write_attribute(attribute, *out.add_attribute());
}

void write_value(const OnnxValue& value, onnx::ValueInfoProto& out) {
  out.set_name(value.name);
  onnx::TypeProto_Tensor& tensor = *out.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(element_type(value.type));
  onnx::TensorShapeProto& shape = *tensor.mutable_shape();
  for (const OnnxDimension& dimension : value.shape) {
    onnx::TensorShapeProto_Dimension& added = *shape.add_dim();
    if (!dimension.name.empty()) {
      added.set_dim_param(dimension.name);
    } else if (dimension.size >= 0) {
      added.set_dim_value(dimension.size);
    }
  }
}

}  // namespace

onnx::ModelProto to_message(const OnnxGraph& graph) {
  onnx::ModelProto model;
  model.set_ir_version(graph.ir_version);
  model.set_producer_name(graph.producer);
  model.set_producer_version(graph.producer_version);
  model.set_doc_string(graph.documentation);
  onnx::OperatorSetIdProto& opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(graph.opset);
  for (const auto& [key, value] : graph.metadata) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  onnx::GraphProto& out = *model.mutable_graph();
  out.set_name(graph.name);
  for (const OnnxNode& node : graph.nodes) write_node(node, *out.add_node());
  for (const OnnxTensor& tensor : graph.initializers) write_tensor(tensor, *out.add_initializer());
  for (const OnnxValue& input : graph.inputs) write_value(input, *out.add_input());
  for (const OnnxValue& output : graph.outputs) write_value(output, *out.add_output());
  return model;
}

}  // namespace astrom3
