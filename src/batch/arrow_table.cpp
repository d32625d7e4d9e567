// SPDX-License-Identifier: MIT
//
// Arrow arrays of every nested layout as a table of light curves, by pointer.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

#include "batch/table_state.h"

namespace astrom3 {
namespace {

[[noreturn]] void fail(std::string_view column, std::string message) {
  throw Error(
      Diagnostic{.code = Status::usage, .column = std::string(column), .message = std::move(message)});
}

/// Keeps sums and products of lengths and offsets within 64 bits.
constexpr std::int64_t kMostElements = std::int64_t{1} << 60;

[[noreturn]] void fail_unfit(std::string_view column) {
  fail(column, "the Arrow array does not fit its schema");
}

/// A node of the tree that schema and array are together.
struct Node {
  const ArrowSchema* schema;
  const ArrowArray* array;

  std::string_view format() const { return schema->format == nullptr ? "" : schema->format; }
  std::string_view name() const { return schema->name == nullptr ? "" : schema->name; }
  const void* buffer(std::int64_t i) const { return i < array->n_buffers ? array->buffers[i] : nullptr; }
  /// The bitmap, where there are nulls or may be.
  Validity validity(std::int64_t first) const {
    return {array->null_count == 0 ? nullptr : static_cast<const std::uint8_t*>(buffer(0)), first};
  }
  std::int64_t n_children() const { return schema->n_children; }
  Node child(std::int64_t i) const {
    if (i >= n_children() || schema->children[i] == nullptr || array->children[i] == nullptr)
      fail_unfit(name());
    return {schema->children[i], array->children[i]};
  }
  bool is_struct() const { return format() == "+s"; }
  bool is_list() const { return format() == "+l" || format() == "+L" || format().starts_with("+w:"); }
};

/// `node` with numbers and pointers that can be worked with; how large its buffers are, Arrow does not say.
Node checked(Node node) {
  const auto is_size = [](std::int64_t n) { return n >= 0 && n <= kMostElements; };
  const ArrowArray& array = *node.array;
  const bool has_children =
      array.n_children == 0 || (node.schema->children != nullptr && array.children != nullptr);
  if (!is_size(array.length) || !is_size(array.offset) || node.schema->n_children != array.n_children ||
      !has_children || (array.n_buffers > 0 && array.buffers == nullptr)) {
    fail_unfit(node.name());
  }
  return node;
}

std::string names_in(Node node) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < node.n_children(); ++i) names.push_back(escaped(node.child(i).name()));
  return fmt::format("{}", fmt::join(names, ", "));
}

Node child_named(Node node, std::string_view name) {
  for (std::int64_t i = 0; i < node.n_children(); ++i) {
    if (node.child(i).name() == name) return checked(node.child(i));
  }
  fail(name, fmt::format("there is no such column among {}", names_in(node)));
}

bool set_number_type(std::string_view format, NumberType& type) {
  constexpr std::string_view kCodes = "csilCSILefgb";  // in the order of NumberType
  if (format.size() != 1 || kCodes.find(format[0]) == std::string_view::npos) return false;
  type = static_cast<NumberType>(kCodes.find(format[0]));
  return true;
}

bool set_text_type(std::string_view format, TextType& type) {
  if (format == "u") type = TextType::utf8;
  if (format == "U") type = TextType::large_utf8;
  if (format == "vu") type = TextType::utf8_view;
  return type != TextType::none;
}

/// A child must have the elements of all its parent's rows.
void require_length(Node node, std::int64_t length) {
  if (node.array->length < length)
    fail(node.name(),
         fmt::format("an Arrow array of {} elements where {} are needed", node.array->length, length));
}

/// node's values; `base` is where a struct around it begins.
Leaf make_leaf(Node node, std::int64_t base, Validity around) {
  Leaf leaf;
  leaf.name = node.name();
  leaf.first = base + node.array->offset;
  leaf.length = node.array->length - base;
  leaf.validity = {node.validity(leaf.first), around};
  leaf.data = node.buffer(1);
  if (node.schema->dictionary != nullptr) {
    if (!set_number_type(node.format(), leaf.type) || leaf.type >= NumberType::float16)
      fail(node.name(), fmt::format("a dictionary with indices of type \"{}\"", escaped(node.format())));
    if (node.array->dictionary == nullptr) fail(node.name(), "a dictionary without its values");
    leaf.dictionary = std::make_shared<const Leaf>(
        make_leaf(checked({node.schema->dictionary, node.array->dictionary}), 0, {}));
    if (leaf.dictionary->dictionary != nullptr) fail(node.name(), "a dictionary of dictionaries");
  } else if (set_text_type(node.format(), leaf.text)) {
    leaf.bytes = static_cast<const char*>(node.buffer(2));
    if (const std::int64_t n = node.array->n_buffers; leaf.text == TextType::utf8_view && n > 3) {
      leaf.blocks = node.array->buffers + 2;
      leaf.n_blocks = n - 3;  // the last buffer holds the sizes of the others
      leaf.block_sizes = static_cast<const std::int64_t*>(node.buffer(n - 1));
    }
  } else if (!set_number_type(node.format(), leaf.type)) {
    fail(node.name(), fmt::format("values of Arrow type \"{}\" cannot be read as numbers or texts",
                                  escaped(node.format())));
  }
  if (leaf.data == nullptr && leaf.length > 0) fail(node.name(), "an Arrow array without a data buffer");
  return leaf;
}

