// SPDX-License-Identifier: MIT
//
// An object with what became of its modalities, and the row that this makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/pipeline.h"
#include "pipeline/modality_output.h"

namespace astrom3 {

/// What became of one modality of an object.
struct ModalityOutcome {
  bool is_there = false;  ///< there was something to embed
  Status status = Status::ok;
  std::string message, file;
  Hint hint;
  std::vector<std::string> flags;
  std::vector<float> embedding;

  /// The `index`-th of all embeddings, or why there is none.
  void set_embedding(Status of_encoder, const std::vector<float>& all, std::size_t index, std::size_t width);
};

/// An object on its way to a row.
struct ModalityObject {
  std::string id, file;
  PerModality<ModalityOutcome> outcomes;
  std::optional<std::size_t> spectrum;  ///< its number
  std::uint64_t n_observations = 0, n_duplicates = 0;
  DropCounts dropped{};
};

/// A row, and what a run counts of it.
struct CountedRow {
  MultimodalRow row;
  std::string file;  ///< where the object comes from
  std::uint64_t n_observations = 0, n_duplicates = 0;
  DropCounts dropped{};

  /// Counts it, and writes its rejections; `rejects` may be null.
  void add_to(RunSummary& summary, RejectLog* rejects) const;
  /// Why the object has no row, for a message.
  Diagnostic first_rejection() const;
};

/// The row of an object: what was made of its modalities and, of embeddings, the fused one, and its classes
/// where they are asked for.
CountedRow row_of(ModalityObject object, const ModalityOutput& output, const MultimodalRequest& request);

}  // namespace astrom3
