// SPDX-License-Identifier: MIT
//
// One text table, CSV or aligned with blanks, as a source of objects.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "base/number.h"
#include "formats/csv.h"
#include "source/grouped_source.h"
#include "source/text_layout.h"

namespace astrom3 {

/// Reads one object, or a long table of many. No object of a gzip file is returned before its last
/// CRC was checked.
class TextSource final : public GroupedSource {
 public:
  TextSource(DecompressedReader bytes, const std::string& file, const SourceOptions& options);

  TableDescription describe() const override;
  std::uint64_t bytes_read() const override { return handed_out_of(reader_.bytes().bytes_read()); }
  std::uint64_t bytes_total() const override { return reader_.bytes().bytes_total(); }

  /// The layout that was recognised; known once next() has been called.
  const TextLayout& layout() const noexcept { return layout_; }

 private:
  /// The fields of record_ as the intake asks for them.
  struct Cells {
    const TextSource& source;
    ParsedNumber number(std::size_t column) const {
      return parse_number(source.record_.fields[column], source.number_style_);
    }
    std::string_view text(std::size_t column) const { return source.record_.fields[column]; }
    std::optional<std::uint64_t> bits(std::size_t column) const { return flag_bits(text(column)); }
    Diagnostic at(std::size_t column, Status code, std::string message, Hint hint) const {
      return source.at_field(column, code, std::move(message), std::move(hint));
    }
  };

  void open() override;
  void pass_over_preamble(char line_end);
  bool read_row() override;
  void prepare_to_stream() override;
  bool next_record();
  bool read_record();
  bool is_row();
  bool is_row_behind_mark();
  bool is_keyed_row();
  bool is_header_again();
  bool holds_measurement(std::span<const std::string_view> fields) const;
  bool holds_time() const;
  void fit_fields();
  [[noreturn]] void fail_header_again() const;
  void report_skipped();
  void take_row_without_id(std::string_view id);
  bool swallowed_rows() const;
  bool is_id(std::string_view id) const;
  void read_fields(ObjectBuilder& object);
  bool check_arity(ObjectBuilder* object);
  Diagnostic at_field(std::size_t column, Status code, std::string message, Hint hint = {}) const;
  Diagnostic at_row(Status code, std::string message, Hint hint = {}) const;

  CsvReader reader_;
  TextLayout layout_;
  NumberStyle number_style_;
  CsvRecord record_;
  std::string problem_;  ///< what is wrong with record_, where its line is faulty
  std::int64_t n_rows_ = 0;

  /// Lines that were skipped although they hold numbers.
  struct Skipped {
    std::int64_t n = 0;
    std::int64_t first = 0;  ///< line
    void count(std::int64_t line) {
      if (n++ == 0) first = line;
    }
  };
  Skipped commented_rows_;
  Skipped headers_;
  bool after_header_ = false;             ///< the last line repeated the header
  bool has_marked_ids_ = false;           ///< ids begin with '#'
  std::string key_id_;                    ///< layout_.has_keys: the id of the object whose rows follow
  std::vector<std::string_view> padded_;  ///< the fields of a row that leaves blank ones out
};

}  // namespace astrom3
