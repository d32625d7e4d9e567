// SPDX-License-Identifier: MIT
//
// A Parquet table as a source of objects: an observation a row, or an object a row with lists.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/source.h"
#include "formats/parquet.h"
#include "source/object_groups.h"
#include "source/observation_intake.h"

namespace astrom3 {

/// Lists may be columns of their own, lists of structs, structs of lists, or one column of triples
/// (time, flux, error). Every batch was validated in full before it is looked at.
class ParquetSource final : public Source {
 public:
  /// place  where the bytes are     file  what it is called; its name stands for a table without ids
  ParquetSource(std::filesystem::path place, const std::string& file, const SourceOptions& options);

  bool next(SourceObject& object) override;
  std::vector<Diagnostic> take_warnings() override { return {}; }
  TableDescription describe() const override;
  std::uint64_t bytes_read() const override;
  std::uint64_t bytes_total() const override { return size_; }

 private:
  enum class Layout { rows, lists, triples };
  struct Cells;
  /// Where the cells of a column are in the batch; null where the column is not read.
  struct ColumnCells {
    const LeafData* data = nullptr;
    bool is_text = false;
    bool is_series = false;  ///< an element each, rather than one value a row
  };

  void open();
  std::vector<std::size_t> table_of(const std::string& group, const std::vector<std::size_t>& scalars) const;
  void choose_table();
  void plan(std::vector<std::size_t> leaves, Layout layout);
  void plan_triples(std::size_t leaf);
  void find_needed(std::vector<bool>& is_used, std::vector<bool>& as_text) const;
  void select_columns();
  bool read_batch();
  void read_row(std::size_t row);
  void read_object(std::size_t row, ObjectBuilder& object);
  bool have_one_length(std::size_t row, ObjectBuilder& object) const;
  void hand_out(ObjectBuilder object);
  void fail_file(Diagnostic diagnostic);

  std::string_view id_of(std::size_t row, bool& is_null) const;
  Diagnostic at_row(std::size_t row, Status code, std::string message) const;

  std::filesystem::path place_;
  std::string file_;
  std::string file_id_;
  SourceOptions options_;
  std::uint64_t size_ = 0;
  std::unique_ptr<ParquetNestedReader> reader_;
  TablePlan plan_;
  ObservationIntake intake_;
  Layout layout_ = Layout::rows;
  std::vector<std::size_t> leaf_of_;  ///< of each column of the plan
  std::vector<LeafData> data_;
  std::vector<ColumnCells> cells_of_;  ///< of each column
  std::size_t n_rows_in_batch_ = 0;
  std::size_t next_row_ = 0;
  std::uint64_t rows_before_ = 0;  ///< of the file, before this batch
  ObjectGroups groups_;
  std::vector<SourceObject> ready_;  ///< last first
  std::optional<SourceObject> file_rejection_;
  bool is_open_ = false;
  bool at_end_ = false;
};

}  // namespace astrom3