/// node's lists, one for each of `n` rows; `base` is where the structs around it begin, `around` their nulls.
Lists make_lists(Node node, std::int64_t n, std::int64_t base, const std::array<Validity, 2>& around) {
  require_length(node, base + n);
  Lists lists;
  lists.first = base + node.array->offset;
  lists.validity = {node.validity(lists.first), around[0], around[1]};
  lists.offsets = node.buffer(1);
  const std::string_view format = node.format();
  if (format.starts_with("+w:")) {
    lists.kind = Lists::Kind::fixed;
    const auto [end, error] =
        std::from_chars(format.data() + 3, format.data() + format.size(), lists.fixed_size);
    if (error != std::errc{} || end != format.data() + format.size() || lists.fixed_size < 0 ||
        lists.fixed_size > kMostElements / (lists.first + n + 1))
      fail(node.name(), "a fixed_size_list of unreadable size");
    return lists;
  }
  lists.kind = format == "+L" ? Lists::Kind::offsets64 : Lists::Kind::offsets32;
  if (lists.offsets == nullptr && node.array->length > 0) fail(node.name(), "a list array without offsets");
  return lists;
}

struct ReleasedArray {
  ArrowArray array;
  ReleasedArray(ArrowArray& from) : array(from) { from.release = nullptr; }  // NOLINT
  ReleasedArray(const ReleasedArray&) = delete;
  ReleasedArray& operator=(const ReleasedArray&) = delete;
  ~ReleasedArray() {
    if (array.release != nullptr) array.release(&array);
  }
};

template <typename State>
void bind_list_of_structs(State& state, const Node& root, std::int64_t n_rows, std::int64_t base,
                          const std::array<Validity, 2>& around) {
  const Node rows = checked(root.child(0));
  if (!rows.is_struct())
    fail(root.name(),
         fmt::format("expected a list of structs, found a list of \"{}\"", escaped(rows.format())));
  const Lists lists = make_lists(root, n_rows, base, around);
  const std::int64_t first = rows.array->offset;
  state.bind([&](const std::string& name) {
    const Node values = child_named(rows, name);
    require_length(values, first + rows.array->length);
    RaggedColumn column{lists, make_leaf(values, first, rows.validity(first))};
    column.leaf.length = rows.array->length;
    return column;
  });
}

template <typename State>
void bind_struct_of_lists(State& state, const Node& root, std::int64_t n_rows, std::int64_t base,
                          std::array<Validity, 2> around) {
  base += root.array->offset;
  around[1] = root.validity(base);
  state.bind([&](const std::string& name) {
    const Node list = child_named(root, name);
    if (!list.is_list())
      fail(name, fmt::format("expected a list column, found Arrow type \"{}\"", escaped(list.format())));
    return RaggedColumn{make_lists(list, n_rows, base, around), make_leaf(checked(list.child(0)), 0, {})};
  });
}

}  // namespace

LightCurveTable LightCurveTable::from_arrow(const ArrowSchema& schema, ArrowArray& array,
                                            const TableOptions& options) {
  if (schema.release == nullptr || array.release == nullptr) {
    throw Error(Status::usage, "an Arrow array that was released already");
  }
  const auto owned = std::make_shared<ReleasedArray>(array);
  auto state = std::make_unique<State>();
  state->options = options;
  state->owner = owned;

  Node root = checked({&schema, &owned->array});
  const std::int64_t n_rows = root.array->length;
  state->size = static_cast<std::size_t>(n_rows);
  std::int64_t base = 0;
  std::array<Validity, 2> around{};
  if (!options.nested.empty()) {
    if (!root.is_struct()) fail(options.nested, "expected columns, found one array");
    base = root.array->offset;
    around[0] = root.validity(base);
    root = child_named(root, options.nested);
    require_length(root, base + n_rows);
  }

  if (root.is_list()) {
    bind_list_of_structs(*state, root, n_rows, base, around);
  } else if (root.is_struct()) {
    bind_struct_of_lists(*state, root, n_rows, base, around);
  } else {
    fail(root.name(), fmt::format("expected light curves as a list of structs or a struct of lists, found "
                                  "Arrow type \"{}\"",
                                  escaped(root.format())));
  }
  return LightCurveTable(std::move(state));
}

}  // namespace astrom3
