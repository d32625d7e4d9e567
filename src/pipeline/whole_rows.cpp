// SPDX-License-Identifier: MIT
#include "pipeline/whole_rows.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/catalog.h"
#include "astrom3/features/features.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/source/source.h"
#include "astrom3/tensor.h"

namespace astrom3 {
namespace {

Status make(SourceObject& object, const Catalog* catalog, const ObjectOptions& options,
            const Scaling& scaling, WholeRows& whole, Diagnostic& diagnostic) {
  FeatureOverrides overrides = options.overrides;
  if (catalog != nullptr) {
    const Status found = catalog->look_up(object.object_id, overrides, diagnostic);
    if (found != Status::ok) return found;
  }
  ObjectResult result;
  embed_object(object.light_curve, options, overrides, Stage::features, nullptr, false, result);
  if (result.status != Status::ok) {
    diagnostic = std::move(result.diagnostic);
    return result.status;
  }
  whole.features = result.features;
  const std::size_t n = object.light_curve.size();
  whole.rows.resize(n * kChannels);
  std::vector<float> mask(n);
  const Status status = build_tensor(object.light_curve, result.light_curve, result.features, scaling,
                                     {.n_steps = n}, whole.rows, mask, whole.tensor);
  diagnostic.message = status_meaning(status);
  return status;
}

}  // namespace

std::optional<Diagnostic> make_whole_rows(SourceObject& object, const Catalog* catalog,
                                          const ObjectOptions& options, const Scaling& scaling,
                                          WholeRows& whole) {
  Diagnostic diagnostic;
  if (object.rejection) {
    diagnostic = *object.rejection;
  } else {
    const Status status = make(object, catalog, options, scaling, whole, diagnostic);
    if (status == Status::ok) return std::nullopt;
    diagnostic.code = status;
  }
  if (diagnostic.file.empty()) diagnostic.file = object.file;
  diagnostic.object_id = object.object_id;
  return diagnostic;
}

}  // namespace astrom3
