// SPDX-License-Identifier: MIT
#include "source/in_memory/arrow_leaves.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/arrow_c_data.h"
#include "astrom3/source/light_curve_table.h"
#include "formats/table_header.h"
#include "formats/table_leaf.h"
#include "source/in_memory/leaf.h"
#include "source/in_memory/table_state.h"
#include "source/in_memory/validity.h"

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

std::string_view format_of(const ArrowSchema& schema) {
  return schema.format == nullptr ? "" : schema.format;
}

std::string_view name_of(const ArrowSchema& schema) {
  return schema.name == nullptr ? "" : schema.name;
}

bool is_struct(std::string_view format) {
  return format == "+s";
}

bool is_view(std::string_view format) {
  return format == "+vl" || format == "+vL";
}

bool is_list(std::string_view format) {
  return format == "+l" || format == "+L" || format.starts_with("+w:") || is_view(format);
}

/// A node of the tree that schema and array are together.
struct Node {
  const ArrowSchema* schema;
  const ArrowArray* array;

  std::string_view format() const { return format_of(*schema); }
  std::string_view name() const { return name_of(*schema); }
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
};

/// Checks the numbers and pointers of `node`; Arrow does not say how large its buffers are.
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

bool set_number_type(std::string_view format, NumberType& type) {
  constexpr std::string_view kCodes = "csilCSILefgb";  // in the order of NumberType
  if (format.size() != 1 || kCodes.find(format[0]) == std::string_view::npos) return false;
  type = static_cast<NumberType>(kCodes.find(format[0]));
  return true;
}

/// How many of the unit a day has: seconds, milliseconds, ... by Arrow's letter; 0 for another letter.
std::int64_t per_day(char unit) {
  constexpr std::int64_t kSeconds = 86400;
  switch (unit) {
    case 's':
      return kSeconds;
    case 'm':
      return kSeconds * 1000;
    case 'u':
      return kSeconds * 1000000;
    case 'n':
      return kSeconds * 1000000000;
    default:
      return 0;
  }
}

/// Dates, timestamps of any time zone, durations. "ts" is followed by the unit, ':' and the zone.
bool set_time_type(std::string_view format, Leaf& leaf) {
  leaf.type = NumberType::int64;
  leaf.kind = format.starts_with("tD") ? WholeKind::duration : WholeKind::date;
  if (format == "tdD") {
    leaf.type = NumberType::int32;
    leaf.per_day = 1;
    return true;
  }
  if (format == "tdm") {
    leaf.per_day = per_day('m');
    return true;
  }
  const bool is_stamp = format.size() >= 4 && format.starts_with("ts") && format[3] == ':';
  if (!is_stamp && (format.size() != 3 || !format.starts_with("tD"))) return false;
  leaf.per_day = per_day(format[2]);
  return leaf.per_day > 0;
}

/// "d:PRECISION,SCALE" of 128 bits, or "d:PRECISION,SCALE,BITS".
bool set_decimal_type(std::string_view format, Leaf& leaf) {
  if (!format.starts_with("d:")) return false;
  std::array<int, 3> fields{0, 0, 128};
  const char* at = format.data() + 2;
  const char* const end = format.data() + format.size();
  std::size_t n = 0;
  for (; n < fields.size(); ++n) {
    const auto [stop, error] = std::from_chars(at, end, fields[n]);
    if (error != std::errc{}) return false;
    at = stop + 1;
    if (stop == end) break;
    if (*stop != ',') return false;
  }
  constexpr int kMostDecimals = 300;  // 10^300 is still a number
  if (n < 1 || n == fields.size() || std::abs(fields[1]) > kMostDecimals) return false;
  leaf.kind = WholeKind::decimal;
  leaf.decimals = fields[1];
  if (fields[2] == 32 || fields[2] == 64) leaf.type = fields[2] == 32 ? NumberType::int32 : NumberType::int64;
  if (fields[2] == 128 || fields[2] == 256) leaf.words = fields[2] / 64;
  return fields[2] == 32 || fields[2] == 64 || leaf.words > 0;
}

/// Sets the type of what is read as numbers: numbers, decimals, dates.
bool set_value_type(std::string_view format, Leaf& leaf) {
  if (set_number_type(format, leaf.type)) return true;
  Leaf other;
  if (!set_decimal_type(format, other)) {
    other = {};
    if (!set_time_type(format, other)) return false;
  }
  leaf.type = other.type;
  leaf.kind = other.kind;
  leaf.decimals = other.decimals;
  leaf.words = other.words;
  leaf.per_day = other.per_day;
  return true;
}

bool set_text_type(std::string_view format, TextType& type) {
  if (format == "u") type = TextType::utf8;
  if (format == "U") type = TextType::large_utf8;
  if (format == "vu") type = TextType::utf8_view;
  return type != TextType::none;
}

