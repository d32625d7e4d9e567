// SPDX-License-Identifier: MIT
#include "formats/fits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/checked_product.h"
#include "base/number.h"

namespace astrom3 {
namespace {

constexpr std::size_t kCard = 80;
constexpr std::size_t kMaxColumns = 999;  // of the standard
constexpr std::uint64_t kMaxDataBytes = 1ull << 50;

[[noreturn]] void fail_header(std::string message, std::string column = {}) {
  throw Error(
      Diagnostic{.code = Status::bad_header, .column = std::move(column), .message = std::move(message)});
}

/// What stands behind "= ": a string in quotes, or text up to a comment.
std::string value_of(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('\'')) return std::string(trimmed(text.substr(0, text.find('/'))));
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\'' && (i + 1 == text.size() || text[i + 1] != '\'')) break;
    if (text[i] == '\'') ++i;
    value += text[i];
  }
  value.resize(value.find_last_not_of(' ') + 1);
  return value;
}

std::size_t bytes_of(char type) {
  constexpr std::array<std::pair<char, std::size_t>, 13> kSizes{{{'L', 1},
                                                                 {'X', 0},
                                                                 {'B', 1},
                                                                 {'I', 2},
                                                                 {'J', 4},
                                                                 {'K', 8},
                                                                 {'A', 1},
                                                                 {'E', 4},
                                                                 {'D', 8},
                                                                 {'C', 8},
                                                                 {'M', 16},
                                                                 {'P', 8},
                                                                 {'Q', 16}}};
  for (const auto& [letter, size] : kSizes) {
    if (letter == type) return size;
  }
  return std::numeric_limits<std::size_t>::max();
}

/// TFORM: a repeat count, a letter, and for some letters more.
std::size_t parse_format(const std::string& format, const std::string& keyword, FitsColumn& column) {
  const char* const end = format.data() + format.size();
  std::size_t repeat = 1;
  const auto [stop, error] = std::from_chars(format.data(), end, repeat);
  const bool has_repeat = error == std::errc{};
  const char* const letter = has_repeat ? stop : format.data();
  if (letter == end || repeat > FitsReader::kMaxRowBytes || bytes_of(*letter) > 16)
    fail_header(fmt::format("{} = '{}' is no format of a binary table", keyword, escaped(format)));
  column.type = *letter;
  column.repeat = has_repeat ? repeat : 1;
  return column.type == 'X' ? (column.repeat + 7) / 8 : column.repeat * bytes_of(column.type);
}

template <typename T>
T big_endian(const char* bytes) {
  std::array<char, sizeof(T)> reversed{};
  std::reverse_copy(bytes, bytes + sizeof(T), reversed.begin());
  return std::bit_cast<T>(reversed);
}

std::int64_t integer_at(const FitsColumn& column, const char* bytes) {
  switch (column.type) {
    case 'B':
      return static_cast<unsigned char>(*bytes);
    case 'I':
      return big_endian<std::int16_t>(bytes);
    case 'J':
      return big_endian<std::int32_t>(bytes);
    default:
      return big_endian<std::int64_t>(bytes);
  }
}

bool is_integer(const FitsColumn& column) {
  return std::string_view("BIJK").find(column.type) != std::string_view::npos;
}

}  // namespace

bool FitsHeader::add(std::string_view card) {
  const std::string_view keyword = trimmed(card.substr(0, 8));
  if (keyword == "END" && trimmed(card.substr(8)).empty()) return false;
  if ((keyword == "COMMENT" || keyword == "HISTORY") && notes_.size() < kMostNotes)
    notes_.append(trimmed(card.substr(8))).append("\n");
  if (card.substr(8, 2) == "= ") values_.try_emplace(std::string(keyword), value_of(card.substr(10)));
  return true;
}

std::string FitsHeader::text(std::string_view keyword) const {
  const auto found = values_.find(std::string(keyword));
  return found == values_.end() ? std::string{} : found->second;
}

std::optional<std::int64_t> FitsHeader::integer(std::string_view keyword) const {
  const std::string value = text(keyword);
  std::string_view digits = value;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<double> FitsHeader::number(std::string_view keyword) const {
  const ParsedNumber number = parse_number(text(keyword), {.decimal = '.', .d_exponent = true});
  return number.kind == NumberKind::number ? std::optional(number.value) : std::nullopt;
}

std::size_t FitsReader::read_up_to(std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::size_t n = bytes_.read(into.subspan(done));
    if (n == 0) break;
    done += n;
  }
  return done;
}

