// SPDX-License-Identifier: MIT
//
// Many objects through one encoder, each perhaps changed before.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "astrom3/encoder/encoder.h"
#include "astrom3/study/study.h"
#include "downstream/neighbour_graph.h"

namespace astrom3 {

/// The outputs of an encoder for every object of a set.
struct Embeddings {
  std::size_t width = 0;
  std::vector<float> mean;           ///< [n, width]; zeros if an object was skipped
  std::vector<std::int64_t> chosen;  ///< [n] the head's class; empty without a head
  std::vector<std::uint8_t> done;    ///< [n] 0: skipped

  std::span<const float> row(std::size_t i) const { return std::span(mean).subspan(i * width, width); }
};

/// The rows of an object as they go into the tensor, changed or not; false passes the object over. Called
/// from several threads at once. `rows` begins as a copy of the object's and may get fewer.
using Change = std::function<bool(const StudyObject& object, std::vector<float>& rows)>;

/// Embeds all objects: rows changed, centre crop or padding with zeros, encoder. with_class: needs a head.
Embeddings embed_set(const Encoder& encoder, const StudySet& set, std::size_t n_threads, bool with_class,
                     const Change& change = {});

/// The k < n nearest other objects of each. Throws Error nonfinite_output, naming the object, for an
/// embedding that is not finite or all zero.
NeighbourGraph find_neighbours(const Embeddings& embeddings, const StudySet& set, std::size_t k,
                               std::size_t n_threads);

/// 1 - a.b / (|a| |b|) in double; 1 where one of them is zero.
double cosine_distance(std::span<const float> a, std::span<const float> b);

}  // namespace astrom3
