// SPDX-License-Identifier: MIT
//
// A map of embeddings as one HTML page that needs nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/downstream/embeddings.h"
#include "embedding_input.h"
#include "map_curves.h"

namespace astrom3::cli {

/// Coordinates of all objects.
struct MapLayout {
  std::string name;            ///< a word, to choose it by
  std::string title;           ///< what it is, with what its axes hold
  std::vector<double> points;  ///< [n, 2]
  double kept = 0;             ///< neighbours_kept() of it
};

/// Everything the page shows. Nothing in it depends on time, place or threads.
struct MapPage {
  std::vector<MapLayout> layouts{};       ///< the first is shown first
  std::size_t dimension = 0;              ///< of the embeddings
  std::vector<std::string> object_ids{};  ///< [n]
  Coded classes{};                        ///< codes [n]
  std::vector<Scalars> scalars{};         ///< [n]
  std::size_t k = 0;
  std::vector<std::int64_t> neighbours{};  ///< [n, k] best first, NeighbourIndex::kNone past the last one
  std::vector<float> similarity{};         ///< [n, k]
  MapCurves curves{};
  std::string origin{};              ///< version, model, scaling, in a line
  std::vector<std::string> notes{};  ///< what a reader must know
  std::vector<std::pair<std::string, std::string>> facts{};
};

/// The page as text: apps/map_page/ with the data in it as JSON, which is escaped so that no id can end the
/// script.
std::string html_of(const MapPage& page);

}  // namespace astrom3::cli
