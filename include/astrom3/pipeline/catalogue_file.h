// SPDX-License-Identifier: MIT
//
// Joined catalogues as a file: the table that `--metadata` takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "astrom3/metadata/join_catalogues.h"
#include "astrom3/sink/sink.h"

namespace astrom3 {

struct CatalogueSummary {
  std::uint64_t n_objects = 0, n_ok = 0;
  std::map<std::string, std::uint64_t> rejected;  ///< by status
  std::map<std::string, std::uint64_t> problems;  ///< "missing_value:w3_mag" and how often
};

/// Columns: object_id, status, flags, the ids of surveys that are known, then the columns of metadata in our
/// names and units, empty (in Parquet null) where there is no value. A row keeps what it has beside a missing
/// value; a row with contradictions is empty. MetadataTable reads it back to the bit.
///
/// OUT.meta.json is beside a CSV file. Every problem goes to `rejects`, a line each, with file, line and
/// column. Nothing is final before all is complete. Throws Error output_error, usage for npy.
CatalogueSummary write_catalogue(const JoinedCatalogues& catalogues, const std::filesystem::path& file,
                                 SinkFormat format, const Identity& identity, RejectLog* rejects);

}  // namespace astrom3
