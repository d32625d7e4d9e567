// SPDX-License-Identifier: MIT
#include "source/text_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "formats/table_header.h"
#include "formats/text_encoding.h"
#include "source/foreign_format.h"

namespace astrom3 {
namespace {

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", escaped(text));
}

std::string cut(std::string_view text) {
  return std::string(text.substr(0, 80));
}

}  // namespace

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

TextSource::TextSource(DecompressedReader bytes, const std::string& file, const SourceOptions& options)
    : reader_(std::move(bytes)),
      file_(file),
      file_id_(object_id_of(file)),
      options_(options),
      number_style_{options.decimal, options.d_exponent},
      intake_(options) {}

std::vector<Diagnostic> TextSource::take_warnings() {
  return std::exchange(warnings_, {});
}

TableDescription TextSource::describe() const {
  std::string layout = "separated by commas";
  if (layout_.delimiter == CsvDialect::kBlanks) layout = "aligned with blanks";
  if (layout_.delimiter == '\t') layout = "separated by tabs";
  if (layout_.delimiter == ';') layout = "separated by semicolons";
  if (reader_.bytes().is_compressed()) layout += fmt::format(", {}", reader_.bytes().compression());
  return intake_.describe(layout);
}

bool TextSource::next(SourceObject& object) {
  for (;;) {
    if (!parts_.empty()) {
      object = std::move(parts_.back());
      parts_.pop_back();
      return true;
    }
    if (auto ready = groups_.pop_ready()) {
      if (ready->take_parts(file_, layout_.plan.columns(), parts_)) continue;
      object = ready->finish(file_, layout_.plan.columns());
      if (object.n_raw == 0 && !object.rejection.has_value()) {
        object.rejection =
            Diagnostic{.code = Status::no_points,
                       .file = file_,
                       .object_id = object.object_id,
                       .message = fmt::format("no observation in band {}", in_quotes(options_.band))};
      }
      return true;
    }
    if (file_rejection_.has_value()) {
      object = *std::exchange(file_rejection_, std::nullopt);
      return true;
    }
    if (at_end_) return false;
    try {
      if (!is_open_) open();
      read_until_ready();
    } catch (const Error& error) {
      fail_file(error.diagnostic());
    }
  }
}

/// Looks at the first bytes and understands the header.
void TextSource::open() {
  is_open_ = true;
  const TextTraits traits = begin_table(reader_);
  std::string_view head = reader_.peek(kHeadBytes);
  if (const auto foreign = foreign_format(head))
    throw Error(Diagnostic{.code = Status::bad_header,
                           .line = 1,
                           .message = fmt::format("this is {}, not a table of rows", foreign->name),
                           .hint = std::string(foreign->hint)});
  if (traits.line_end == '\r') {
    warnings_.push_back({.code = Status::bad_encoding,
                         .file = file_,
                         .message = "lines end with a carriage return alone (old Macintosh); read as such"});
  }
  bool complete = head.size() < kHeadBytes;
  if (!complete && head.find(traits.line_end) == std::string_view::npos) {
    head = reader_.peek(CsvReader::kMaxRecord + 1);
    complete = head.size() <= CsvReader::kMaxRecord;
  }
  layout_ = recognise_layout(head, complete, traits.line_end, options_);
  if (const SurveyFormat* const survey = layout_.plan.survey;
      survey != nullptr && survey->time_units_per_day != 1)
    throw Error(Status::bad_header,
                fmt::format("times of {} in seconds are read from FITS alone", survey->title),
                "add a column HJD = JD_REF + TMID / 86400");
  intake_.start(layout_.plan);
  reader_.skip(layout_.header_bytes, layout_.header_lines);
  reader_.set_dialect({.delimiter = layout_.delimiter, .line_end = traits.line_end});
}

void TextSource::read_until_ready() {
  while (!groups_.has_ready()) {
    if (!read_row()) return finish_rows();
    if (layout_.plan.columns().object_id.has_value() && !groups_.is_streaming() &&
        groups_.must_stream(options_.memory_bytes)) {
      bound_memory();
    }
  }
}

void TextSource::finish_rows() {
  if (n_rows_ == 0) throw Error(Status::no_rows, "a header and no rows");
  groups_.close();
  at_end_ = true;
}

/// The limit on memory is reached: hand out finished objects from now on.
void TextSource::bound_memory() {
  // Objects are about to leave before the end of the file: only now its CRCs need a pass of their own.
  if (reader_.bytes().is_compressed()) reader_.bytes().verify();
  groups_.start_streaming();
}

void TextSource::fail_file(Diagnostic diagnostic) {
  at_end_ = true;
  diagnostic.file = file_;
  if (groups_.close_rejecting(diagnostic) > 0) return;
  diagnostic.object_id = file_id_;
  file_rejection_ = rejected_object(std::move(diagnostic));
}

Diagnostic TextSource::at_row(Status code, std::string message, Hint hint) const {
  return {.code = code,
          .file = file_,
          .line = record_.line,
          .byte = record_.byte,
          .message = std::move(message),
          .hint = std::move(hint)};
}

