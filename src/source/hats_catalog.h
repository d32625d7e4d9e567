// SPDX-License-Identifier: MIT
//
// Catalogues and collections in folders, as HATS and LSDB lay them out, and HiPSCat before them.
#pragma once

#include <filesystem>

namespace astrom3 {

/// A catalogue: notes such as hats.properties, and partitions in dataset/ or, in HiPSCat's, beside the notes.
bool is_hats_catalog(const std::filesystem::path& folder);

/// A catalogue that repeats or lists the objects of another: a margin, an index, an association.
bool is_secondary_hats(const std::filesystem::path& catalog);

/// Where the partitions of a catalogue are.
std::filesystem::path hats_data_folder(const std::filesystem::path& catalog);

/// A file of a partition: called Npix=..., or in a folder called so, and Parquet by its name or else by its
/// first bytes, since catalogues may leave the extension out.
bool is_hats_partition(const std::filesystem::path& file);

/// What is beside the partitions without being one: _metadata, a thumbnail, hidden files.
bool is_hats_note(const std::filesystem::path& file);

/// A collection: a catalogue with the margins and indices that belong to it.
bool is_hats_collection(const std::filesystem::path& folder);

/// The catalogue of light curves in a collection; empty where it names none. Throws Error no_input when the
/// collection names one outside of it.
std::filesystem::path hats_primary_table(const std::filesystem::path& collection);

}  // namespace astrom3
