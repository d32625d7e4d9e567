// SPDX-License-Identifier: MIT
#include "source/grouped_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/source/source.h"
#include "base/utf8.h"
#include "formats/table_header.h"
#include "source/header_notes.h"
#include "source/likely_magnitudes.h"
#include "source/object_builder.h"
#include "source/table_plan.h"

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
  for (Diagnostic& remark : intake_.remarks()) {
    remark.file = file_;
    warn(std::move(remark));
  }
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
  intake_.finish(std::move(object), file_, ready_);
  warn_of_drops();
  warn_of_groups();
  warn_of_quality();
  warn_of_magnitudes();
}

/// Whether fluxes are read of which only the documentation says that they are in mJy.
bool GroupedSource::has_plain_fluxes() const {
  const std::size_t value = columns().value;
  const bool has_unit = value < plan_.units.size() && !plan_.units[value].empty();
  return plan_.survey == nullptr && !columns().is_magnitude && !has_unit && !plan_.zero_point.has_value() &&
         !options_.flux_unit.has_value();
}

void GroupedSource::warn_of_header(std::string_view header) {
  if (!has_plain_fluxes()) return;
  const auto note = find_note_on_flux(header);
  if (!note.has_value()) return;
  warn({.file = file_,
        .column = plan_.name_of(columns().value),
        .message = fmt::format("taken as mJy, although the header says \"{}\"", escaped(*note, 100)),
        .hint = {"say the unit with {}", {{"flux-unit"}}}});
}

/// Nothing in the numbers tells magnitudes with equal errors from bright fluxes, but few fluxes are like
/// that.
void GroupedSource::warn_of_magnitudes() {
  if (warned_of_magnitudes_ || !has_plain_fluxes() || columns().has_magnitudes) return;
  const auto found = std::find_if(ready_.begin(), ready_.end(), [](const SourceObject& one) {
    return !one.rejection.has_value() && may_be_magnitudes(one.light_curve.flux, one.light_curve.flux_err);
  });
  if (found == ready_.end()) return;
  warned_of_magnitudes_ = true;
  const std::string value = plan_.name_of(columns().value);
  std::string as_magnitudes = "mag=" + value;
  if (const auto& error = columns().error) as_magnitudes += ",mag_err=" + plan_.name_of(*error);
  warn({.file = file_,
        .object_id = found->object_id,
        .column = value,
        .message = "read as fluxes in mJy, but these numbers could be magnitudes",
        .hint = {"{} reads magnitudes; {} says that they are fluxes",
                 {{"columns", std::move(as_magnitudes)}, {"flux-unit", "mJy"}}}});
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
