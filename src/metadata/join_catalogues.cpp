// SPDX-License-Identifier: MIT
//
// Objects of the first catalogue, with the rows that belong to them in the others.
#include "astrom3/metadata/join_catalogues.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "base/joined.h"
#include "base/keyed_hash.h"
#include "metadata/catalogue_file.h"
#include "metadata/cells.h"
#include "metadata/columns.h"
#include "metadata/joined_values.h"
#include "metadata/object_ids.h"
#include "metadata/row_index.h"

namespace astrom3 {

struct JoinedCatalogues::State {
  CatalogueJoinOptions options;
  std::vector<std::string> wanted;  ///< of the files' values
  std::vector<std::size_t> place;   ///< of each column of the result among the wanted ones
  std::vector<std::string> columns, absent, id_names, origins;
  std::vector<IdKind> kinds;  ///< of id_names
  std::vector<CatalogueFile> files;
  std::vector<RowIndex> indices;
  std::vector<std::vector<std::size_t>> rows_of_object;  ///< of the first file; several: they differ
  std::vector<std::vector<std::uint32_t>> n_objects;     ///< for each row of the other files
  std::vector<Diagnostic> warnings;

  void find_objects();
  JoinedRows rows_of(std::size_t object) const;
  void count_rows();
  void describe_columns();
  void warn(const CatalogueFile* file, std::string message);
  void judge();
};

/// Rows of the first file with the same ids are one object.
void JoinedCatalogues::State::find_objects() {
  const CatalogueFile& lead = files.front();
  TextMap<std::size_t> known;
  for (std::size_t i = 0; i < lead.rows.size(); ++i) {
    const std::string id = object_id_of(lead.rows[i].ids);
    if (id.empty()) {
      throw Error(Diagnostic{.code = Status::bad_metadata,
                             .file = lead.path.string(),
                             .line = lead.rows[i].line,
                             .message = "the object has no id"});
    }
    // An own name may look like a survey's id.
    const auto kind =
        std::find(lead.rows[i].ids.begin(), lead.rows[i].ids.end(), id) - lead.rows[i].ids.begin();
    const auto [object, is_new] = known.try_emplace(fmt::format("{} {}", kind, id), rows_of_object.size());
    if (is_new) {
      rows_of_object.push_back({i});
    } else if (!lead.rows[rows_of_object[object->second].front()].says_the_same(lead.rows[i])) {
      rows_of_object[object->second].push_back(i);
    }
  }
}

/// The rows of all files that belong to an object. A row may bring ids that lead to another file's, whatever
/// the order of the files.
JoinedRows JoinedCatalogues::State::rows_of(std::size_t object) const {
  JoinedRows out;
  out.found.resize(files.size());
  out.found[0].row = rows_of_object[object].front();
  out.found[0].several = rows_of_object[object].size() > 1;
  out.ids = files[0].rows[*out.found[0].row].ids;
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (std::size_t f = 1; f < files.size(); ++f) {
      if (out.found[f].row) continue;
      out.found[f] = indices[f - 1].find(out.ids);
      if (!out.found[f].row) continue;
      const ObjectIds& more = files[f].rows[*out.found[f].row].ids;
      for (std::size_t kind = 1; kind < kIdKindCount; ++kind) {
        if (!out.ids[kind].empty() || more[kind].empty()) continue;
        out.ids[kind] = more[kind];
        has_grown = true;
      }
    }
  }
  return out;
}

void JoinedCatalogues::State::count_rows() {
  std::array<bool, kIdKindCount> is_there{};
  for (const CatalogueFile& file : files) {
    n_objects.emplace_back(file.rows.size(), 0);
    for (const CatalogueRow& row : file.rows) {
      for (std::size_t kind = 1; kind < kIdKindCount; ++kind)
        is_there[kind] = is_there[kind] || !row.ids[kind].empty();
    }
  }
  for (std::size_t kind = 1; kind < kIdKindCount; ++kind) {
    if (!is_there[kind]) continue;
    kinds.push_back(static_cast<IdKind>(kind));
    id_names.emplace_back(id_column_name(kinds.back()));
  }
  for (std::size_t object = 0; object < rows_of_object.size(); ++object) {
    if (object % 1024 == 0) throw_if_stopped();
    const JoinedRows rows = rows_of(object);
    for (std::size_t f = 1; f < files.size(); ++f) {
      if (rows.found[f].row) ++n_objects[f][*rows.found[f].row];
    }
  }
}

