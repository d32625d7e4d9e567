// SPDX-License-Identifier: MIT
//
// A light curve as rows of the tensor, without the crop: for callers that crop later, or several times.
#pragma once

#include <optional>
#include <vector>

#include "astrom3/features/catalog.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/source/source.h"

namespace astrom3 {

struct WholeRows {
  std::vector<float> rows;  ///< [N, 9] of the N observations left after cleaning
  Features features;
  TensorSummary tensor;
};

/// Catalogue, cleaning, features and tensor as in run_pipeline(), without the crop to T. The rows are scaled
/// by `scaling`; the catalogue's values have the scaling of `options`. Returns why the object cannot be used,
/// naming it and its file, or nothing. The object's light curve is cleaned.
std::optional<Diagnostic> make_whole_rows(SourceObject& object, const Catalog* catalog,
                                          const ObjectOptions& options, const Scaling& scaling,
                                          WholeRows& whole);

}  // namespace astrom3
