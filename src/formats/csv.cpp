// SPDX-License-Identifier: MIT
#include "formats/csv.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/utf8.h"
#include "formats/decompressed.h"
#include "formats/text_encoding.h"

namespace astrom3 {
namespace {

constexpr std::size_t kBlockBytes = 64 << 10;  // fits the L2 cache; one block shows whether it is text
constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::size_t kMaxFaultyLine = 64 << 10;

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

const char* find_char(const char* begin, const char* end, char c) noexcept {
  return static_cast<const char*>(std::memchr(begin, c, static_cast<std::size_t>(end - begin)));
}

void split_plain(std::string_view line, char delimiter, std::vector<std::string_view>& fields) {
  const char* field = line.data();
  const char* const end = field + line.size();
  for (const char* stop; (stop = find_char(field, end, delimiter)) != nullptr; field = stop + 1) {
    fields.emplace_back(field, static_cast<std::size_t>(stop - field));
  }
  fields.emplace_back(field, static_cast<std::size_t>(end - field));
}

void split_blanks(std::string_view line, std::vector<std::string_view>& fields) {
  for (std::size_t i = 0; i < line.size();) {
    while (i < line.size() && is_blank(line[i])) ++i;
    const std::size_t begin = i;
    while (i < line.size() && !is_blank(line[i])) ++i;
    if (i > begin) fields.push_back(line.substr(begin, i - begin));
  }
}

/// The field that starts at `*p` (a quote): unescaped in place. `p` moves behind its closing quote,
/// or to `end` where there is none.
std::string_view take_quoted(char*& p, const char* end) {
  char* const begin = ++p;
  char* out = begin;
  for (; p < end; ++p) {
    if (*p == '"') {
      if (p + 1 == end || p[1] != '"') break;
      ++p;
    }
    *out++ = *p;
  }
  if (p < end) ++p;
  return {begin, static_cast<std::size_t>(out - begin)};
}

/// As split_blanks(), for a line with quotes. A quote inside a field is one of its characters.
void split_quoted_blanks(std::span<char> line, std::vector<std::string_view>& fields) {
  char* p = line.data();
  const char* const end = p + line.size();
  for (;;) {
    while (p < end && is_blank(*p)) ++p;
    if (p == end) return;
    char* const begin = p;
    std::string_view field;
    if (*p == '"') field = take_quoted(p, end);
    const bool is_closed = p == end || is_blank(*p);
    while (p < end && !is_blank(*p)) ++p;
    if (*begin != '"' || !is_closed) field = {begin, static_cast<std::size_t>(p - begin)};
    fields.push_back(field);
  }
}

void split_quoted(std::span<char> line, char delimiter, std::vector<std::string_view>& fields) {
  char* p = line.data();
  const char* const end = p + line.size();
  for (;;) {
    char* const begin = p;
    while (p < end && is_blank(*p) && *p != delimiter) ++p;
    std::string_view field;
    if (p < end && *p == '"') {
      field = take_quoted(p, end);
      const char* const after = p;
      while (p < end && is_blank(*p) && *p != delimiter) ++p;
      // Text after the closing quote belongs to the field, which then is certainly not a number.
      if (p < end && *p != delimiter) field = {begin, static_cast<std::size_t>(after - begin)};
    } else {
      p = begin;
    }
    const char* const stop = p < end ? find_char(p, end, delimiter) : nullptr;
    const char* const field_end = stop != nullptr ? stop : end;
    if (field.data() == nullptr || field.data() == begin) {
      field = {begin, static_cast<std::size_t>(field_end - begin)};
    }
    fields.push_back(field);
    if (stop == nullptr) return;
    p += (stop - p) + 1;
  }
}

Error error_at(Status code, std::int64_t line, std::uint64_t byte, std::string message) {
  return Error(Diagnostic{
      .code = code, .line = line, .byte = static_cast<std::int64_t>(byte), .message = std::move(message)});
}

}  // namespace

void split_fields(std::span<char> line, char delimiter, std::vector<std::string_view>& fields) {
  fields.clear();
  const std::string_view text(line.data(), line.size());
  const bool is_plain = text.find('"') == std::string_view::npos;
  if (delimiter == CsvDialect::kBlanks) {
    is_plain ? split_blanks(text, fields) : split_quoted_blanks(line, fields);
  } else if (is_plain) {
    split_plain(text, delimiter, fields);
  } else {
    split_quoted(line, delimiter, fields);
  }
}

CsvReader::CsvReader(DecompressedReader bytes) : bytes_(std::move(bytes)) {
  // Small files get a small buffer: a survey may be a million of them.
  const std::uint64_t size = bytes_.bytes_total();
  buffer_.resize(bytes_.is_compressed() || size >= kBlockBytes ? kBlockBytes
                                                               : static_cast<std::size_t>(size) + 1);
}

bool CsvReader::refill() {
  if (at_end_) return false;
  const std::size_t held = end_ - begin_, room = buffer_.size() - held;
  // Moving the held bytes costs as much as their number, so at least as many have to be read each time.
  if (buffer_.size() >= kBlockBytes && room < held / 4) buffer_.resize(2 * buffer_.size());
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == 0) has_quotes_ = has_odd_ = false;
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  const std::size_t n = bytes_.read(std::span(buffer_).subspan(end_));
  const std::string_view fresh(buffer_.data() + end_, n);
  has_quotes_ = has_quotes_ || fresh.find('"') != std::string_view::npos;
  has_odd_ = has_odd_ || !is_plain_ascii(fresh);
  end_ += n;
  at_end_ = n == 0;
  return n > 0;
}

