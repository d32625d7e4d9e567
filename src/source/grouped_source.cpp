// SPDX-License-Identifier: MIT
#include "source/grouped_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/source/source.h"
#include "base/utf8.h"
#include "formats/table_header.h"
#include "source/object_builder.h"
#include "source/table_plan.h"
#include "source/table_remarks.h"

namespace astrom3 {

std::string object_id_of(std::string_view file) {
  std::string_view name = file.substr(file.find_last_of('/') + 1);
  const auto remove_suffix = [&](std::string_view suffix) {
    const bool has_it =
        name.size() > suffix.size() && folded_name(name.substr(name.size() - suffix.size())) == suffix;
    if (has_it) name.remove_suffix(suffix.size());
    return has_it;
  };
  if (!remove_suffix(".gz")) remove_suffix(".zst");
  for (const std::string_view suffix :
       {".csv", ".dat", ".txt", ".tsv", ".parquet", ".parq", ".fits", ".fit", ".tbl", ".ecsv"}) {
    if (remove_suffix(suffix)) break;
  }
  return find_invalid_utf8(name) == std::string_view::npos ? std::string(name)
                                                           : escaped(name, 4 * name.size());
}

GroupedSource::GroupedSource(const std::string& file, const SourceOptions& options)
    : file_(file), file_id_(object_id_of(file)), options_(options) {}

bool GroupedSource::next(SourceObject& object) {
  for (;;) {
    if (!ready_.empty()) {
      object = std::move(ready_.back());
      ready_.pop_back();
      return true;
    }
    if (auto grouped = groups_.pop_ready()) {
      add_object(*std::move(grouped));
      continue;
    }
    if (file_rejection_.has_value()) {
      object = *std::exchange(file_rejection_, std::nullopt);
      return true;
    }
    if (at_end_) return false;
    try {
      if (!std::exchange(is_open_, true)) open();
      read_until_ready();
    } catch (const Error& error) {
      fail(error.diagnostic());
    }
  }
}

void GroupedSource::fail_without_rows() {
  throw Error(Status::no_rows, "a table without rows");
}

void GroupedSource::start(TablePlan plan) {
  plan_ = std::move(plan);
  intake_.start(plan_);
  warn_all(remarks_on_plan(plan_, options_));
}

void GroupedSource::read_until_ready() {
  while (!groups_.has_ready() && ready_.empty()) {
    if (!read_row()) {
      if (!has_rows_) fail_without_rows();
      groups_.close();
      at_end_ = true;
      return;
    }
    has_rows_ = true;
  }
}

/// The limit on memory may be reached: return finished objects from then on.
void GroupedSource::bound_memory() {
  if (!columns().object_id.has_value() || groups_.is_streaming()) return;
  if (!groups_.must_stream(options_.memory_bytes)) return;
  prepare_to_stream();
  groups_.start_streaming();
}

void GroupedSource::add_row_without_id(std::string_view id, Diagnostic rejection) {
  ObjectBuilder& object = groups_.without_id(id);
  object.count_row();
  object.reject(std::move(rejection));
}

void GroupedSource::add_object(ObjectBuilder object) {
  warn_of_ids(object.id());
  intake_.finish(std::move(object), file_, ready_);
  warn_of_drops();
  warn_of_groups();
  warn_of_quality();
  warn_of_fluxes();
}

void GroupedSource::warn_of_header(std::string_view header) {
  warn_all(remarks_on_header(plan_, options_, header));
}

void GroupedSource::warn_all(std::vector<Diagnostic> remarks) {
  for (Diagnostic& remark : remarks) {
    remark.file = file_;
    warn(std::move(remark));
  }
}

/// Nothing in the numbers tells magnitudes with equal errors from bright fluxes, but few fluxes are like
/// that.
void GroupedSource::warn_of_fluxes() {
  for (std::size_t i = 0; i < ready_.size() && !warned_of_fluxes_; ++i) {
    auto remark = remark_on_fluxes(plan_, options_, ready_[i]);
    if (!remark.has_value()) continue;
    warned_of_fluxes_ = true;
    remark->file = file_;
    warn(*std::move(remark));
  }
  for (std::size_t i = 0; i < ready_.size() && !warned_of_object_; ++i) {
    std::vector<Diagnostic> remarks = remarks_on_object(plan_, options_, ready_[i]);
    warned_of_object_ = !remarks.empty();
    warn_all(std::move(remarks));
  }
}

void GroupedSource::warn_of_ids(std::string_view id) {
  if (warned_of_ids_) return;
  auto remark = remark_on_id(plan_, options_, id);
  if (!remark.has_value()) return;
  warned_of_ids_ = true;
  remark->file = file_;
  warn(*std::move(remark));
}

/// When the first object is complete, so that the hint fits its values.
void GroupedSource::warn_of_quality() {
  if (std::exchange(warned_of_quality_, true)) return;
  auto remark = intake_.remark_on_quality();
  if (!remark.has_value()) return;
  remark->file = file_;
  warn(*std::move(remark));
}

void GroupedSource::warn_of_drops() {
  const auto mostly = std::find_if(ready_.begin(), ready_.end(), [](const SourceObject& one) {
    return one.flags.has(Flag::mostly_dropped);
  });
  if (mostly == ready_.end() || std::exchange(warned_of_drops_, true)) return;
  warn({.file = file_,
        .object_id = mostly->object_id,
        .message = "one rule of quality left out more than half of the observations (flag mostly_dropped)",
        .hint = {"{} keeps them", {{"quality-mask", "0"}}}});
}

void GroupedSource::warn_of_groups() {
  const auto found = std::find_if(ready_.begin(), ready_.end(),
                                  [](const SourceObject& one) { return one.flags.has(Flag::unread_groups); });
  if (found == ready_.end() || std::exchange(warned_of_groups_, true)) return;
  warn(
      {.file = file_,
       .object_id = found->object_id,
       .column = found->unread_groups,
       .message = "not read, and its values take turns (flag unread_groups)",
       .hint = {"if it holds ids, say so with {}, if bands, with {}; if it tells good rows from others, keep "
                "those of a value with {}",
                {{"id-column", found->unread_groups},
                 {"columns", "band=" + found->unread_groups},
                 {"where", found->unread_groups + "=..."}}}});
}

void GroupedSource::fail(Diagnostic diagnostic) {
  at_end_ = true;
  diagnostic.file = file_;
  describe_failure(diagnostic);
  if (groups_.close_rejecting(diagnostic) > 0) return;
  diagnostic.object_id = file_id_;
  file_rejection_ = rejected_object(std::move(diagnostic));
}

}  // namespace astrom3
