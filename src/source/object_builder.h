// SPDX-License-Identifier: MIT
//
// One object while its rows come in, and the remarks that need all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "source/columns.h"
#include "source/photometry.h"

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
  DropCounts& dropped() noexcept { return dropped_; }
  Flags& flags() noexcept { return flags_; }

  /// The band (a number of the file's own) of the first row; later rows must agree.
  std::uint32_t band = kNoBand;
  std::string band_name;     ///< as SourceObject has it
  double zero_point_jy = 0;  ///< of magnitudes; 0 for fluxes

  /// The part of this object that is band `number`, called `name`: an object "<id>:<name>".
  ObjectBuilder& part(std::uint32_t number, std::string_view name);
  /// Finishes the parts, the last one first; false where there is none, or where this object is
  /// rejected as a whole.
  bool take_parts(std::string_view file, const ColumnMap& columns, std::vector<SourceObject>& parts);

  void count_row() noexcept { ++n_raw_; }
  /// Makes room for `n` observations in all.
  void reserve(std::size_t n);
  /// value, error  as in the file, for remarks on what they look like
  void add(double time, double value, double error, FluxWithError converted);
  /// The first rejection stays; the rows read so far are given up.
  void reject(Diagnostic rejection);

  /// Memory this object holds, for the limit on long tables.
  std::size_t memory_bytes() const noexcept {
    std::size_t bytes = sizeof *this + id_.capacity() + 3 * sizeof(double) * light_curve_.time.capacity();
    for (const ObjectBuilder& part : parts_) bytes += part.memory_bytes();
    return bytes;
  }

  /// The finished object. `columns` says what `value` was, and whether it could be something else.
  SourceObject finish(std::string_view file, const ColumnMap& columns);

 private:
  std::string id_;
  std::vector<ObjectBuilder> parts_;  ///< by band, where bands are taken by themselves
  LightCurve light_curve_;
  std::size_t n_raw_ = 0;
  DropCounts dropped_;
  Flags flags_;
  std::unique_ptr<Diagnostic> rejection_;  // rare, and large beside the rest
  double sentinel_value_ = 0;              // a value such as 99.99 that was met; 0: none
  double sentinel_error_ = 0;              // likewise among the errors
  bool looks_like_magnitudes_ = true;
};

/// An object that is nothing but its rejection.
SourceObject rejected_object(Diagnostic rejection);

}  // namespace astrom3