Diagnostic TextSource::at_field(std::size_t column, Status code, std::string message, Hint hint) const {
  const std::string_view field = record_.fields[column];
  Diagnostic diagnostic = at_row(code, std::move(message), std::move(hint));
  diagnostic.field = static_cast<std::int64_t>(column) + 1;
  diagnostic.byte += field.data() - record_.text.data();
  if (column < layout_.plan.names.size()) diagnostic.column = layout_.plan.names[column];
  diagnostic.value = cut(field);
  return diagnostic;
}

/// Whether record_ spans lines where no light curve does: between the stray quotes of two rows, the
/// rows of other objects are in it.
bool TextSource::swallowed_rows() const {
  const ColumnMap& columns = layout_.plan.columns();
  if (!record_.spans_lines) return false;
  if (record_.fields.size() != columns.n_columns) return true;
  const auto spans = [&](std::size_t column) {
    return record_.fields[column].find(reader_.line_end()) != std::string_view::npos;
  };
  return spans(columns.time) || spans(columns.value) || (columns.error.has_value() && spans(*columns.error));
}

bool TextSource::is_id(std::string_view id) const {
  if (id.empty()) return false;
  return record_.problem == Status::ok ||
         (find_invalid_utf8(id) == std::string_view::npos && id.find('\0') == std::string_view::npos);
}

/// The next row in record_, or of a faulty line what can be known of it, with what is wrong in problem_.
bool TextSource::next_record() {
  problem_.clear();
  Status code = Status::unclosed_quote;
  try {
    if (!reader_.next(record_)) return false;
    if (!swallowed_rows()) return true;
    reader_.give_back();
    problem_ = "a quoted field that opens here does not end in its line";
  } catch (const Error& error) {
    code = error.code();
    if (code != Status::unclosed_quote && code != Status::line_too_long) throw;
    problem_ = error.diagnostic().message;
  }
  reader_.take_faulty_line(record_);
  record_.problem = code;
  return true;
}

/// Reads one row into its object; false at the end of the file.
bool TextSource::read_row() {
  if (!next_record()) return false;
  ++n_rows_;
  const auto id_column = layout_.plan.columns().object_id;
  std::string_view id = file_id_;
  if (id_column.has_value()) {
    if (*id_column >= record_.fields.size()) {
      if (n_rows_ == 1) check_arity(nullptr);
      id = {};
    } else {
      id = record_.fields[*id_column];
    }
    if (!is_id(id)) {
      take_row_without_id(id);
      return true;
    }
  }
  ObjectBuilder& object = groups_.find_or_add(id, record_.line);
  const std::size_t memory_before = object.memory_bytes();
  if (!record_.ends_with_newline) object.flags().set(Flag::no_final_newline);
  read_fields(object);
  groups_.account(memory_before, object.memory_bytes());
  return true;
}

/// Nobody knows whose this row is; its object is nothing but a rejection.
void TextSource::take_row_without_id(std::string_view id) {
  ObjectBuilder& object = groups_.without_id(id);
  object.count_row();
  if (object.is_rejected()) return;
  const std::size_t column = *layout_.plan.columns().object_id;
  const std::size_t n_fields = record_.fields.size();
  object.reject(column < n_fields
                    ? at_field(column, Status::bad_id, id.empty() ? "the id is empty" : "the id is not text")
                    : at_row(Status::bad_id,
                             fmt::format("the row has {} fields, and its id is not among them", n_fields)));
}

/// A row must have as many fields as the header. Without `object` the id itself is out of reach,
/// and the file cannot be read on.
bool TextSource::check_arity(ObjectBuilder* object) {
  const std::size_t found = record_.fields.size();
  const std::size_t expected = layout_.plan.columns().n_columns;
  if (found == expected) return true;
  Hint hint;
  if (found > expected && trimmed(record_.fields.back()).empty()) hint = "a trailing separator?";
  if (found > expected && layout_.delimiter == ',' && hint.empty())
    hint = "a decimal comma or an unquoted comma?";
  // The first row speaks for all: a header that does not fit is a mistake of the whole file.
  Diagnostic diagnostic = at_row(
      Status::field_count,
      fmt::format("{} {} fields, the header has {}", n_rows_ == 1 ? "rows have" : "row has", found, expected),
      std::move(hint));
  diagnostic.value = cut(record_.text);
  if (object == nullptr) throw Error(std::move(diagnostic));
  object->reject(std::move(diagnostic));
  return false;
}

void TextSource::read_fields(ObjectBuilder& object) {
  if (object.is_rejected()) return object.count_row();
  if (record_.problem != Status::ok) {
    object.count_row();
    if (!problem_.empty()) return object.reject(at_row(record_.problem, problem_));
    return object.reject(at_row(record_.problem, record_.problem == Status::not_text
                                                     ? "a NUL byte in a text file"
                                                     : "bytes that are not UTF-8"));
  }
  if (!check_arity(&object)) return object.count_row();
  intake_.take(object, Cells{*this});
}

}  // namespace astrom3
