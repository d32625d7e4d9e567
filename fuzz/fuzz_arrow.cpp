// SPDX-License-Identifier: MIT
//
// Any Arrow array that another library might hand over: an Error, or light curves and rejections.
//
// The bytes choose a tree of arrays. Its buffers have exactly the sizes that the Arrow format demands of each
// array's own length, offset and type, so that a read beyond them is seen; what it says between arrays
// (lengths of children, list offsets, sizes, indices, views, missing children and buffers) may be anything.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/light_curve_table.h"
#include "require.h"

namespace astrom3 {
namespace {

constexpr const char* kLeaves[] = {"g",           "f",   "e",   "c",       "s",        "i",         "l",
                                   "C",           "S",   "I",   "L",       "b",        "u",         "U",
                                   "vu",          "z",   "n",   "tsu:",    "d:9,2,32", "d:18,9,64", "d:38,3",
                                   "d:76,-2,256", "tdD", "tdm", "tsn:UTC", "tDs",      "+r"};
constexpr const char* kLists[] = {"+l",    "+L",   "+w:0", "+w:1", "+w:2", "+w:9223372036854775807",
                                  "+w:-1", "+w:x", "+vl",  "+vL"};
constexpr std::int64_t kSizes[] = {0, 1, -1, 2, 100, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};

int n_released = 0;

void release_array(ArrowArray* array) {
  ++n_released;
  array->release = nullptr;
}
void release_schema(ArrowSchema* schema) {
  schema->release = nullptr;
}

/// One array with its schema, and everything they point to.
struct Node {
  ArrowSchema schema{};
  ArrowArray array{};
  std::string format, name;
  std::vector<std::vector<std::uint8_t>> bytes;
  std::vector<const void*> buffers;
  std::vector<ArrowSchema*> schemas;
  std::vector<ArrowArray*> arrays;
};

class Builder {
  template <class Table>
  auto any(const Table& table) {
    return table[choices_.ConsumeIntegralInRange<std::size_t>(0, std::size(table) - 1)];
  }
  bool rarely() { return choices_.ConsumeIntegral<std::uint8_t>() >= 248; }

 public:
  explicit Builder(FuzzedDataProvider& choices) : choices_(choices) {}

  Node& list(const std::string& name, Node& values) {
    Node& node = start(name, any(kLists));
    if (node.format == "+l") add_buffer(node, random_numbers<std::int32_t>(cells(node) + 1));
    if (node.format == "+L") add_buffer(node, random_numbers<std::int64_t>(cells(node) + 1));
    for (int offsets_and_sizes = 0; offsets_and_sizes < 2; ++offsets_and_sizes) {
      if (node.format == "+vl") add_buffer(node, random_numbers<std::int32_t>(cells(node)));
      if (node.format == "+vL") add_buffer(node, random_numbers<std::int64_t>(cells(node)));
    }
    add_child(node, values);
    return finish(node);
  }

  Node& columns(const std::string& name, const std::vector<Node*>& children) {
    Node& node = start(name, "+s");
    for (Node* child : children) add_child(node, *child);
    return finish(node);
  }

  Node& leaf(const std::string& name) {
    Node& node = start(name, any(kLeaves));
    const std::size_t n = cells(node);
    if (node.format == "u") {
      add_text<std::int32_t>(node, n);
    } else if (node.format == "U") {
      add_text<std::int64_t>(node, n);
    } else if (node.format == "vu") {
      add_views(node, n);
    } else {
      add_buffer(node, random_bytes(node.format == "b" ? (n + 7) / 8 : n * width(node.format)));
      if (choices_.ConsumeProbability<float>() < 0.2f && depth_ == 0) add_dictionary(node);
    }
    return finish(node);
  }

 private:
  static std::size_t width(const std::string& format) {
    if (format.starts_with("d:"))
      return format.ends_with(",32") ? 4 : format.ends_with(",64") ? 8 : format.ends_with(",256") ? 32 : 16;
    if (format == "tdD") return 4;
    const char c = format[0];
    if (c == 'c' || c == 'C') return 1;
    if (c == 's' || c == 'S' || c == 'e') return 2;
    return c == 'i' || c == 'I' || c == 'f' ? 4 : 8;
  }
  static std::size_t cells(const Node& node) {
    return static_cast<std::size_t>(std::max<std::int64_t>(0, node.array.length) + node.array.offset);
  }

