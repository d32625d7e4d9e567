// SPDX-License-Identifier: MIT
//
// A binary table of a FITS file as a source of objects: Kepler, TESS, and any other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "formats/byte_reader.h"
#include "formats/fits.h"
#include "source/grouped_source.h"

namespace astrom3 {

/// Reads the one binary table of the file, or the one that SourceOptions::hdu names: one object
/// named like the file, or many with a column of ids.
class FitsSource final : public GroupedSource {
 public:
  FitsSource(ByteReader bytes, const std::string& file, const SourceOptions& options);

  TableDescription describe() const override;
  std::uint64_t bytes_read() const override { return reader_ ? handed_out_of(reader_->bytes_read()) : 0; }
  std::uint64_t bytes_total() const override { return bytes_.size(); }

 private:
  struct Cells;

  void open() override;
  bool read_row() override;
  std::size_t find_table();
  TablePlan plan_rows() const;
  void check_columns(const TablePlan& plan) const;
  std::string header_notes() const;
  std::optional<double> card(std::string_view keyword) const;

  ByteReader bytes_;
  std::optional<FitsReader> reader_;
  FitsTable table_;
  FitsHeader primary_;
  std::vector<char> row_;
  std::uint64_t n_rows_ = 0;
};

}  // namespace astrom3
