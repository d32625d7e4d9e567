// SPDX-License-Identifier: MIT
//
// One text table, CSV or aligned with blanks, as a source of objects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source.h"
#include "formats/csv.h"
#include "formats/number.h"
#include "source/object_groups.h"
#include "source/text_layout.h"

namespace astrom3 {

/// Reads one object, or a long table of many. Nothing of a gzip file is handed out before its last
/// CRC was checked. A failure of the whole file rejects every object seen and not handed out; where
/// none was seen, one object named like the file stands for it.
class TextSource final : public Source {
 public:
  /// file  for messages; its name without folder and .csv, .dat, .txt, .tsv, .gz names the object
  TextSource(GzipReader bytes, const std::string& file, const SourceOptions& options);

  bool next(SourceObject& object) override;
  std::vector<Diagnostic> take_warnings() override;
  std::uint64_t bytes_read() const override { return reader_.bytes().bytes_read(); }
  std::uint64_t bytes_total() const override { return reader_.bytes().bytes_total(); }

  /// What was recognised, once the first object was asked for.
  const TextLayout& layout() const noexcept { return layout_; }

 private:
  struct Band {
    std::string name;
    std::optional<double> zero_point_jy;
    bool is_selected = true;
  };
  /// Three numbers of a row, or why the row has none.
  struct Measurement {
    double time = 0, value = 0, error = 0;
  };

  void open();
  void check_band() const;
  void read_until_ready();
  bool read_row();
  void finish_rows();
  void bound_memory();
  void fail_file(Diagnostic diagnostic);
  void read_fields(ObjectBuilder& object);
  void store(ObjectBuilder& object, const Measurement& m);
  bool check_arity(ObjectBuilder* object);
  const Band* band_of(ObjectBuilder& object);
  std::uint32_t band_number(std::string_view name);
  bool take_number(ObjectBuilder& object, std::size_t column, double& value, bool& keep);
  bool is_null(const Measurement& m) const;
  Diagnostic at_field(std::size_t column, Status code, std::string message, std::string hint = {}) const;
  Diagnostic at_row(Status code, std::string message, std::string hint = {}) const;

  CsvReader reader_;
  std::string file_;
  std::string file_id_;
  SourceOptions options_;
  TextLayout layout_;
  NumberStyle number_style_;
  double mjy_per_unit_ = 1;
  std::vector<Band> bands_;
  CsvRecord record_;
  ObjectGroups groups_;
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