  std::vector<std::uint8_t> random_bytes(std::size_t n) {
    std::vector<std::uint8_t> bytes = choices_.ConsumeBytes<std::uint8_t>(n);
    bytes.resize(n, 0x40);
    return bytes;
  }
  template <class T>
  static std::vector<std::uint8_t> bytes_of(const std::vector<T>& values) {
    std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
  }
  /// Mostly small and growing, as offsets are.
  template <class T>
  std::vector<std::uint8_t> random_numbers(std::size_t n) {
    std::vector<T> values(n);
    T last = 0;
    for (T& value : values) {
      const std::int64_t next = rarely() ? any(kSizes) : last + choices_.ConsumeIntegralInRange<int>(0, 3);
      value = static_cast<T>(next);
      if (next >= 0 && next < 1000) last = value;
    }
    return bytes_of(values);
  }

  Node& start(const std::string& name, const std::string& format) {
    Node& node = nodes_.emplace_back();
    node.name = name;
    node.format = format;
    node.array.length = choices_.ConsumeIntegralInRange<int>(0, 12);
    node.array.offset = choices_.ConsumeIntegralInRange<int>(0, 3);
    if (choices_.ConsumeBool()) {
      add_buffer(node, random_bytes((cells(node) + 7) / 8));
      node.array.null_count = choices_.ConsumeIntegralInRange<int>(-1, 3);
    } else {
      node.buffers.push_back(nullptr);
      node.array.null_count = choices_.ConsumeIntegralInRange<int>(-1, 1);
    }
    return node;
  }

  void add_buffer(Node& node, std::vector<std::uint8_t> bytes) {
    node.bytes.push_back(std::move(bytes));
    node.buffers.push_back(node.bytes.back().data());
  }
  void add_child(Node& node, Node& child) {
    node.schemas.push_back(&child.schema);
    node.arrays.push_back(&child.array);
  }

  template <class Offset>
  void add_text(Node& node, std::size_t n) {
    std::vector<Offset> offsets(n + 1);
    for (std::size_t i = 1; i <= n; ++i)
      offsets[i] = static_cast<Offset>(offsets[i - 1] + choices_.ConsumeIntegralInRange<int>(0, 2));
    add_buffer(node, bytes_of(offsets));
    add_buffer(node, random_bytes(static_cast<std::size_t>(offsets[n])));
  }

  void add_views(Node& node, std::size_t n) {
    std::vector<std::int32_t> views;  // length, then four bytes of text, a block, an offset in it
    for (std::size_t i = 0; i < n; ++i) {
      views.push_back(rarely() ? static_cast<std::int32_t>(any(kSizes))
                               : choices_.ConsumeIntegralInRange(0, 20));
      views.push_back(0x67676767);
      views.push_back(rarely() ? static_cast<std::int32_t>(any(kSizes))
                               : choices_.ConsumeIntegralInRange(0, 1));
      views.push_back(rarely() ? static_cast<std::int32_t>(any(kSizes))
                               : choices_.ConsumeIntegralInRange(0, 8));
    }
    add_buffer(node, bytes_of(views));
    std::vector<std::int64_t> sizes;
    for (int block = choices_.ConsumeIntegralInRange(0, 2); block > 0; --block) {
      sizes.push_back(choices_.ConsumeIntegralInRange(0, 24));
      add_buffer(node, random_bytes(static_cast<std::size_t>(sizes.back())));
    }
    add_buffer(node, bytes_of(sizes));
  }

  void add_dictionary(Node& node) {
    ++depth_;
    Node& values = leaf("");
    --depth_;
    node.schema.dictionary = &values.schema;
    node.array.dictionary = rarely() ? nullptr : &values.array;
  }

