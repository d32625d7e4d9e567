// SPDX-License-Identifier: MIT
//
// One light curve of a table: selected, checked, in mJy.
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "batch/table_state.h"
#include "source/object_builder.h"
#include "source/photometry.h"

namespace astrom3 {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Range {
  std::int64_t begin = 0, end = 0;
  std::int64_t size() const { return end - begin; }
};

Diagnostic rejection_of(Status code, const std::string& column, std::string message, Hint hint = {}) {
  return {.code = code, .column = column, .message = std::move(message), .hint = std::move(hint)};
}

/// The elements of light curve i in one column, or why there are none.
std::optional<Diagnostic> find_range(const RaggedColumn& column, std::int64_t i, Range& range) {
  if (!column.lists.is_valid(i)) return rejection_of(Status::missing_value, column.leaf.name, "a null list");
  range = {column.lists.begin(i), column.lists.end(i)};
  if (range.begin < 0 || range.end < range.begin || range.end > column.leaf.length) {
    return rejection_of(
        Status::usage, column.leaf.name,
        fmt::format("a list of elements {} to {} among {}", range.begin, range.end, column.leaf.length));
  }
  return std::nullopt;
}

/// What the three columns and the selection say of one light curve.
class Packer {
 public:
  Packer(const LightCurveTable::State& table, std::int64_t i) : table_(table), i_(i) {}

  SourceObject pack() {
    std::optional<Diagnostic> problem = find_rows();
    if (!problem) problem = select_rows();
    if (!problem) problem = find_zero_point();
    if (!problem) problem = add_rows();
    if (problem) builder_.reject(std::move(*problem));
    return builder_.finish("", {.is_magnitude = table_.options.is_magnitude,
                                .has_magnitudes = table_.options.is_magnitude,
                                .error = {},
                                .band = {},
                                .object_id = {}});
  }

 private:
  std::optional<Diagnostic> find_rows() {
    if (auto problem = find_range(table_.time, i_, time_)) return problem;
    if (auto problem = same_length(table_.value, value_)) return problem;
    return same_length(table_.error, error_);
  }

  std::optional<Diagnostic> same_length(const RaggedColumn& column, Range& range) {
    if (auto problem = find_range(column, i_, range)) return problem;
    if (range.size() == time_.size()) return std::nullopt;
    return rejection_of(Status::length_mismatch, column.leaf.name,
                        fmt::format("{} values beside {} times", range.size(), time_.size()));
  }

  std::optional<Diagnostic> select_rows() {
    keep_.assign(static_cast<std::size_t>(time_.size()), 1);
    for (const BoundCondition& condition : table_.where) {
      Range range;
      if (auto problem = same_length(condition.column, range)) return problem;
      for (std::size_t k = 0; k < keep_.size(); ++k) {
        if (keep_[k] != 0 && !condition.holds(range.begin + static_cast<std::int64_t>(k))) keep_[k] = 0;
      }
    }
    return std::nullopt;
  }

  std::optional<Diagnostic> find_zero_point() {
    const TableOptions& options = table_.options;
    std::string band = options.band;
    if (table_.band.has_value()) {
      if (auto problem = find_only_band(band)) return problem;
    }
    if (!options.is_magnitude) return std::nullopt;
    const auto known =
        options.zero_point_jy.has_value() ? options.zero_point_jy : default_zero_point_jy(band);
    if (!known.has_value() && !band.empty()) {
      return rejection_of(Status::usage, options.band_column,
                          fmt::format("the zero point of band \"{}\" is not known", escaped(band)),
                          "give the flux density of magnitude 0 in Jy as the zero point");
    }
    zero_point_jy_ = known.value_or(1);  // without any row there is no band, and nothing to convert
    return std::nullopt;
  }

  /// The band of the rows that are left, which must be one.
  std::optional<Diagnostic> find_only_band(std::string& band) {
    Range range;
    if (auto problem = same_length(*table_.band, range)) return problem;
    const Leaf& leaf = table_.band->leaf;
    bool any = false;
    for (std::size_t k = 0; k < keep_.size(); ++k) {
      if (keep_[k] == 0) continue;
      const std::int64_t row = range.begin + static_cast<std::int64_t>(k);
      std::string found = !leaf.is_valid(row) ? std::string()
                          : leaf.is_text()    ? std::string(leaf.text_of(row))
                                              : std::to_string(leaf.whole_number(row));
      if (any && found != band) {
        return rejection_of(Status::mixed_bands, leaf.name,
                            fmt::format("bands \"{}\" and \"{}\"", escaped(band), escaped(found)),
                            "select one with the band");
      }
      any = true;
      band = std::move(found);
    }
    return std::nullopt;
  }

  std::optional<Diagnostic> add_rows() {
    const auto n = static_cast<std::size_t>(time_.size());
    std::vector<double> time(n), value(n), error(n);
    table_.time.leaf.copy_numbers(time_.begin, time);
    table_.value.leaf.copy_numbers(value_.begin, value);
    table_.error.leaf.copy_numbers(error_.begin, error);
    const double unit = mjy_per_unit(table_.options.flux_unit);
    for (std::size_t k = 0; k < n; ++k) {
      if (keep_[k] == 0) continue;
      builder_.count_row();
      if (const Leaf* missing = null_at(static_cast<std::int64_t>(k)); missing != nullptr) {
        if (table_.options.nonfinite == NonfinitePolicy::reject) {
          return rejection_of(Status::missing_value, missing->name, fmt::format("observation {} is null", k),
                              "drop observations that are not there, or not finite, to go on without them");
        }
        ++builder_.dropped().missing;
        continue;
      }
      builder_.add(time[k], value[k], error[k], converted(value[k], error[k], unit));
    }
    return std::nullopt;
  }

  FluxWithError converted(double value, double error, double unit) const {
    if (!table_.options.is_magnitude) return {value * unit, error * unit};
    // An infinite magnitude is no measurement, though its flux would be a zero like any other.
    if (!std::isfinite(value)) return {kNaN, error};
    return flux_from_magnitude(value, error, zero_point_jy_);
  }

  /// The column that is null in observation k.
  const Leaf* null_at(std::int64_t k) const {
    if (!table_.time.leaf.is_valid(time_.begin + k)) return &table_.time.leaf;
    if (!table_.value.leaf.is_valid(value_.begin + k)) return &table_.value.leaf;
    return table_.error.leaf.is_valid(error_.begin + k) ? nullptr : &table_.error.leaf;
  }

  const LightCurveTable::State& table_;
  std::int64_t i_;
  Range time_, value_, error_;
  std::vector<std::uint8_t> keep_;
  double zero_point_jy_ = 1;
  ObjectBuilder builder_{""};
};

}  // namespace

LightCurveTable::LightCurveTable(std::unique_ptr<State> state) : state_(std::move(state)) {}
LightCurveTable::LightCurveTable(LightCurveTable&&) noexcept = default;
LightCurveTable& LightCurveTable::operator=(LightCurveTable&&) noexcept = default;
LightCurveTable::~LightCurveTable() = default;

std::size_t LightCurveTable::size() const noexcept {
  return state_->size;
}

void LightCurveTable::read(std::size_t i, SourceObject& object) const {
  object = Packer(*state_, static_cast<std::int64_t>(i)).pack();
}

}  // namespace astrom3
