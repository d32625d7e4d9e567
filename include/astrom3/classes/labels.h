// SPDX-License-Identifier: MIT
//
// Classes of objects by their id.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

/// Classes by object id.
using Labels = std::map<std::string, std::string, std::less<>>;

/// Reads a table in text (any separator, plain, gzip or Zstandard) or Parquet with object_id (or `id_column`)
/// and a column named class, label, var_type or variable_type; rows without id or class are skipped. Throws
/// Error bad_catalog naming file and line; `required` false: a table without such a column has no labels.
Labels read_labels(const std::filesystem::path& file, const std::string& id_column = {},
                   bool required = true);

/// The classes of a label: "EW|EB" is one of the two, and nobody says which. In their order, each once.
/// Throws Error bad_catalog where one is empty.
std::vector<std::string_view> classes_of_label(std::string_view label);

/// Throws Error bad_catalog if there are more classes than anybody could mean: tables of classes by classes
/// are made of them, and ids that stand in the column of classes would fill the memory.
void check_class_count(std::size_t n_classes);

/// Adds `more` to `labels`. Throws Error bad_catalog if an object has different classes in the two.
void merge_labels(Labels& labels, const Labels& more);

}  // namespace astrom3
