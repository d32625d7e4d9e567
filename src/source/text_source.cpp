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

std::string cut(std::string_view text) {
  return std::string(text.substr(0, 80));
}

}  // namespace

TextSource::TextSource(DecompressedReader bytes, const std::string& file, const SourceOptions& options)
    : GroupedSource(file, options),
      reader_(std::move(bytes)),
      number_style_{options.decimal, options.d_exponent} {}

TableDescription TextSource::describe() const {
  std::string layout = "separated by commas";
  if (layout_.delimiter == CsvDialect::kBlanks) layout = "aligned with blanks";
  if (layout_.delimiter == '\t') layout = "separated by tabs";
  if (layout_.delimiter == ';') layout = "separated by semicolons";
  if (reader_.bytes().is_compressed()) layout += fmt::format(", {}", reader_.bytes().compression());
  return intake().describe(layout);
}

/// Looks at the first bytes and understands the header.
void TextSource::open() {
  const TextTraits traits = begin_table(reader_);
  std::string_view head = reader_.peek(kHeadBytes);
  if (const auto foreign = foreign_format(head))
    throw Error(Diagnostic{.code = Status::bad_header,
                           .line = 1,
                           .message = fmt::format("this is {}, not a table of rows", foreign->name),
                           .hint = std::string(foreign->hint)});
  if (traits.line_end == '\r') {
    warn({.code = Status::bad_encoding,
          .file = file(),
          .message = "lines end with a carriage return alone (old Macintosh); read as such"});
  }
  bool complete = head.size() < kHeadBytes;
  if (!complete && head.find(traits.line_end) == std::string_view::npos) {
    head = reader_.peek(CsvReader::kMaxRecord + 1);
    complete = head.size() <= CsvReader::kMaxRecord;
  }
  layout_ = recognise_layout(head, complete, traits.line_end, options());
  start(layout_.plan);
  reader_.skip(layout_.header_bytes, layout_.header_lines);
  reader_.set_dialect({.delimiter = layout_.delimiter, .line_end = traits.line_end});
}

void TextSource::prepare_to_stream() {
  // Objects are about to leave before the end of the file: only now its CRCs need a pass of their own.
  if (reader_.bytes().is_compressed()) reader_.bytes().verify();
}

Diagnostic TextSource::at_row(Status code, std::string message, Hint hint) const {
  return {.code = code,
          .file = file(),
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
  if (column < plan().names.size()) diagnostic.column = plan().names[column];
  diagnostic.value = cut(field);
  return diagnostic;
}

/// Whether record_ spans lines where no light curve does: between the stray quotes of two rows, the
/// rows of other objects are in it.
bool TextSource::swallowed_rows() const {
  if (!record_.spans_lines) return false;
  const ColumnMap& map = columns();
  if (record_.fields.size() != map.n_columns) return true;
  const auto spans = [&](std::size_t column) {
    return record_.fields[column].find(reader_.line_end()) != std::string_view::npos;
  };
  return spans(map.time) || spans(map.value) || (map.error.has_value() && spans(*map.error));
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
  const auto id_column = columns().object_id;
  std::string_view id = file_id();
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
  add_row(id, record_.line, [this](ObjectBuilder& object) {
    if (!record_.ends_with_newline) object.flags().set(Flag::no_final_newline);
    read_fields(object);
  });
  return true;
}

void TextSource::take_row_without_id(std::string_view id) {
  const std::size_t column = *columns().object_id;
  const std::size_t n_fields = record_.fields.size();
  add_row_without_id(
      id, column < n_fields
              ? at_field(column, Status::bad_id, id.empty() ? "the id is empty" : "the id is not text")
              : at_row(Status::bad_id,
                       fmt::format("the row has {} fields, and its id is not among them", n_fields)));
}

/// A row must have as many fields as the header. Without `object` the id itself is out of reach,
/// and the file cannot be read on.
bool TextSource::check_arity(ObjectBuilder* object) {
  const std::size_t found = record_.fields.size();
  const std::size_t expected = columns().n_columns;
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
  intake().take(object, Cells{*this});
}

}  // namespace astrom3