void FitsReader::skip_data() {
  std::array<char, 1 << 16> scratch;
  while (data_left_ > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(data_left_, scratch.size()));
    const std::size_t n = read_up_to(std::span(scratch).first(wanted));
    data_left_ -= n;
    // Some writers leave out the padding of the last block.
    if (n < wanted && data_left_ >= kBlock)
      fail_header(fmt::format("the file ends {} bytes before the end of its {} data", data_left_, kind_));
    if (n < wanted) data_left_ = 0;
  }
}

bool FitsReader::next_hdu() {
  skip_data();
  header_ = {};
  std::array<char, kBlock> block;
  for (std::size_t n_blocks = 0; n_blocks < kMaxHeaderBlocks; ++n_blocks) {
    const std::size_t n = read_up_to(block);
    // Anything may follow the last HDU, most often zeros.
    const std::string_view text(block.data(), n);
    if (n_blocks == 0 && has_hdu_ && !text.starts_with("XTENSION")) return false;
    if (n_blocks == 0 && !has_hdu_ && !text.starts_with("SIMPLE  ="))
      fail_header("not a FITS file: it does not start with SIMPLE");
    if (n < kBlock) fail_header("the file ends within a header");
    for (std::size_t at = 0; at < kBlock; at += kCard) {
      if (header_.add(text.substr(at, kCard))) continue;
      kind_ = has_hdu_ ? header_.text("XTENSION") : "PRIMARY";
      has_hdu_ = true;
      const std::uint64_t bytes = data_bytes();
      data_left_ = (bytes + kBlock - 1) / kBlock * kBlock;
      rows_left_ =
          kind_ == "BINTABLE" ? static_cast<std::uint64_t>(header_.integer("NAXIS2").value_or(0)) : 0;
      return true;
    }
  }
  fail_header(fmt::format("no END within {} blocks of a header", kMaxHeaderBlocks));
}

/// |BITPIX| / 8 * GCOUNT * (PCOUNT + NAXIS1 * NAXIS2 * ...), every factor and product checked.
std::uint64_t FitsReader::data_bytes() const {
  const auto factor = [&](const std::string& keyword, std::optional<std::int64_t> otherwise) {
    const auto value = header_.has(keyword) ? header_.integer(keyword) : otherwise;
    if (!value.has_value() || *value < 0)
      fail_header(fmt::format("{} = {}: expected a number from 0", keyword, escaped(header_.text(keyword))));
    return static_cast<std::uint64_t>(*value);
  };
  const std::uint64_t n_axes = factor("NAXIS", std::nullopt);
  if (n_axes > kMaxColumns) fail_header(fmt::format("NAXIS = {}: at most {}", n_axes, kMaxColumns));
  const auto bits = header_.integer("BITPIX");
  constexpr std::array<std::int64_t, 6> kBits{8, 16, 32, 64, -32, -64};
  if (!bits.has_value() || std::find(kBits.begin(), kBits.end(), *bits) == kBits.end())
    fail_header(fmt::format("BITPIX = {}: no such type", escaped(header_.text("BITPIX"))));
  std::uint64_t n = n_axes > 0 ? 1 : 0;
  const auto multiply = [&](std::uint64_t by) {
    n = checked_product(n, by).value_or(kMaxDataBytes + 1);
    if (n > kMaxDataBytes) fail_header("the header describes more data than any file holds");
  };
  for (std::uint64_t axis = 1; axis <= n_axes; ++axis)
    multiply(factor(fmt::format("NAXIS{}", axis), std::nullopt));
  const std::uint64_t heap = factor("PCOUNT", 0);
  if (heap > kMaxDataBytes) fail_header("the header describes more data than any file holds");
  n += heap;
  multiply(factor("GCOUNT", 1));
  multiply(static_cast<std::uint64_t>(std::abs(*bits)) / 8);
  return n;
}

bool FitsReader::is_light_curve_table() const {
  return kind_ == "BINTABLE" && header_.text("ZIMAGE") != "T" && header_.text("ZTABLE") != "T";
}

