// SPDX-License-Identifier: MIT
//
// The one reading loop: rows of a table into objects, objects out in order, failures into rejections.
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

/// One table of any kind. A failure of the whole table rejects every object seen and not handed out; where
/// none was seen, one object named like the file stands for it.
class GroupedSource : public Source {
 public:
  bool next(SourceObject& object) final;
  std::vector<Diagnostic> take_warnings() final { return std::exchange(warnings_, {}); }

 protected:
  /// file  for messages; its name without folder and .csv, .parquet, ... names the object
  GroupedSource(const std::string& file, const SourceOptions& options);

  /// Understands the table and calls start(). Throws Error for one that cannot be read.
  virtual void open() = 0;
  /// Takes the next row by one of the functions below; false at the end of the table.
  virtual bool read_row() = 0;
  /// Objects are about to be handed out before the end of the table.
  virtual void prepare_to_stream() {}
  /// Adds to a failure in the middle of the table what it cost.
  virtual void describe_failure(Diagnostic&) const {}

  /// Throws Error no_rows.
  [[noreturn]] static void fail_without_rows();
  /// What rows are to be read as. Throws what ObservationIntake::start() throws.
  void start(TablePlan plan);

  /// A row of the object `id`, the file's where there are no ids: take(object) reads it.
  template <typename Take>
  void add_row(std::string_view id, std::int64_t row, const Take& take) {
    ObjectBuilder& object = groups_.find_or_add(id, row);
    const std::size_t before = object.memory_bytes();
    take(object);
    groups_.account(before, object.memory_bytes());
    bound_memory();
  }
  /// Nobody knows whose this row is; its object is nothing but the rejection.
  void add_row_without_id(std::string_view id, Diagnostic rejection);
  /// An object that is complete, where a row holds one.
  void add_object(ObjectBuilder object);

  const std::string& file() const noexcept { return file_; }
  const std::string& file_id() const noexcept { return file_id_; }
  const SourceOptions& options() const noexcept { return options_; }
  const TablePlan& plan() const noexcept { return plan_; }
  const ColumnMap& columns() const noexcept { return plan_.columns(); }
  ObservationIntake& intake() noexcept { return intake_; }
  const ObservationIntake& intake() const noexcept { return intake_; }
  void warn(Diagnostic warning) { warnings_.push_back(std::move(warning)); }
  /// Of `bytes` that were read, those whose objects are out.
  std::uint64_t handed_out_of(std::uint64_t bytes) const noexcept { return groups_.handed_out_of(bytes); }

 private:
  void read_until_ready();
  void bound_memory();
  void fail(Diagnostic diagnostic);

  std::string file_;
  std::string file_id_;
  SourceOptions options_;
  TablePlan plan_;
  ObservationIntake intake_{options_};
  ObjectGroups groups_;
  std::vector<SourceObject> ready_;             ///< objects of one row or id, last first
  std::optional<SourceObject> file_rejection_;  ///< stands for a file of which no object is known
  std::vector<Diagnostic> warnings_;
  bool is_open_ = false;
  bool at_end_ = false;
  bool has_rows_ = false;
  bool warned_of_drops_ = false;
};

/// The object a file without id column holds: its name without folder, compression and the ending of a table.
/// Bytes that are not UTF-8 are escaped, so that every output can hold it.
std::string object_id_of(std::string_view file);

}  // namespace astrom3
