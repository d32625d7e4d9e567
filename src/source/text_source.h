// SPDX-License-Identifier: MIT
//
// One text table, CSV or aligned with blanks, as a source of objects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/source.h"
#include "formats/csv.h"
#include "formats/number.h"
#include "source/object_groups.h"
#include "source/observation_intake.h"
#include "source/text_layout.h"

namespace astrom3 {

/// Reads one object, or a long table of many. Nothing of a gzip file is handed out before its last
/// CRC was checked. A failure of the whole file rejects every object seen and not handed out; where
/// none was seen, one object named like the file stands for it.
class TextSource final : public Source {
 public:
  /// file  for messages; its name without folder and .csv, .dat, .txt, .tsv, .gz names the object
  TextSource(DecompressedReader bytes, const std::string& file, const SourceOptions& options);

  bool next(SourceObject& object) override;
  std::vector<Diagnostic> take_warnings() override;
  TableDescription describe() const override;
  std::uint64_t bytes_read() const override { return groups_.handed_out_of(reader_.bytes().bytes_read()); }
  std::uint64_t bytes_total() const override { return reader_.bytes().bytes_total(); }

  /// What was recognised, once the first object was asked for.
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

  void open();
  void read_until_ready();
  bool read_row();
  bool next_record();
  void take_row_without_id(std::string_view id);
  bool swallowed_rows() const;
  bool is_id(std::string_view id) const;
  void finish_rows();
  void bound_memory();
  void fail_file(Diagnostic diagnostic);
  void read_fields(ObjectBuilder& object);
  bool check_arity(ObjectBuilder* object);
  Diagnostic at_field(std::size_t column, Status code, std::string message, Hint hint = {}) const;
  Diagnostic at_row(Status code, std::string message, Hint hint = {}) const;

  CsvReader reader_;
  std::string file_;
  std::string file_id_;
  SourceOptions options_;
  TextLayout layout_;
  NumberStyle number_style_;
  ObservationIntake intake_;
  CsvRecord record_;
  ObjectGroups groups_;
  std::string problem_;              ///< what is wrong with record_, where its line is faulty
  std::vector<SourceObject> parts_;  ///< of an object split into bands, last first
  std::vector<Diagnostic> warnings_;
  bool is_open_ = false;
  bool at_end_ = false;
  std::int64_t n_rows_ = 0;
  std::optional<SourceObject> file_rejection_;  ///< stands for a file of which no object is known
};

/// The object a file without id column holds: its name without folder, .gz, and .csv, .dat, .txt or
/// .tsv. Bytes that are not UTF-8 are escaped, so that every output can hold it.
std::string object_id_of(std::string_view file);

}  // namespace astrom3
