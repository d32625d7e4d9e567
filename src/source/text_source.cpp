// SPDX-License-Identifier: MIT
#include "source/text_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/source/source.h"
#include "base/number.h"
#include "base/utf8.h"
#include "formats/csv.h"
#include "formats/decompressed.h"
#include "formats/table_header.h"
#include "formats/text_encoding.h"
#include "source/columns.h"
#include "source/foreign_format.h"
#include "source/grouped_source.h"
#include "source/keyed_text.h"
#include "source/object_builder.h"
#include "source/text_layout.h"
#include "source/text_lines.h"

namespace astrom3 {
namespace {

std::string cut(std::string_view text) {
  return std::string(text.substr(0, 80));
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

/// Whether a cell begins like no number does.
bool begins_like_a_word(std::string_view cell) noexcept {
  std::size_t i = 0;
  while (i < cell.size() && is_blank(cell[i])) ++i;
  return i < cell.size() && static_cast<unsigned char>(cell[i]) > '9';
}

/// The end of the comments that follow a header of `n_bytes`.
std::size_t end_of_comments(std::string_view head, std::size_t n_bytes, char line_end) {
  constexpr std::string_view kMarks = "#%!";
  while (n_bytes < head.size() && kMarks.find(head[n_bytes]) != std::string_view::npos)
    n_bytes = std::min(head.find(line_end, n_bytes), head.size() - 1) + 1;
  return n_bytes;
}

/// Sorted and compared: std::is_permutation() takes a time that is quadratic in the number of columns.
bool are_same_in_any_order(std::vector<std::string> a, std::vector<std::string> b) {
  if (a.size() != b.size()) return false;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
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
  if (layout_.delimiter == '|') layout = "separated by bars";
  if (reader_.bytes().is_compressed()) layout += fmt::format(", {}", reader_.bytes().compression());
  return intake().describe(layout);
}

/// Looks at the first bytes and understands the header.
void TextSource::open() {
  const TextTraits traits = begin_table(reader_);
  pass_over_preamble(traits.line_end);
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
  if (!complete && (is_ecsv(head) || head.find(traits.line_end) == std::string_view::npos)) {
    head = reader_.peek(CsvReader::kMaxRecord + 1);
    complete = head.size() <= CsvReader::kMaxRecord;
  }
  const std::int64_t lines_before = reader_.line() - 1;
  layout_ = recognise_layout(head, complete, {.end = traits.line_end, .n_before = lines_before}, options());
  start(layout_.plan);
  warn_of_header(head.substr(0, end_of_comments(head, layout_.header_bytes, traits.line_end)));
  if (layout_.header_bytes > 0) reader_.skip(layout_.header_bytes, layout_.header_lines - lines_before);
  reader_.set_dialect({.delimiter = layout_.delimiter, .line_end = traits.line_end, .gives_comments = true});
  key_id_ = layout_.object_id.empty() ? file_id() : layout_.object_id;
}

/// Skips blank lines and comments at the beginning, however many: the names of columns are searched for in
/// the last of them. The header of ECSV is in all of them.
void TextSource::pass_over_preamble(char line_end) {
  constexpr std::size_t kKept = 300;
  for (std::size_t n_bytes = kHeadBytes;;) {
    const std::string_view head = reader_.peek(n_bytes);
    if (is_ecsv(head)) return;
    const Preamble preamble = preamble_of(head, line_end, kKept);
    const bool is_last = preamble.is_over || head.size() < n_bytes;
    if (!is_last && preamble.n_bytes < head.size() / 2 && n_bytes == kHeadBytes) {
      n_bytes = CsvReader::kMaxRecord + 1;  // so that no line is looked at again and again
      continue;
    }
    reader_.skip(preamble.n_bytes, preamble.n_lines);
    if (is_last || preamble.n_bytes == 0) return;
  }
}

void TextSource::prepare_to_stream() {
  // Objects are about to be returned before the end of the file: its CRCs are checked now, in an extra pass.
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

/// The next row in record_; false at the end of the file.
bool TextSource::next_record() {
  while (read_record()) {
    if (is_row()) return true;
  }
  report_skipped();
  return false;
}

/// Reads the next line into record_; of a faulty line as much as possible, with the error in problem_.
bool TextSource::read_record() {
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

/// Whether record_ is a row: not a comment, a keyword or the header once more.
bool TextSource::is_row() {
  if (record_.is_comment) return is_row_behind_mark();
  if (record_.problem != Status::ok) return true;
  if (layout_.has_keys && !is_keyed_row()) return false;
  const std::size_t time = columns().time;
  if (record_.fields.size() != columns().n_columns) {
    if (record_.text.starts_with('@')) return false;
    fit_fields();
  }
  // This is the only test that is made for every row.
  const bool may_be_header =
      after_header_ || time >= record_.fields.size() || begins_like_a_word(record_.fields[time]);
  return !may_be_header || !is_header_again();
}

/// Removes blank fields at the end of a row beyond the header's, and adds those that a row leaves out.
void TextSource::fit_fields() {
  const std::size_t n = columns().n_columns;
  std::span<const std::string_view> fields = record_.fields;
  while (fields.size() > n && trimmed(fields.back()).empty()) fields = fields.first(fields.size() - 1);
  if (fields.size() < n && layout_.n_required > 0 && fields.size() >= layout_.n_required) {
    padded_.assign(fields.begin(), fields.end());
    padded_.resize(n, record_.text.substr(record_.text.size()));
    fields = padded_;
  }
  if (fields.size() == n) record_.fields = fields;
}

bool TextSource::holds_measurement(std::span<const std::string_view> fields) const {
  const ColumnMap& map = columns();
  return fields.size() == map.n_columns &&
         parse_number(fields[map.time], number_style_).kind == NumberKind::number &&
         parse_number(fields[map.value], number_style_).kind != NumberKind::not_a_number;
}

bool TextSource::holds_time() const {
  const std::size_t time = columns().time;
  return time < record_.fields.size() &&
         parse_number(record_.fields[time], number_style_).kind == NumberKind::number;
}

/// A line that begins with '#' is a row if ids begin with '#'. One that holds numbers may be a row: it is
/// counted. Throws Error bad_header if it names the columns in another order.
bool TextSource::is_row_behind_mark() {
  if (record_.problem != Status::ok) return false;
  fit_fields();
  const bool is_id = record_.text.size() > 1 && !is_blank(record_.text[1]);
  if (is_id && columns().object_id == 0u &&
      (has_marked_ids_ ? holds_time() : holds_measurement(record_.fields))) {
    has_marked_ids_ = true;
    return true;
  }
  const std::vector<std::string> fields = copy_fields(header_text(record_.text), layout_.delimiter);
  const std::vector<std::string_view> views(fields.begin(), fields.end());
  record_.fields = views;
  fit_fields();
  if (holds_measurement(record_.fields)) commented_rows_.count(record_.line);
  const bool is_other_order =
      !plan().names.empty() && fields != plan().names && are_same_in_any_order(fields, plan().names);
  record_.fields = {};
  if (is_other_order) fail_header_again();
  return false;
}

/// In SNANA's text: whether a line is a row. A line with an id begins another object.
bool TextSource::is_keyed_row() {
  const std::string_view key = record_.fields.empty() ? std::string_view{} : record_.fields.front();
  if (is_key_of_row(key) || !is_key(key)) return true;
  if (key == "SNID:" && record_.fields.size() > 1) key_id_ = record_.fields[1];
  if (is_key_of_names(key) &&
      !std::equal(record_.fields.begin(), record_.fields.end(), plan().names.begin(), plan().names.end()))
    fail_header_again();
  return false;
}

/// Whether the names of the columns, or the units below them, are repeated here, as in files that were
/// joined. Throws Error bad_header if they differ.
bool TextSource::is_header_again() {
  if (plan().names.empty()) return false;
  const std::string_view text = trimmed(record_.text);
  const auto& below = layout_.below_names;
  if (after_header_ && std::find(below.begin(), below.end(), text) != below.end()) return true;
  after_header_ =
      std::equal(record_.fields.begin(), record_.fields.end(), plan().names.begin(), plan().names.end(),
                 [](std::string_view field, std::string_view name) { return trimmed(field) == name; });
  if (after_header_) {
    headers_.count(record_.line);
    return true;
  }
  const bool has_number =
      std::any_of(record_.fields.begin(), record_.fields.end(), [this](std::string_view field) {
        return parse_number(field, number_style_).kind != NumberKind::not_a_number;
      });
  if (!has_number && names_a_light_curve(record_.fields, options())) fail_header_again();
  return false;
}

void TextSource::fail_header_again() const {
  Diagnostic diagnostic = at_row(Status::bad_header, "a second header with other columns than the first",
                                 "tables of other columns have to be files of their own");
  diagnostic.value = cut(record_.text);
  throw Error(std::move(diagnostic));
}

/// Skipped lines are reported once, at the end of the file.
void TextSource::report_skipped() {
  const auto say = [this](const Skipped& skipped, std::string message) {
    if (skipped.n > 0) warn({.file = file(), .line = skipped.first, .message = std::move(message)});
  };
  const auto lines = [](std::int64_t n) { return n == 1 ? "1 line" : fmt::format("{} lines", n); };
  say(commented_rows_, fmt::format("{} that begin{} with # hold{} numbers and {} skipped as comment{}",
                                   lines(commented_rows_.n), commented_rows_.n == 1 ? "s" : "",
                                   commented_rows_.n == 1 ? "s" : "", commented_rows_.n == 1 ? "was" : "were",
                                   commented_rows_.n == 1 ? "" : "s"));
  say(headers_, fmt::format("{} among the rows name{} the columns once more and {} skipped",
                            lines(headers_.n), headers_.n == 1 ? "s" : "", headers_.n == 1 ? "was" : "were"));
  commented_rows_ = headers_ = {};
}

/// Reads one row into its object; false at the end of the file.
bool TextSource::read_row() {
  if (!next_record()) return false;
  ++n_rows_;
  const auto id_column = columns().object_id;
  std::string_view id = layout_.has_keys ? key_id_ : file_id();
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

/// A row must have as many fields as the header. Without `object` the id cannot be found either,
/// and the rest of the file cannot be read.
bool TextSource::check_arity(ObjectBuilder* object) {
  const std::size_t found = record_.fields.size();
  const std::size_t expected = columns().n_columns;
  if (found == expected) return true;
  Hint hint;
  if (found > expected && layout_.delimiter == ',') hint = "a decimal comma or an unquoted comma?";
  // If the header does not fit the first row, the whole file is wrong.
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
  if (layout_.has_keys && !is_key_of_row(record_.fields.front())) {
    object.count_row();
    return object.reject(at_field(0, Status::bad_header, "neither a row, OBS:, nor a keyword"));
  }
  intake().take(object, Cells{*this});
}

}  // namespace astrom3
