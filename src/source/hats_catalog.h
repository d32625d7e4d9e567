// SPDX-License-Identifier: MIT
//
// Catalogues and collections in folders, in the layout of HATS and LSDB, or in the older one of HiPSCat.
#pragma once

#include <filesystem>

namespace astrom3 {

/// A catalogue: notes such as hats.properties, and partitions in dataset/ or, in HiPSCat, beside the notes.
bool is_hats_catalog(const std::filesystem::path& folder);

/// A catalogue that repeats or lists the objects of another: a margin, an index, an association.
bool is_secondary_hats(const std::filesystem::path& catalog);

/// Where the partitions of a catalogue are.
std::filesystem::path hats_data_folder(const std::filesystem::path& catalog);

/// A file of a partition: its name, or that of its folder, is Npix=..., and it is Parquet by its name or by
/// its first bytes, since catalogues may leave the extension out.
bool is_hats_partition(const std::filesystem::path& file);

/// Files beside the partitions that are not partitions: _metadata, a thumbnail, hidden files.
bool is_hats_note(const std::filesystem::path& file);

/// A collection: a catalogue with the margins and indices that belong to it.
bool is_hats_collection(const std::filesystem::path& folder);

/// The catalogue of light curves in a collection; empty if it names none. Throws Error no_input if the
/// collection names one outside its folder.
std::filesystem::path hats_primary_table(const std::filesystem::path& collection);

}  // namespace astrom3
