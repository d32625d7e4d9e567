// SPDX-License-Identifier: MIT
//
// What embed, features and preprocess share: inputs through the pipeline into a sink.
#pragma once

#include <memory>

#include "astrom3/pipeline/embed_object.h"
#include "command_line.h"
#include "modality_options.h"
#include "prototype_options.h"
#include "run_options.h"

namespace astrom3::cli {

/// Makes `command` run `arguments` up to `last_stage`, with the exit code 0, or 3 with rejected objects, and
/// say which files it writes. Order: command line, model, inputs, catalogue, output place; only then the
/// work.
///
/// modalities  of a command that takes spectra and metadata, too: these, or a checkpoint of several
/// modalities,
///             lead to run_modalities(); null: there are only light curves
///
/// prototypes  of a command that judges by labelled embeddings, too; null: it does not
void runs_survey(Command& command, std::shared_ptr<const RunArguments> arguments, Stage last_stage,
                 std::shared_ptr<const ModalityArguments> modalities = nullptr,
                 std::shared_ptr<const PrototypeArguments> prototypes = nullptr);

}  // namespace astrom3::cli