std::string_view CsvReader::peek(std::size_t n) {
  while (end_ - begin_ < n && refill()) {
  }
  return {buffer_.data() + begin_, end_ - begin_};
}

void CsvReader::skip(std::size_t n, std::int64_t n_lines) noexcept {
  begin_ += n;
  offset_ += n;
  line_ += n_lines;
}

/// Whether a field may open with a quote at position `i` of the unread bytes: at the start of a
/// field, blanks aside.
bool CsvReader::quoted_at(std::size_t i) const noexcept {
  if (dialect_.delimiter == CsvDialect::kBlanks) return i == 0 || is_blank(buffer_[begin_ + i - 1]);
  while (i > 0 && is_blank(buffer_[begin_ + i - 1]) && buffer_[begin_ + i - 1] != dialect_.delimiter) --i;
  return i == 0 || buffer_[begin_ + i - 1] == dialect_.delimiter;
}

/// Length of the record at begin_ up to its line end, following quotes over lines; kNone when the
/// file ends first. `n_lines` counts the line ends inside it. `quotes`: whether they mean anything.
std::size_t CsvReader::find_record_end(bool quotes, std::int64_t& n_lines) {
  n_lines = 0;
  bool quoted = false;
  std::size_t closed_at = kNone, last_line = 0;
  const auto fail_unclosed = [&](const char* where) {
    unclosed_before_ = std::max(unclosed_before_, offset_ + last_line);
    throw error_at(Status::unclosed_quote, line_, offset_,
                   std::string("a quoted field that opens here does not end") + where);
  };
  for (std::size_t i = 0;; ++i) {
    if (i >= end_ - begin_ && !refill()) {
      if (quoted) fail_unclosed("");
      return kNone;
    }
    if (i > kMaxRecord) {
      if (quoted) fail_unclosed(" within 1 MiB");
      throw error_at(Status::line_too_long, line_, offset_, "longer than 1 MiB");
    }
    const char c = buffer_[begin_ + i];
    if (n_lines > 0 && !quoted && closed_at + 1 == i && c != '"' && c != dialect_.delimiter &&
        c != dialect_.line_end && c != '\r' && !is_blank(c)) {
      fail_unclosed(" before that of another line begins");
    }
    if (c == '"' && quotes) {
      // A doubled quote closes the field and opens it again at once, so that it needs no case of its own.
      if (quoted) closed_at = i;
      quoted = !quoted && ((closed_at != kNone && closed_at + 1 == i) || quoted_at(i));
    } else if (c == dialect_.line_end) {
      if (!quoted) return i;
      if (offset_ < unclosed_before_) fail_unclosed(" in its line");
      ++n_lines;
      last_line = i + 1;
    }
  }
}

