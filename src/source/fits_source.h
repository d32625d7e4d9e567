// SPDX-License-Identifier: MIT
//
// A binary table of a FITS file as a source of objects: Kepler, TESS, and any other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source.h"
#include "formats/byte_reader.h"
#include "formats/fits.h"
#include "source/object_groups.h"
#include "source/observation_intake.h"

namespace astrom3 {

/// Reads the one binary table of the file, or the one that SourceOptions::hdu names: one object
/// called like the file, or many with a column of ids.
class FitsSource final : public Source {
 public:
  FitsSource(ByteReader bytes, const std::string& file, const SourceOptions& options);

  bool next(SourceObject& object) override;
  std::vector<Diagnostic> take_warnings() override { return {}; }
  TableDescription describe() const override;
  std::uint64_t bytes_read() const override {
    return reader_ ? groups_.handed_out_of(reader_->bytes_read()) : 0;
  }
  std::uint64_t bytes_total() const override { return bytes_.size(); }

 private:
  struct Cells;

  void open();
  std::size_t find_table();
  void plan();
  void check_columns() const;
  void measure_times_in_days();
  std::optional<double> card(std::string_view keyword) const;
  void read_row();
  void fail_file(Diagnostic diagnostic);

  ByteReader bytes_;
  std::string file_;
  std::string file_id_;
  SourceOptions options_;
  std::optional<FitsReader> reader_;
  FitsTable table_;
  TablePlan plan_;
  std::optional<ObservationIntake> intake_;  ///< once the header was read: it may hold the error of all
  FitsHeader primary_;
  std::vector<char> row_;
  std::uint64_t n_rows_ = 0;
  ObjectGroups groups_;
  std::vector<SourceObject> parts_;  ///< of an object split into bands, last first
  std::optional<SourceObject> file_rejection_;
  bool is_open_ = false;
  bool at_end_ = false;
};

}  // namespace astrom3
