// SPDX-License-Identifier: MIT
//
// Exports of several catalogues (Gaia, 2MASS, AllWISE, cross-matches) as one table of metadata, joined by
// ids.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

/// What is done where two catalogues say different things of one object.
enum class OnConflict : std::uint8_t {
  reject,  ///< the object is rejected
  first,   ///< the value of the catalogue that is named first is taken, with the flag conflict:COLUMN
};

struct CatalogueJoinOptions {
  std::string id_column;  ///< of the first catalogue; empty: object_id, asassn_name or a survey's id
  std::vector<std::string> columns;  ///< wanted; empty: the 34 of the published checkpoints
  OnConflict on_conflict = OnConflict::reject;
};

/// One object of the first catalogue.
struct JoinedObject {
  std::string object_id;
  std::vector<std::string> ids;  ///< in the order of JoinedCatalogues::id_names(); empty where not known
  /// ok, or the worst of `problems`: ambiguous (several rows, or values that contradict one another),
  /// not_a_number, nonfinite, sentinel, missing_value.
  Status status = Status::ok;
  std::vector<std::string> flags;  ///< "conflict:j_mag", "shared_row:2mass", "far_apart:allwise=7.1"
  std::vector<double> values;      ///< in the order of JoinedCatalogues::columns(); NaN where there is none
  std::vector<Diagnostic> problems;
};

/// Catalogues in memory, joined object by object.
///
/// The objects are the rows of the first catalogue. A row of another one belongs to an object if the two have
/// an id in common: the object's own (object_id, asassn_name), of Gaia (source_id, Source, designation),
/// 2MASS or AllWISE; with its row an object gets the ids that stand there, so that a cross-match leads on to
/// the next catalogue. Ids are compared without "Gaia DR3 " and the like; those of Gaia DR2 are not those of
/// DR3.
///
/// A column is found in any of the catalogues under any of its names, or computed from others of one
/// catalogue (docs/multimodal.md); where several have it, the first one with a value is taken. Stated units
/// (ECSV, Parquet, VizieR's line of units) are converted to mag, mas, mas/yr and degrees.
///
///   values that differ by more than their last digit are a conflict; positions of one object that are more
///   than 5" apart are flagged, and are a conflict beyond 300", which no star moves between two surveys
class JoinedCatalogues {
 public:
  /// Reads all of them: text (plain or compressed) or Parquet. Throws Error bad_metadata naming the file, and
  /// the line where a row is at fault: no column of ids; an id that lost digits in a floating-point number; a
  /// row of the first catalogue without id; a unit that is not the column's; no wanted column at all.
  JoinedCatalogues(std::span<const std::filesystem::path> files, const CatalogueJoinOptions& options);
  ~JoinedCatalogues();
  JoinedCatalogues(JoinedCatalogues&&) noexcept;
  JoinedCatalogues& operator=(JoinedCatalogues&&) noexcept;

  const std::vector<std::string>& columns() const noexcept;  ///< wanted, and in one of the catalogues
  const std::vector<std::string>& absent() const noexcept;   ///< wanted, and in none
  /// "source_id", "gaia_dr2_id", "tmass_id", "allwise_id", as far as there are such.
  const std::vector<std::string>& id_names() const noexcept;
  /// Where each column comes from, in words: "j_mag: Jmag (2mass.csv)".
  const std::vector<std::string>& origins() const noexcept;
  std::size_t size() const noexcept;  ///< objects

  /// Takes every object in the order of the first catalogue.
  void for_each(const std::function<void(const JoinedObject&)>& consumer) const;
  /// Columns that are absent, rows that belong to no object or have no id, units that look wrong.
  const std::vector<Diagnostic>& warnings() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
