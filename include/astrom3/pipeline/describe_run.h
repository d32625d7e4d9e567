// SPDX-License-Identifier: MIT
//
// The identity of a run, which every output carries.
#pragma once

#include <filesystem>

#include "astrom3/encoder/encoder.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"

namespace astrom3 {

/// The part of describe_run() that an encoder decides: model_sha256 (of the weights), model_identity,
/// model_config, model_trained, model_name (if its metadata have one), attention (with attention_seed, or
/// the sha256 of given key samples), precision.
///
/// scaling  of the features; null if the tensors were made elsewhere
Identity describe_encoder(const Encoder& encoder, const Scaling* scaling);

/// The identity that every output carries: version, model_sha256, model_identity, attention, precision,
/// scaling, feature policy and every option that changes a number. No times, host names or thread counts.
///
/// encoder   null for runs without one     catalog   the file, empty when there is none
Identity describe_run(const Encoder* encoder, const RunOptions& options, const SourceOptions& source_options,
                      const std::filesystem::path& catalog);

}  // namespace astrom3