void JoinedCatalogues::State::describe_columns() {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::string words;
    for (const CatalogueFile& file : files) {
      if (!file.origins[i]) continue;
      words += fmt::format("{}{} ({})", words.empty() ? "" : ", else ", file.origins[i]->words, file.name);
    }
    if (words.empty()) {
      absent.push_back(wanted[i]);
      continue;
    }
    place.push_back(i);
    columns.push_back(wanted[i]);
    origins.push_back(std::move(words));
  }
  if (columns.empty()) {
    throw Error(Diagnostic{
        .code = Status::bad_metadata,
        .file = files.front().path.string(),
        .message = fmt::format("none of the columns is in any of the tables: {}", joined(absent, ", "))});
  }
}

void JoinedCatalogues::State::warn(const CatalogueFile* file, std::string message) {
  warnings.push_back(Diagnostic{.code = Status::bad_metadata,
                                .file = file == nullptr ? "" : file->path.string(),
                                .message = std::move(message)});
}

void JoinedCatalogues::State::judge() {
  for (const std::string& column : absent) {
    const std::string others = alias_words(column);
    warn(nullptr, fmt::format("column {} is in none of the tables{}", column,
                              others.empty() ? "" : fmt::format(" (nor {})", others)));
  }
  for (std::size_t f = 0; f < files.size(); ++f) {
    const CatalogueFile& file = files[f];
    std::size_t n_unused = 0;
    for (const std::uint32_t n : n_objects[f]) n_unused += n == 0 ? 1 : 0;
    n_unused -= file.n_without_id;
    if (f > 0 && n_unused > 0)
      warn(&file, fmt::format("{} of {} rows belong to no object of {}", n_unused, file.rows.size(),
                              files.front().path.string()));
    if (f > 0 && file.n_without_id > 0)
      warn(&file,
           fmt::format("{} of {} rows have no id that is understood", file.n_without_id, file.rows.size()));
    for (const auto& [column, message] :
         doubtful_units(file.largest_parallax, file.largest_angle, file.rows.size()))
      warn(&file, message);
  }
}

JoinedCatalogues::JoinedCatalogues(std::span<const std::filesystem::path> files,
                                   const CatalogueJoinOptions& options)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.options = options;
  s.wanted = options.columns.empty() ? published_columns() : options.columns;
  for (const std::filesystem::path& file : files)
    s.files.push_back(read_catalogue(file, s.wanted, s.files.empty() ? options.id_column : ""));
  if (s.files.empty()) throw Error(Status::usage, "no catalogue to read");
  for (std::size_t f = 1; f < s.files.size(); ++f) s.indices.emplace_back(s.files[f]);
  s.describe_columns();
  s.find_objects();
  s.count_rows();
  s.judge();
}

JoinedCatalogues::~JoinedCatalogues() = default;
JoinedCatalogues::JoinedCatalogues(JoinedCatalogues&&) noexcept = default;
JoinedCatalogues& JoinedCatalogues::operator=(JoinedCatalogues&&) noexcept = default;

const std::vector<std::string>& JoinedCatalogues::columns() const noexcept {
  return state_->columns;
}
const std::vector<std::string>& JoinedCatalogues::absent() const noexcept {
  return state_->absent;
}
const std::vector<std::string>& JoinedCatalogues::id_names() const noexcept {
  return state_->id_names;
}
const std::vector<std::string>& JoinedCatalogues::origins() const noexcept {
  return state_->origins;
}
std::size_t JoinedCatalogues::size() const noexcept {
  return state_->rows_of_object.size();
}
const std::vector<Diagnostic>& JoinedCatalogues::warnings() const noexcept {
  return state_->warnings;
}

void JoinedCatalogues::for_each(const std::function<void(const JoinedObject&)>& consumer) const {
  const State& s = *state_;
  for (std::size_t object = 0; object < size(); ++object) {
    if (object % 1024 == 0) throw_if_stopped();
    const JoinedRows rows = s.rows_of(object);
    JoinedObject out;
    out.object_id = object_id_of(rows.ids);
    for (const IdKind kind : s.kinds) out.ids.push_back(rows.ids[static_cast<std::size_t>(kind)]);
    for (std::size_t f = 1; f < s.files.size(); ++f) {
      if (rows.found[f].row && s.n_objects[f][*rows.found[f].row] > 1)
        out.flags.push_back("shared_row:" + s.files[f].name);
    }
    join_values({s.files, s.wanted, s.place, s.options.on_conflict}, rows, out);
    consumer(out);
  }
}

}  // namespace astrom3
