// SPDX-License-Identifier: MIT
//
// The values of one object out of its rows in several catalogues: which is taken, and what contradicts it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "astrom3/metadata/join_catalogues.h"
#include "metadata/catalogue_file.h"
#include "metadata/row_index.h"

namespace astrom3 {

/// What belongs to one object.
struct JoinedRows {
  ObjectIds ids;                ///< of all its rows
  std::vector<FoundRow> found;  ///< one for each file
};

/// The first id that there is: the object's own, of Gaia, Gaia DR2, 2MASS, AllWISE.
std::string object_id_of(const ObjectIds& ids);

struct ValueSources {
  std::span<const CatalogueFile> files;
  std::span<const std::string> wanted;   ///< columns of the files' values
  std::span<const std::size_t> columns;  ///< of the result, among the wanted
  OnConflict on_conflict;
};

/// Fills values, problems, status and adds to flags.
void join_values(const ValueSources& sources, const JoinedRows& rows, JoinedObject& out);

}  // namespace astrom3
