// SPDX-License-Identifier: MIT
#include "metadata/joined_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/metadata/join_catalogues.h"
#include "base/joined.h"
#include "metadata/catalogue_file.h"
#include "metadata/galactic.h"
#include "metadata/object_ids.h"

namespace astrom3 {
namespace {

constexpr double kFarApartArcsec = 5;      // beyond what cross-matches allow for
constexpr double kImpossibleArcsec = 300;  // Barnard's star moves 170" between 2MASS and Gaia
constexpr double kArcsecPerDegree = 3600;

double separation_arcsec(const Galactic& x, const Galactic& y) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double db = std::sin((x.b - y.b) * kRadians / 2), dl = std::sin((x.l - y.l) * kRadians / 2);
  const double h = db * db + std::cos(x.b * kRadians) * std::cos(y.b * kRadians) * dl * dl;
  return 2 * std::asin(std::min(1.0, std::sqrt(h))) / kRadians * kArcsecPerDegree;
}

/// Whether two numbers differ by more than the last digit of the one that is written with fewer; a float32
/// has seven.
bool contradict(const CatalogueValue& a, const CatalogueValue& b) {
  const double last_digit = std::pow(10.0, -std::min(a.decimals, b.decimals));
  const double of_float = 1e-6 * std::max(std::fabs(a.value), std::fabs(b.value));
  return std::fabs(a.value - b.value) > std::max(1.001 * last_digit, of_float);
}

/// Fills one JoinedObject.
class ValueJoiner {
 public:
  ValueJoiner(const ValueSources& sources, const JoinedRows& rows, JoinedObject& out)
      : sources_(sources), rows_(rows), out_(out) {}

  void join() {
    for (std::size_t f = 0; f < sources_.files.size(); ++f) {
      if (!rows_.found[f].several) continue;
      note(f, Status::ambiguous, "", "",
           fmt::format("several rows for \"{}\" that differ", escaped(out_.object_id)));
    }
    for (const std::size_t column : sources_.columns) out_.values.push_back(value_of(column));
    compare_positions();
    constexpr std::array kWorstFirst{Status::ambiguous, Status::not_a_number, Status::nonfinite,
                                     Status::sentinel, Status::missing_value};
    for (const Status status : kWorstFirst) {
      const bool is_there = std::any_of(out_.problems.begin(), out_.problems.end(),
                                        [&](const Diagnostic& problem) { return problem.code == status; });
      if (is_there && out_.status == Status::ok) out_.status = status;
    }
    // What is there stays beside a missing value, which can be imputed; a row that is wrong is empty.
    const bool is_usable =
        out_.status == Status::ok || out_.status == Status::missing_value || out_.status == Status::sentinel;
    if (!is_usable)
      std::fill(out_.values.begin(), out_.values.end(), std::numeric_limits<double>::quiet_NaN());
  }

 private:
  const CatalogueFile& file(std::size_t f) const { return sources_.files[f]; }
  const CatalogueRow* row(std::size_t f) const {
    return rows_.found[f].row ? &file(f).rows[*rows_.found[f].row] : nullptr;
  }

  void note(std::size_t f, Status code, const std::string& column, std::string value, std::string message) {
    const CatalogueRow* const at = row(f);
    out_.problems.push_back(Diagnostic{.code = code,
                                       .file = file(f).path.string(),
                                       .object_id = out_.object_id,
                                       .line = at == nullptr ? -1 : at->line,
                                       .column = column,
                                       .value = std::move(value),
                                       .message = std::move(message)});
  }

