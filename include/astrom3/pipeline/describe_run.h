// SPDX-License-Identifier: MIT
//
// What a run says of itself: the identity that every output carries.
#pragma once

#include <filesystem>

#include "astrom3/encoder/encoder.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"

namespace astrom3 {

/// The part of describe_run() that an encoder decides: model_sha256 (of the weights), model_identity,
/// model_config, model_trained, model_name (where its metadata have one), attention (with attention_seed, or
/// the sha256 of the draws given), precision.
///
/// scaling  of the features; null where tensors were made elsewhere
Identity describe_encoder(const Encoder& encoder, const Scaling* scaling);

/// What every output says of itself: version, model_sha256, model_identity, attention, precision, scaling,
/// feature policy and every option that changes a number. No times, host names or thread counts.
///
/// encoder   null for runs without one     catalog   the file, empty when there is none
Identity describe_run(const Encoder* encoder, const RunOptions& options, const SourceOptions& source_options,
                      const std::filesystem::path& catalog);

}  // namespace astrom3
