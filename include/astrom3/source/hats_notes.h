// SPDX-License-Identifier: MIT
//
// The files in which HATS, and HiPSCat before it, say what a folder is.
#pragma once

#include <array>

namespace astrom3 {

/// Of a collection of catalogues: which of them is the primary one.
inline constexpr const char* kHatsCollectionNote = "collection.properties";
/// Of a catalogue, today and before.
inline constexpr const char* kHatsCatalogueNote = "hats.properties";
inline constexpr const char* kOlderHatsNote = "properties";
/// Of a catalogue of HiPSCat.
inline constexpr const char* kHipscatNote = "catalog_info.json";

inline constexpr std::array kHatsNotes{kHatsCollectionNote, kHatsCatalogueNote, kOlderHatsNote, kHipscatNote};

}  // namespace astrom3
