// SPDX-License-Identifier: MIT
//
// The one reading loop: rows become objects, objects are returned in order, failures become rejections.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/source/source.h"
#include "source/object_groups.h"
#include "source/observation_intake.h"

namespace astrom3 {

/// One table of any kind. A failure of the whole table rejects every object that was begun and not returned;
/// if there is none, it rejects one object that is named like the file.
class GroupedSource : public Source {
 public:
  bool next(SourceObject& object) final;
  std::vector<Diagnostic> take_warnings() final { return std::exchange(warnings_, {}); }

 protected:
  /// file  for messages; its name without folder and .csv, .parquet, ... names the object
  GroupedSource(const std::string& file, const SourceOptions& options);

  /// Finds out how the table is laid out, and calls start(). Throws Error if it cannot be read.
  virtual void open() = 0;
  /// Takes the next row by one of the functions below; false at the end of the table.
  virtual bool read_row() = 0;
  /// Called before objects are returned although the table has not been read to its end.
  virtual void prepare_to_stream() {}
  /// Adds to the message of a failure in the middle of the table which objects it rejected.
  virtual void describe_failure(Diagnostic&) const {}

  /// Throws Error no_rows.
  [[noreturn]] static void fail_without_rows();
  /// Says how rows are to be read. Throws what ObservationIntake::start() throws.
  void start(TablePlan plan);

  /// Adds a row to the object `id`, or to the only object if there are no ids: take(object) reads it.
  template <typename Take>
  void add_row(std::string_view id, std::int64_t row, const Take& take) {
    ObjectBuilder& object = groups_.find_or_add(id, row);
    const std::size_t before = object.memory_bytes();
    take(object);
    groups_.account(before, object.memory_bytes());
    bound_memory();
  }
  /// Adds a row that belongs to no known object; the result is a rejected object without rows.
  void add_row_without_id(std::string_view id, Diagnostic rejection);
  /// Adds a complete object, for tables with one row per object.
  void add_object(ObjectBuilder object);

  const std::string& file() const noexcept { return file_; }
  const std::string& file_id() const noexcept { return file_id_; }
  const SourceOptions& options() const noexcept { return options_; }
  const TablePlan& plan() const noexcept { return plan_; }
  const ColumnMap& columns() const noexcept { return plan_.columns(); }
  ObservationIntake& intake() noexcept { return intake_; }
  const ObservationIntake& intake() const noexcept { return intake_; }
  /// Warns if `header`, the lines above the rows, speaks of a zero point, of another unit, ... than the one
  /// in which the numbers are taken. Called after start().
  void warn_of_header(std::string_view header);
  void warn(Diagnostic warning) { warnings_.push_back(std::move(warning)); }
  /// How many of the `bytes` that were read belong to objects that have been returned.
  std::uint64_t handed_out_of(std::uint64_t bytes) const noexcept { return groups_.handed_out_of(bytes); }

 private:
  void read_until_ready();
  void bound_memory();
  void fail(Diagnostic diagnostic);
  void warn_of_drops();
  void warn_of_groups();
  void warn_of_quality();
  void warn_of_fluxes();
  void warn_of_ids(std::string_view id);
  void warn_all(std::vector<Diagnostic> remarks);

  std::string file_;
  std::string file_id_;
  SourceOptions options_;
  TablePlan plan_;
  ObservationIntake intake_{options_};
  ObjectGroups groups_;
  std::vector<SourceObject> ready_;             ///< objects of one row or id, last first
  std::optional<SourceObject> file_rejection_;  ///< rejects a file in which no object was found
  std::vector<Diagnostic> warnings_;
  bool is_open_ = false;
  bool at_end_ = false;
  bool has_rows_ = false;
  bool warned_of_drops_ = false;
  bool warned_of_groups_ = false;
  bool warned_of_quality_ = false;
  bool warned_of_fluxes_ = false;
  bool warned_of_object_ = false;
  bool warned_of_ids_ = false;
};

/// The id of the object in a file without ids: the file's name without folder, compression and ending.
/// Bytes that are not UTF-8 are escaped, so that every output can hold it.
std::string object_id_of(std::string_view file);

}  // namespace astrom3