  double value_of(std::size_t column) {
    const CatalogueValue* taken = nullptr;
    std::size_t taken_from = 0;
    bool is_unreadable = false;
    for (const bool is_direct : {true, false}) {
      for (std::size_t f = 0; f < sources_.files.size(); ++f) {
        if (row(f) == nullptr || !file(f).origins[column] || file(f).is_direct(column) != is_direct) continue;
        const CatalogueValue& value = row(f)->values[column];
        if (value.status == Status::not_a_number || value.status == Status::nonfinite) {
          // What cannot be read is a fault of the table, also where another one has the value.
          note_unreadable(f, column, value.status);
          is_unreadable = true;
        } else if (value.is_ok() && taken == nullptr) {
          taken = &value;
          taken_from = f;
        } else if (value.is_ok() && is_direct && !is_position(column) && contradict(*taken, value)) {
          note_conflict(taken_from, f, column);
          if (sources_.on_conflict == OnConflict::reject) is_unreadable = true;
        }
      }
    }
    if (taken == nullptr && !is_unreadable) note_missing(column);
    return taken == nullptr || is_unreadable ? std::numeric_limits<double>::quiet_NaN() : taken->value;
  }

  bool is_position(std::size_t column) const {
    return sources_.wanted[column] == "l" || sources_.wanted[column] == "b";
  }

  void note_unreadable(std::size_t f, std::size_t column, Status status) {
    const auto spelt = row(f)->spelt.find(column);
    note(f, status, sources_.wanted[column], spelt == row(f)->spelt.end() ? "" : spelt->second,
         fmt::format("{}: expected a number", file(f).origins[column]->words));
  }

  void note_conflict(std::size_t first, std::size_t second, std::size_t column) {
    const std::string& name = sources_.wanted[column];
    const double value = row(second)->values[column].value;
    if (sources_.on_conflict == OnConflict::first) {
      const std::string flag = "conflict:" + name;
      if (std::find(out_.flags.begin(), out_.flags.end(), flag) == out_.flags.end())
        out_.flags.push_back(flag);
      return;
    }
    note(second, Status::ambiguous, name, fmt::format("{}", value),
         fmt::format("is {} here and {} in {}", value, row(first)->values[column].value, file(first).name));
  }

  /// Where the value should have come from, and why it did not.
  void note_missing(std::size_t column) {
    std::vector<std::string> reasons;
    Status status = Status::missing_value;
    std::size_t where = 0;
    std::string value;
    for (std::size_t f = sources_.files.size(); f-- > 0;) {
      if (!file(f).origins[column]) continue;
      where = f;
      if (row(f) == nullptr) {
        reasons.push_back(fmt::format("no row in {}{}", file(f).name,
                                      rows_.found[f].other_id ? " but those of another object" : ""));
        continue;
      }
      const Status found = row(f)->values[column].status;
      if (found == Status::sentinel) {
        status = found;
        value = row(f)->spelt.at(column);
      }
      reasons.push_back(
          fmt::format("{} in {}", found == Status::sentinel ? "no measurement" : "no value", file(f).name));
    }
    std::reverse(reasons.begin(), reasons.end());
    note(where, status, sources_.wanted[column], std::move(value), joined(reasons, ", "));
  }

  /// Positions of one object from all its rows: they must agree, or the rows are of different stars.
  void compare_positions() {
    const Galactic* reference = nullptr;
    for (std::size_t f = 0; f < sources_.files.size(); ++f) {
      if (row(f) == nullptr) continue;
      for (const auto* const position : {&row(f)->equatorial, &row(f)->given}) {
        if (!position->has_value()) continue;
        if (reference == nullptr) reference = &**position;
        const double apart = separation_arcsec(*reference, **position);
        if (apart > kImpossibleArcsec) {
          note(f, Status::ambiguous, position == &row(f)->given ? "l" : "ra", "",
               fmt::format("this position is {:.0f} arcsec from the object's first: another star, or another "
                           "unit",
                           apart));
        } else if (apart > kFarApartArcsec) {
          out_.flags.push_back(fmt::format("far_apart:{}={:.1f}", file(f).name, apart));
        }
      }
    }
  }

  const ValueSources& sources_;
  const JoinedRows& rows_;
  JoinedObject& out_;
};

}  // namespace

std::string object_id_of(const ObjectIds& ids) {
  const auto found = std::find_if(ids.begin(), ids.end(), [](const std::string& id) { return !id.empty(); });
  return found == ids.end() ? std::string() : *found;
}

void join_values(const ValueSources& sources, const JoinedRows& rows, JoinedObject& out) {
  ValueJoiner(sources, rows, out).join();
}

}  // namespace astrom3