FitsTable FitsReader::table() const {
  if (kind_ != "BINTABLE") fail_header(fmt::format("a {} is no binary table", escaped(kind_)));
  if (!is_light_curve_table()) fail_header("a compressed image or table is not supported");
  if (header_.integer("NAXIS") != 2 || header_.integer("BITPIX") != 8)
    fail_header("a binary table has NAXIS = 2 and BITPIX = 8");
  if (header_.integer("GCOUNT").value_or(1) != 1)
    fail_header(fmt::format("GCOUNT = {}: a binary table is one group", escaped(header_.text("GCOUNT"))));
  FitsTable table;
  const std::int64_t width = header_.integer("NAXIS1").value_or(-1);
  const std::int64_t n_columns = header_.integer("TFIELDS").value_or(-1);
  if (width < 1 || static_cast<std::uint64_t>(width) > kMaxRowBytes)
    fail_header(fmt::format("NAXIS1 = {}: rows of 1 byte to 1 MiB are read", width));
  if (n_columns < 1 || static_cast<std::uint64_t>(n_columns) > kMaxColumns)
    fail_header(fmt::format("TFIELDS = {}: expected 1 to {}", n_columns, kMaxColumns));
  table.row_bytes = static_cast<std::size_t>(width);
  table.n_rows = static_cast<std::uint64_t>(header_.integer("NAXIS2").value_or(0));
  std::size_t offset = 0;
  for (std::int64_t i = 1; i <= n_columns; ++i) {
    FitsColumn column;
    column.offset = offset;
    column.name = header_.text(fmt::format("TTYPE{}", i));
    if (column.name.empty()) column.name = fmt::format("col{}", i);
    column.unit = header_.text(fmt::format("TUNIT{}", i));
    const std::string keyword = fmt::format("TFORM{}", i);
    offset += parse_format(header_.text(keyword), keyword, column);
    column.scale = header_.number(fmt::format("TSCAL{}", i)).value_or(1);
    column.zero = header_.number(fmt::format("TZERO{}", i)).value_or(0);
    column.null = header_.integer(fmt::format("TNULL{}", i));
    table.columns.push_back(std::move(column));
  }
  if (offset != table.row_bytes)
    fail_header(fmt::format("the columns take {} bytes, NAXIS1 says {}", offset, table.row_bytes));
  return table;
}

bool FitsReader::next_row(std::span<char> row) {
  if (rows_left_ == 0) return false;
  const std::size_t n = read_up_to(row);
  if (n < row.size())
    fail_header(fmt::format("the file ends {} rows before the end of its table", rows_left_));
  --rows_left_;
  data_left_ -= std::min<std::uint64_t>(data_left_, n);
  return true;
}

ParsedNumber fits_number(const FitsColumn& column, std::span<const char> row) {
  const char* const bytes = row.data() + column.offset;
  double value = 0;
  if (column.type == 'E') {
    value = static_cast<double>(big_endian<float>(bytes));
  } else if (column.type == 'D') {
    value = big_endian<double>(bytes);
  } else {
    const std::int64_t integer = integer_at(column, bytes);
    if (column.null == integer) return {.kind = NumberKind::missing};
    value = static_cast<double>(integer);
  }
  if (std::isnan(value)) return {.kind = NumberKind::missing};
  value = column.zero + column.scale * value;
  return {.kind = std::isfinite(value) ? NumberKind::number : NumberKind::nonfinite, .value = value};
}

std::size_t FitsReader::read_data(std::span<char> into) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(data_left_, into.size()));
  const std::size_t n = read_up_to(into.first(wanted));
  data_left_ -= n;
  return n;
}

std::vector<double> fits_numbers(const FitsColumn& column, std::span<const char> row) {
  FitsColumn one = column;
  one.repeat = 1;
  std::vector<double> out;
  for (std::size_t i = 0; i < column.repeat; ++i, one.offset += bytes_of(column.type)) {
    const ParsedNumber number = fits_number(one, row);
    out.push_back(number.kind == NumberKind::missing ? std::numeric_limits<double>::quiet_NaN()
                                                     : number.value);
  }
  return out;
}

std::string fits_text(const FitsColumn& column, std::span<const char> row) {
  const char* const bytes = row.data() + column.offset;
  if (column.type == 'A') {
    std::string_view text(bytes, column.repeat);
    text = text.substr(0, text.find('\0'));
    return std::string(text.substr(0, text.find_last_not_of(' ') + 1));
  }
  if (column.type == 'L') return *bytes == 'T' ? "true" : *bytes == 'F' ? "false" : "";
  const ParsedNumber number = fits_number(column, row);
  if (number.kind != NumberKind::number) return {};
  if (is_integer(column) && column.scale == 1 && column.zero == 0)
    return fmt::format("{}", integer_at(column, bytes));
  return fmt::format("{}", number.value);
}

}  // namespace astrom3