/// The name of a type in messages.
std::string type_name(std::string_view format) {
  struct Name {
    std::string_view format, name;
  };
  constexpr Name kNames[] = {
      {"u", "string"},
      {"U", "string"},
      {"vu", "string"},
      {"b", "bool"},
      {"ts", "timestamp"},
      {"td", "date"},
      {"tt", "time of day"},
      {"tD", "duration"},
      {"d:", "decimal"},
      {"z", "binary"},
      {"Z", "binary"},
      {"vz", "binary"},
      {"w:", "binary"},
      {"n", "null"},
      {"+r", "run_end_encoded (it must be decoded first)"},
      {"+u", "union (it must be cast first)"},
      {"+m", "map"},
      {"+", "nested"},
  };
  for (const Name& known : kNames) {
    if (format.starts_with(known.format)) return std::string(known.name);
  }
  NumberType number{};
  return set_number_type(format, number) ? "number" : escaped(format);
}

/// A child must have the elements of all its parent's rows.
void require_length(Node node, std::int64_t length) {
  if (node.array->length < length)
    fail(node.name(),
         fmt::format("an Arrow array of {} elements where {} are needed", node.array->length, length));
}

/// The nulls of the structs around something, the innermost first; the last place is free for its own.
using Around = std::array<Validity, 2>;

std::array<Validity, 3> with_own(Validity own, const Around& around) {
  return {own, around[0], around[1]};
}

/// The first `n` of node's values; `base` is where the structs around it begin.
Leaf make_leaf(Node node, std::int64_t base, std::int64_t n, const Around& around) {
  Leaf leaf;
  leaf.name = node.name();
  leaf.first = base + node.array->offset;
  leaf.length = n;
  leaf.validity = with_own(node.validity(leaf.first), around);
  leaf.data = node.buffer(1);
  if (node.schema->dictionary != nullptr) {
    if (!set_number_type(node.format(), leaf.type) || leaf.type >= NumberType::float16)
      fail(node.name(), fmt::format("a dictionary with indices of type \"{}\"", escaped(node.format())));
    if (node.array->dictionary == nullptr) fail(node.name(), "a dictionary without its values");
    const Node values = checked({node.schema->dictionary, node.array->dictionary});
    leaf.dictionary = std::make_shared<const Leaf>(make_leaf(values, 0, values.array->length, {}));
    if (leaf.dictionary->dictionary != nullptr) fail(node.name(), "a dictionary of dictionaries");
  } else if (set_text_type(node.format(), leaf.text)) {
    leaf.bytes = static_cast<const char*>(node.buffer(2));
    if (const std::int64_t n_buffers = node.array->n_buffers;
        leaf.text == TextType::utf8_view && n_buffers > 3) {
      leaf.blocks = node.array->buffers + 2;
      leaf.n_blocks = n_buffers - 3;  // the last buffer holds the sizes of the others
      leaf.block_sizes = static_cast<const std::int64_t*>(node.buffer(n_buffers - 1));
    }
  } else if (!set_value_type(node.format(), leaf)) {
    fail(node.name(), fmt::format("values of Arrow type \"{}\" ({}) cannot be read as numbers or texts; cast "
                                  "the column to one of these",
                                  escaped(node.format()), type_name(node.format())));
  }
  if (leaf.data == nullptr && leaf.length > 0) fail(node.name(), "an Arrow array without a data buffer");
  return leaf;
}

/// node's first `n` lists; `base` is where the structs around them begin.
Lists make_lists(Node node, std::int64_t n, std::int64_t base, const Around& around) {
  Lists lists;
  lists.length = n;
  lists.first = base + node.array->offset;
  lists.validity = with_own(node.validity(lists.first), around);
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
  const bool is_large = format == "+L" || format == "+vL";
  lists.kind = is_large ? Lists::Kind::offsets64 : Lists::Kind::offsets32;
  if (is_view(format)) {
    lists.kind = is_large ? Lists::Kind::views64 : Lists::Kind::views32;
    lists.sizes = node.buffer(2);
  }
  if (node.array->length > 0 && (lists.offsets == nullptr || (is_view(format) && lists.sizes == nullptr)))
    fail(node.name(), "a list array without offsets");
  return lists;
}

std::int32_t take_size(const char*& at) {
  std::int32_t size = 0;
  std::memcpy(&size, at, sizeof size);
  at += sizeof size;
  return size;
}