  /// Connects the pointers, and now and then one of them wrongly.
  Node& finish(Node& node) {
    node.schema.format = rarely() ? nullptr : node.format.c_str();
    node.schema.name = rarely() ? nullptr : node.name.c_str();
    node.schema.n_children = static_cast<std::int64_t>(node.schemas.size());
    node.schema.children = node.schemas.data();
    node.schema.release = release_schema;
    node.array.n_children = static_cast<std::int64_t>(node.arrays.size());
    node.array.children = node.arrays.data();
    node.array.n_buffers = static_cast<std::int64_t>(node.buffers.size());
    node.array.buffers = node.buffers.data();
    node.array.release = release_array;
    if (!rarely()) return node;
    switch (choices_.ConsumeIntegralInRange(0, 8)) {
      case 0:
        node.array.length = -1 - node.array.length;
        break;
      case 1:
        node.array.offset = -1 - node.array.offset;
        break;
      case 2:
        node.schema.n_children = node.array.n_children = 0;
        break;
      case 3:
        --node.array.n_children;
        break;
      case 4:
        node.schema.children = nullptr;
        node.array.children = nullptr;
        break;
      case 5:
        node.array.n_buffers = choices_.ConsumeIntegralInRange<std::int64_t>(-1, node.array.n_buffers);
        break;
      case 6:
        node.array.n_buffers = 0;
        node.array.buffers = nullptr;
        break;
      case 7:
        node.buffers.back() = nullptr;
        break;
      default:
        if (!node.arrays.empty()) node.arrays.front() = nullptr;
        break;
    }
    return node;
  }

  FuzzedDataProvider& choices_;
  std::list<Node> nodes_;  // addresses stay
  int depth_ = 0;
};

/// The layouts that light curves come in: lists of structs, structs of lists, triples, an observation a row;
/// by themselves or in a record batch, beside ids.
Node& any_tree(Builder& builder, FuzzedDataProvider& choices) {
  const auto layout = choices.ConsumeIntegralInRange(0, 3);
  const bool is_nested = choices.ConsumeBool();
  if (layout == 0) {
    Node& triples = builder.list("photometry", builder.list("item", builder.leaf("item")));
    return is_nested ? builder.columns("", {&triples, &builder.leaf("object_id")}) : triples;
  }
  std::vector<Node*> columns;
  for (const char* name : {"time", "mag", "magerr", "catflags", "band"}) {
    Node& leaf = builder.leaf(name);
    columns.push_back(layout == 1 ? &builder.list(name, leaf) : &leaf);
  }
  if (layout == 3) {
    columns.push_back(&builder.leaf("object_id"));
    return builder.columns("", columns);
  }
  Node& rows = builder.columns("lc", columns);
  Node& curves = layout == 2 ? builder.list("lc", rows) : rows;
  return is_nested ? builder.columns("", {&curves, &builder.leaf("object_id")}) : curves;
}

struct Reading {
  SourceOptions options;
  std::vector<Condition> where;
};

Reading any_reading(FuzzedDataProvider& choices) {
  Reading reading;
  SourceOptions& options = reading.options;
  if (choices.ConsumeBool()) options.format = choices.ConsumeBool() ? "csv" : "ztf_flagged";
  if (choices.ConsumeBool()) options.band = choices.ConsumeBool() ? "g" : "1";
  if (options.band.empty()) options.split_bands = choices.ConsumeBool();
  if (choices.ConsumeBool()) options.zero_point_jy = 3631;
  if (choices.ConsumeBool()) options.nonfinite = NonfinitePolicy::drop;
  if (choices.ConsumeBool()) options.missing_error = 0.1;
  if (choices.ConsumeBool()) reading.where.push_back({.column = "band", .numbers = {1, 0}, .texts = {}});
  if (choices.ConsumeBool()) reading.where.push_back({.column = "band", .numbers = {}, .texts = {"g", "gg"}});
  return reading;
}

void read_all(const LightCurveTable& table) {
  SourceObject object;
  for (std::size_t i = 0; i < std::min<std::size_t>(table.size(), 64); ++i) {
    table.read(i, object);
    require(object.object_id == table.object_id(i) || object.rejection.has_value());
    const std::size_t n = object.light_curve.size();
    require(object.light_curve.flux.size() == n && object.light_curve.flux_err.size() == n);
    if (object.rejection.has_value()) {
      require(n == 0 && object.rejection->code != Status::ok);
    } else {
      require(n + object.dropped.total() == object.n_raw);
    }
  }
}

}  // namespace
}  // namespace astrom3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  FuzzedDataProvider choices(data, size);
  Reading reading = any_reading(choices);
  Builder builder(choices);
  Node& root = any_tree(builder, choices);
  n_released = 0;
  try {
    read_all(LightCurveTable::from_arrow(root.schema, root.array, reading.options, reading.where));
  } catch (const Error& error) {
    require(error.code() != Status::internal && error.code() != Status::ok);
  }
  require(n_released == 1 && root.array.release == nullptr);  // by the table, and only once
  return 0;
}