void CsvReader::emit(std::size_t length, CsvRecord& record) {
  const std::span<char> line(buffer_.data() + begin_, length);
  record.text = {line.data(), line.size()};
  record.line = line_;
  record.byte = static_cast<std::int64_t>(offset_);
  record.problem = Status::ok;
  if (has_odd_ && !is_plain_ascii(record.text)) {
    if (record.text.find('\0') != std::string_view::npos) {
      record.problem = Status::not_text;
    } else if (find_invalid_utf8(record.text) != std::string_view::npos) {
      record.problem = Status::bad_encoding;
    }
  }
  if (has_quotes_) {
    split_fields(line, dialect_.delimiter, fields_);
  } else {
    fields_.clear();
    if (dialect_.delimiter == CsvDialect::kBlanks) {
      split_blanks(record.text, fields_);
    } else {
      split_plain(record.text, dialect_.delimiter, fields_);
    }
  }
  record.fields = fields_;
}

void CsvReader::drop_rest_of_line() {
  in_faulty_line_ = false;
  while (begin_ < end_ || refill()) {
    const char* const begin = buffer_.data() + begin_;
    const char* const stop = find_char(begin, buffer_.data() + end_, dialect_.line_end);
    if (stop != nullptr) return skip(static_cast<std::size_t>(stop - begin) + 1, 1);
    skip(end_ - begin_, 0);
  }
}

void CsvReader::take_faulty_line(CsvRecord& record) {
  const std::string_view ahead = peek(kMaxFaultyLine);
  std::string_view line = ahead.substr(0, std::min(kMaxFaultyLine, ahead.find(dialect_.line_end)));
  if (line.ends_with('\r') && dialect_.line_end == '\n') line.remove_suffix(1);
  emit(line.size(), record);
  record.ends_with_newline = true;
  record.spans_lines = false;
  record.is_comment = false;
  // The field of the unclosed quote reaches to the end of the line. It is cut at the delimiter: it may be the
  // object's id.
  if (!fields_.empty()) fields_.back() = fields_.back().substr(0, fields_.back().find(dialect_.delimiter));
  record.fields = fields_;
  in_faulty_line_ = true;
}

void CsvReader::give_back() {
  // emit() has unescaped the record's bytes in place: they are copied back from spanned_.
  begin_ -= spanned_.size();
  offset_ -= spanned_.size();
  line_ -= spanned_lines_;
  std::copy(spanned_.begin(), spanned_.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
  const std::string_view before_end = std::string_view(spanned_).substr(0, spanned_.size() - 1);
  const std::size_t last_line = before_end.rfind(dialect_.line_end);
  unclosed_before_ =
      std::max(unclosed_before_, offset_ + (last_line == std::string_view::npos ? 0 : last_line + 1));
}

bool CsvReader::next(CsvRecord& record) {
  if (in_faulty_line_) drop_rest_of_line();
  for (;;) {
    if (begin_ == end_ && !refill()) return false;
    const char* const begin = buffer_.data() + begin_;
    const char* stop = find_char(begin, buffer_.data() + end_, dialect_.line_end);
    std::size_t length = kNone;
    std::int64_t inner_lines = 0;
    const bool is_comment = *begin == dialect_.comment;
    const bool has_quote = has_quotes_ && stop != nullptr && find_char(begin, stop, '"') != nullptr;
    if (stop != nullptr && (is_comment || !has_quote)) {
      length = static_cast<std::size_t>(stop - begin);
    } else {
      length = find_record_end(!is_comment, inner_lines);
    }
    record.ends_with_newline = length != kNone;
    const std::size_t consumed = length == kNone ? end_ - begin_ : length + 1;
    std::size_t used = length == kNone ? end_ - begin_ : length;
    if (used > kMaxRecord) throw error_at(Status::line_too_long, line_, offset_, "longer than 1 MiB");
    if (used > 0 && buffer_[begin_ + used - 1] == '\r' && dialect_.line_end == '\n') --used;
    const std::string_view text(buffer_.data() + begin_, used);
    // A line of tabs is a row of empty fields where tabs separate them.
    const bool skip_line =
        is_comment ? !dialect_.gives_comments : std::all_of(text.begin(), text.end(), [&](char c) {
          return is_blank(c) && (c != '\t' || dialect_.delimiter != '\t');
        });
    record.is_comment = is_comment;
    record.spans_lines = inner_lines > 0;
    if (record.spans_lines) {
      spanned_.assign(buffer_.data() + begin_, consumed);
      spanned_lines_ = inner_lines + 1;
    }
    if (!skip_line) emit(used, record);
    skip(consumed, inner_lines + 1);
    if (!skip_line) return true;
  }
}

}  // namespace astrom3