/// The unit that the metadata of a field note under "unit", "units" or "TUNIT", in any case.
std::string unit_of(const ArrowSchema& field) {
  const char* at = field.metadata;
  if (at == nullptr) return {};
  std::string unit;
  bool is_first_choice = false;
  for (std::int32_t n = take_size(at); n > 0; --n) {
    std::array<std::string_view, 2> pair;
    for (std::string_view& part : pair) {
      const std::int32_t size = take_size(at);
      if (size < 0) return unit;
      part = std::string_view(at, static_cast<std::size_t>(size));
      at += size;
    }
    const std::string key = folded_name(pair[0]);
    if (is_first_choice || (key != "unit" && key != "units" && key != "tunit")) continue;
    is_first_choice = key == "unit";
    unit = pair[1];
  }
  return unit;
}

/// The leaves below a schema, in their order.
class LeafFinder {
 public:
  std::vector<ArrowLeaf> find(const ArrowSchema& root) && {
    walk(root, {}, {}, 0, {});
    return std::move(leaves_);
  }

 private:
  static constexpr std::size_t kDeepest = 16;

  /// unit  of the lists that the node is in
  void walk(const ArrowSchema& node, const std::vector<std::string>& names, std::vector<std::int64_t> path,
            std::size_t depth, std::string unit) {
    const std::string_view format = format_of(node);
    if (std::string own = unit_of(node); !own.empty()) unit = std::move(own);
    if ((!is_struct(format) && !is_list(format)) || path.size() == kDeepest)
      return add(node, names, std::move(path), depth, std::move(unit));
    if (node.n_children < 0 || (node.n_children > 0 && node.children == nullptr)) fail_unfit(name_of(node));
    const std::int64_t n = is_list(format) ? 1 : node.n_children;
    path.push_back(0);
    for (std::int64_t i = 0; i < n; ++i) {
      if (i >= node.n_children || node.children[i] == nullptr) fail_unfit(name_of(node));
      path.back() = i;
      std::vector<std::string> longer = names;
      if (is_struct(format)) longer.emplace_back(name_of(*node.children[i]));
      walk(*node.children[i], longer, path, depth + (is_list(format) ? 1 : 0),
           is_list(format) ? unit : std::string{});
    }
  }

  void add(const ArrowSchema& node, const std::vector<std::string>& names, std::vector<std::int64_t> path,
           std::size_t depth, std::string unit) {
    constexpr TableLeaf::Shape kShapes[] = {TableLeaf::Shape::scalar, TableLeaf::Shape::series,
                                            TableLeaf::Shape::triples};
    const std::string_view format = format_of(node.dictionary != nullptr ? *node.dictionary : node);
    TableLeaf column;
    column.name = names.empty() ? name_of(node) : std::string_view(names.back());
    if (names.size() > 1) column.group = names.front();
    if (depth < std::size(kShapes)) column.shape = kShapes[depth];
    Leaf value;
    TextType text{};
    const bool is_any_number = set_value_type(format, value);
    column.is_number = is_any_number && value.type != NumberType::boolean;
    column.is_time = value.kind == WholeKind::date;
    column.unit = std::move(unit);
    column.is_readable = is_any_number || set_text_type(format, text);
    const bool is_float = value.type == NumberType::float16 || value.type == NumberType::float32 ||
                          value.type == NumberType::float64;
    column.is_real = is_any_number && (is_float || value.decimals != 0);
    column.type = type_name(format);
    leaves_.push_back({std::move(column), std::move(path)});
  }

  std::vector<ArrowLeaf> leaves_;
};

}  // namespace

std::vector<ArrowLeaf> arrow_leaves(const ArrowSchema& schema) {
  if (!is_struct(format_of(schema)) && !is_list(format_of(schema))) {
    fail(name_of(schema),
         fmt::format("expected light curves as lists or columns, found {} (Arrow type \"{}\")",
                     type_name(format_of(schema)), escaped(format_of(schema))));
  }
  return LeafFinder().find(schema);
}

MemoryColumn bind_leaf(const ArrowSchema& schema, const ArrowArray& array, const ArrowLeaf& leaf) {
  MemoryColumn column;
  Node node = checked({&schema, &array});
  std::int64_t n = array.length;  // elements that are needed
  std::int64_t first = 0;         // where they begin in the node's own count
  Around around{};
  std::size_t n_around = 0;
  for (const std::int64_t step : leaf.path) {
    require_length(node, first + n);
    if (is_list(node.format())) {
      if (column.inner.has_value()) fail(node.name(), "lists of lists of lists");
      (column.lists.has_value() ? column.inner : column.lists) = make_lists(node, n, first, around);
      node = checked(node.child(step));
      n = node.array->length;
      first = 0;
      around = {};
      n_around = 0;
    } else {
      first += node.array->offset;
      if (n_around == around.size()) fail(node.name(), "structs in structs in structs");
      around[n_around++] = node.validity(first);
      node = checked(node.child(step));
    }
  }
  require_length(node, first + n);
  column.leaf = make_leaf(node, first, n, around);
  column.leaf.name = leaf.column.name;
  return column;
}

}  // namespace astrom3
