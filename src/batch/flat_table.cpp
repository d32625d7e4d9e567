// SPDX-License-Identifier: MIT
//
// Flat columns with offsets as a table of light curves.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "batch/table_state.h"

namespace astrom3 {
namespace {

/// The texts of a categorical column as Arrow would hold them, and the memory for it.
struct Categories {
  std::vector<std::string> texts;
  std::vector<std::int64_t> offsets{0};
  std::string bytes;
  Leaf leaf;

  explicit Categories(std::vector<std::string> names) : texts(std::move(names)) {
    for (const std::string& text : texts) {
      bytes += text;
      offsets.push_back(static_cast<std::int64_t>(bytes.size()));
    }
    leaf.length = static_cast<std::int64_t>(texts.size());
    leaf.text = TextType::large_utf8;
    leaf.data = offsets.data();
    leaf.bytes = bytes.data();
  }
};

Leaf make_leaf(const FlatColumn& column, std::size_t n_rows) {
  Leaf leaf;
  leaf.name = column.name;
  leaf.length = static_cast<std::int64_t>(n_rows);
  leaf.type = column.type;
  leaf.data = column.data;
  if (!column.categories.empty()) {
    const auto categories = std::make_shared<const Categories>(column.categories);
    leaf.dictionary = std::shared_ptr<const Leaf>(categories, &categories->leaf);
  }
  return leaf;
}

void check_offsets(std::span<const std::int64_t> offsets, std::size_t n_rows) {
  if (offsets.empty()) throw Error(Status::usage, "offsets: expected one more than light curves, found none");
  std::int64_t previous = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] < previous || offsets[i] > static_cast<std::int64_t>(n_rows)) {
      throw Error(Status::usage, fmt::format("offsets: number {} is {}, expected {} to {}", i, offsets[i],
                                             previous, n_rows));
    }
    previous = offsets[i];
  }
}

}  // namespace

LightCurveTable LightCurveTable::from_columns(std::span<const std::int64_t> offsets, std::size_t n_rows,
                                              std::vector<FlatColumn> columns, const TableOptions& options) {
  check_offsets(offsets, n_rows);
  auto state = std::make_unique<State>();
  state->options = options;
  state->size = offsets.size() - 1;
  state->offsets.assign(offsets.begin(), offsets.end());
  state->bind([&](const std::string& name) {
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const FlatColumn& column) { return column.name == name; });
    if (found == columns.end()) {
      std::vector<std::string> names;
      for (const FlatColumn& column : columns) names.push_back(escaped(column.name));
      throw Error(
          Diagnostic{.code = Status::usage,
                     .column = name,
                     .message = fmt::format("there is no such column among {}", fmt::join(names, ", "))});
    }
    if (found->data == nullptr && n_rows > 0) {
      throw Error(Diagnostic{.code = Status::usage, .column = name, .message = "no data: a null pointer"});
    }
    RaggedColumn column;
    column.lists.offsets = state->offsets.data();
    column.leaf = make_leaf(*found, n_rows);
    return column;
  });
  return LightCurveTable(std::move(state));
}

}  // namespace astrom3
