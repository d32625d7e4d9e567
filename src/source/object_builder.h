// SPDX-License-Identifier: MIT
//
// One object while its rows are read, and the checks that need all of its rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "source/columns.h"
#include "source/levels.h"
#include "source/photometry.h"
#include "source/row_blocks.h"
#include "source/sentinels.h"
#include "source/sky_position.h"
#include "source/table_plan.h"

namespace astrom3 {

/// Collects the rows of one object. After the first rejection rows are only counted.
class ObjectBuilder {
 public:
  static constexpr std::uint32_t kNoBand = UINT32_MAX;
  static constexpr std::size_t kMaxPoints = 10'000'000;

  explicit ObjectBuilder(std::string_view id) : id_(id) {}

  const std::string& id() const noexcept { return id_; }
  bool is_rejected() const noexcept { return rejection_ != nullptr; }
  bool is_rejected_as(Status code) const noexcept { return is_rejected() && rejection_->code == code; }
  bool is_empty() const noexcept { return light_curve_.size() == 0; }
  std::size_t size() const noexcept { return light_curve_.size(); }
  DropCounts& dropped() noexcept { return dropped_; }
  Flags& flags() noexcept { return flags_; }

  /// The band (a number of the file's own) of the first row; later rows must agree.
  std::uint32_t band = kNoBand;
  std::string band_name;     ///< as SourceObject has it
  double zero_point_jy = 0;  ///< of magnitudes; 0 for fluxes

  /// The part of this object in band `number`, whose name is `name`: an object "<id>:<name>".
  ObjectBuilder& part(std::uint32_t number, std::string_view name);
  /// Finishes the parts, the last one first; false if there is none, or if this object is
  /// rejected as a whole.
  bool take_parts(std::string_view file, const TablePlan& plan, const SourceOptions& options,
                  std::vector<SourceObject>& parts);

  void count_row() noexcept { ++n_raw_; }
  /// Makes room for `n` observations in all.
  void reserve(std::size_t n);
  /// value, error  as in the file, for remarks on what they look like
  void add(double time, double value, double error, FluxWithError converted);
  /// Whether `position` is the same as that of the earlier rows.
  bool is_at(const SkyPosition& position) noexcept {
    if (!position_.has_value()) position_ = position;
    return !are_apart(*position_, position);
  }
  /// The value of watched column `number` beside the observation that add() took last.
  void watch(std::size_t number, std::string_view value);
  /// The value of possible column of ids `number` beside the observation that add() took last.
  void watch_blocks(std::size_t number, std::string_view value);
  /// Counts a row that rule `number` of the plan left out, for its quality.
  void count_drop(std::size_t number);
  /// A row stands here between the rows of two objects.
  void separate() noexcept { is_separated_ = is_separated_ || !is_empty() || !parts_.empty(); }
  /// Whether such a row came before this one, so that this row may belong to another object.
  bool is_separated() const noexcept { return is_separated_; }
  /// Compares a flux in mJy with the magnitude beside it.
  void compare(double flux_mjy, double mag) noexcept;
  /// The first rejection stays; the rows read so far are discarded.
  void reject(Diagnostic rejection);

  /// Memory this object holds, for the limit on long tables.
  std::size_t memory_bytes() const noexcept {
    std::size_t bytes = sizeof *this + id_.capacity() + 3 * sizeof(double) * light_curve_.time.capacity();
    for (const ObjectBuilder& part : parts_) bytes += part.memory_bytes();
    for (const WatchedColumn& column : watched_) bytes += sizeof column + column.memory_bytes();
    for (const RowBlocks& blocks : blocks_) bytes += sizeof blocks + blocks.memory_bytes();
    bytes += suspects_.capacity() * sizeof(SuspectRow);
    return bytes;
  }

  /// The finished object. `plan` says what `value` was, and whether it could be something else.
  SourceObject finish(std::string_view file, const TablePlan& plan, const SourceOptions& options);

 private:
  /// An observation with a number that may stand for "not measured".
  struct SuspectRow {
    std::size_t row = 0;
    double value = 0, error = 0;  ///< as in the file
  };

  void judge(const TablePlan& plan, const SourceOptions& options);
  void judge_sentinels(const TablePlan& plan, const SourceOptions& options);
  void judge_levels(const TablePlan& plan);
  void judge_blocks(const TablePlan& plan);
  void judge_drops();
  std::vector<double> measured(bool is_magnitude) const;
  void judge_dates(const TablePlan& plan);
  std::vector<double> measured_errors(bool is_magnitude) const;
  bool has_impossible_values(bool is_magnitude) const;
  void reject_sentinel(const SentinelVerdict& verdict, std::string_view what);

  std::string id_;
  std::vector<ObjectBuilder> parts_;  ///< by band, where bands are taken by themselves
  LightCurve light_curve_;
  std::size_t n_raw_ = 0;
  DropCounts dropped_;
  Flags flags_;
  std::unique_ptr<Diagnostic> rejection_;  // rare, and large beside the rest
  std::vector<SuspectRow> suspects_;
  double reference_value_ = 0, reference_flux_ = 0;  // of an observation that is not among them
  std::vector<WatchedColumn> watched_;
  std::vector<RowBlocks> blocks_;
  std::string unread_groups_;            // a column whose values take turns
  std::optional<SkyPosition> position_;  // of the first row
  std::vector<std::size_t> dropped_by_;  // rows, by the number of the rule that left them out
  std::size_t n_compared_ = 0, n_disagreeing_ = 0;
  double negative_error_ = 0;
  std::size_t n_negative_errors_ = 0;
  bool is_separated_ = false;
  bool is_in_range_of_magnitudes_ = true;
};

/// A rejected object without rows.
SourceObject rejected_object(Diagnostic rejection);

}  // namespace astrom3
