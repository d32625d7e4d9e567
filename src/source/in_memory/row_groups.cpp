// SPDX-License-Identifier: MIT
#include "source/in_memory/row_groups.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "base/utf8.h"
#include "source/in_memory/leaf.h"

namespace astrom3 {
namespace {

/// Rows that follow each other and have one id; the last one ends where the next begins.
struct Run {
  std::int64_t begin = 0;
  std::size_t group = 0;
};

class Grouper {
 public:
  void add(std::int64_t row, std::string_view id) {
    if (!runs_.empty() && id == last_id_) return;
    last_id_ = id;
    if (!is_id(id)) {
      without_id_.push_back(runs_.size());
      runs_.push_back({.begin = row});
      return;
    }
    auto found = groups_.find(id);
    if (found == groups_.end()) found = groups_.emplace(id, groups_.size()).first;
    runs_.push_back({.begin = row, .group = found->second});
  }

  /// Rows without an id come first, each run of them as its own group.
  RowGroups finish(std::int64_t n_rows) {
    const std::size_t n_nobodys = without_id_.size();
    for (Run& run : runs_) run.group += n_nobodys;
    for (std::size_t i = 0; i < n_nobodys; ++i) runs_[without_id_[i]].group = i;
    RowGroups result;
    result.groups.resize(n_nobodys + groups_.size());
    for (std::size_t i = 0; i < n_nobodys; ++i) result.groups[i].has_id = false;
    if (runs_.size() == result.groups.size()) {
      for (std::size_t i = 0; i < runs_.size(); ++i) {
        RowGroups::Group& group = result.groups[runs_[i].group];
        group.begin = runs_[i].begin;
        group.end = end_of(i, n_rows);
      }
    } else {
      sort_rows(n_rows, result);
    }
    return result;
  }

 private:
  std::int64_t end_of(std::size_t run, std::int64_t n_rows) const {
    return run + 1 < runs_.size() ? runs_[run + 1].begin : n_rows;
  }

  void sort_rows(std::int64_t n_rows, RowGroups& result) const {
    for (std::size_t i = 0; i < runs_.size(); ++i)
      result.groups[runs_[i].group].end += end_of(i, n_rows) - runs_[i].begin;
    std::int64_t begin = 0;
    for (RowGroups::Group& group : result.groups) {
      const std::int64_t size = group.end;
      group.begin = group.end = begin;  // the end moves on while rows come
      begin += size;
    }
    result.order.resize(static_cast<std::size_t>(n_rows));
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      std::int64_t& end = result.groups[runs_[i].group].end;
      for (std::int64_t row = runs_[i].begin; row < end_of(i, n_rows); ++row)
        result.order[static_cast<std::size_t>(end++)] = row;
    }
  }

  std::vector<Run> runs_;
  std::vector<std::size_t> without_id_;  ///< numbers of runs
  std::string last_id_;
  TextMap<std::size_t> groups_;
};

}  // namespace

bool is_id(std::string_view text) noexcept {
  return !text.empty() && find_invalid_utf8(text) == std::string_view::npos &&
         text.find('\0') == std::string_view::npos;
}

RowGroups group_rows(const Leaf* ids, std::int64_t n_rows) {
  if (n_rows == 0) return {};
  if (ids == nullptr) return {.groups = {{.end = n_rows}}, .order = {}};
  Grouper grouper;
  std::string buffer;
  for (std::int64_t row = 0; row < n_rows; ++row) grouper.add(row, ids->text_of(row, buffer));
  return grouper.finish(n_rows);
}

}  // namespace astrom3
