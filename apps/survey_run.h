// SPDX-License-Identifier: MIT
//
// What embed, features and preprocess share: inputs through the pipeline into a sink.
#pragma once

#include "run_options.h"

namespace astrom3::cli {

/// Runs `arguments` up to `last_stage` and returns the exit code: 0, or 3 with rejected objects.
/// Order: command line, model, inputs, catalogue, output place; only then the work.
int run_survey(const RunArguments& arguments, Stage last_stage);

}  // namespace astrom3::cli
