// SPDX-License-Identifier: MIT
//
// What embed, features and preprocess share: inputs through the pipeline into a sink.
#pragma once

#include <memory>
#include <vector>

#include "run_options.h"

namespace astrom3::cli {

/// Makes `command` run `arguments` up to `last_stage`, with the exit code 0, or 3 with rejected objects, and
/// say which files it writes. Order: command line, model, inputs, catalogue, output place; only then the
/// work.
void runs_survey(Command& command, std::shared_ptr<const RunArguments> arguments, Stage last_stage);

}  // namespace astrom3::cli
