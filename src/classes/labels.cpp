// SPDX-License-Identifier: MIT
#include "astrom3/classes/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "base/joined.h"
#include "formats/keyed_table.h"
#include "formats/parquet.h"
#include "formats/table_header.h"

namespace astrom3 {
namespace {

constexpr std::string_view kClassColumns[] = {"class", "label", "var_type", "variable_type"};

std::optional<std::size_t> find_class(const KeyedTable& table) {
  for (const std::string_view name : kClassColumns) {
    if (const auto column = table.find(name)) return column;
  }
  return std::nullopt;
}

/// Adds one; the same id again must have the same class: what is said otherwise, or nothing.
std::string add(Labels& labels, std::string_view id, std::string_view label) {
  const auto [entry, is_new] = labels.emplace(id, label);
  if (is_new || entry->second == label) return {};
  return fmt::format("object {} is {} here and {} before", escaped(id), escaped(label),
                     escaped(entry->second));
}

}  // namespace

Labels read_labels(const std::filesystem::path& file, const std::string& id_column, bool required) {
  KeyedTable table(file, Status::bad_catalog);
  const auto class_column = find_class(table);
  if (!class_column) {
    if (!required) return {};
    table.fail(fmt::format("no column is {}; found: {}", joined(kClassColumns, ", "), listed(table.names())));
  }
  table.select({{table.find_id(id_column), CellType::text}, {*class_column, CellType::text}});
  Labels labels;
  while (table.next()) {
    // An empty class is not a label, and a label without an id belongs to no object.
    if (table.text(0).empty() || table.text(1).empty()) continue;
    const std::string conflict = add(labels, table.text(0), table.text(1));
    if (!conflict.empty()) table.fail_in_row(conflict);
  }
  return labels;
}

std::vector<std::string_view> classes_of_label(std::string_view label) {
  std::vector<std::string_view> classes;
  for (std::size_t begin = 0; begin <= label.size();) {
    const std::size_t end = std::min(label.find('|', begin), label.size());
    const std::string_view one = label.substr(begin, end - begin);
    if (one.empty())
      throw Error(Status::bad_catalog, fmt::format("class {} has an empty part beside |", escaped(label)));
    if (std::find(classes.begin(), classes.end(), one) == classes.end()) classes.push_back(one);
    check_class_count(classes.size());
    begin = end + 1;
  }
  return classes;
}

void check_class_count(std::size_t n_classes) {
  constexpr std::size_t kMostClasses = 1000;
  if (n_classes > kMostClasses)
    throw Error(Status::bad_catalog, fmt::format("more than {} different classes", kMostClasses),
                "is the column of classes another one?");
}

void merge_labels(Labels& labels, const Labels& more) {
  for (const auto& [id, label] : more) {
    const std::string conflict = add(labels, id, label);
    if (!conflict.empty()) throw Error(Status::bad_catalog, conflict);
  }
}

}  // namespace astrom3
