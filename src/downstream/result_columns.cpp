// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/embeddings.h"
#include "downstream/result_file.h"
#include "formats/table_header.h"

namespace astrom3 {
namespace {

/// e0, e1, ... up to the first that is missing, wherever they are.
std::vector<std::size_t> embedding_columns(const std::vector<std::string>& names) {
  std::vector<std::optional<std::size_t>> of_index(names.size());
  for (std::size_t c = 0; c < names.size(); ++c) {
    const auto index = embedding_index(names[c]);
    if (index && *index < names.size()) of_index[*index] = c;
  }
  std::vector<std::size_t> columns;
  for (const auto& column : of_index) {
    if (!column) break;
    columns.push_back(*column);
  }
  return columns;
}

}  // namespace

std::optional<std::size_t> embedding_index(std::string_view column) {
  if (column.size() < 2 || column.front() != 'e') return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(column.data() + 1, column.data() + column.size(), index);
  if (error != std::errc{} || end != column.data() + column.size()) return std::nullopt;
  return index;
}

ResultColumns find_result_columns(const std::vector<std::string>& names, VectorKind kind) {
  ResultColumns found;
  found.status = find_column("status", names);
  for (std::size_t i = 0; i < kScalarNames.size(); ++i)
    found.scalars[i] = find_column(kScalarNames[i], names);
  if (kind == VectorKind::embedding) found.vector = embedding_columns(names);
  for (std::size_t c = 0; kind == VectorKind::probabilities && c < names.size(); ++c) {
    if (!names[c].starts_with("p_")) continue;
    found.vector.push_back(c);
    found.vector_names.push_back(names[c].substr(2));
  }
  if (kind != VectorKind::none && found.vector.empty()) {
    throw Error(Diagnostic{
        .code = Status::bad_tensors,
        .message = fmt::format("{}; found: {}",
                               kind == VectorKind::embedding
                                   ? "no embedding: neither columns e0, e1, ... nor a list called embedding"
                                   : "no classes: no column p_<CLASS>",
                               listed(names)),
        .hint = kind == VectorKind::embedding ? "astrom3 embed writes it" : "astrom3 classify writes it"});
  }
  return found;
}

}  // namespace astrom3
