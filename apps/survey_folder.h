// SPDX-License-Identifier: MIT
//
// A run in parts: its folder, its share of the inputs, and the inputs that may not be in the folder.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "astrom3/pipeline/pipeline.h"
#include "astrom3/pipeline/run_parts.h"
#include "astrom3/source/source.h"
#include "run_options.h"

namespace astrom3::cli {

/// Whether the output is a folder of parts: -o DIR/.
bool is_into_folder(const RunArguments& arguments);

/// Throws Error usage where an option of runs in parts is given for another.
void check_folder_options(const RunArguments& arguments);

/// "run/" for the only share, "run/shard-03-of-16" for the third of sixteen.
std::filesystem::path folder_of_shard(const std::string& output, InputShard shard);

/// The options of a run of `inputs` into the folder of its share. Throws Error usage for inputs that could
/// not be read again or lie in the folder, output_error for one that holds other shares.
PartsOptions parts_options(const std::vector<std::filesystem::path>& inputs, const RunArguments& arguments,
                           InputShard shard);

/// Runs with progress; after a signal it says how to go on.
RunSummary run_into_folder(
    const RunArguments& arguments,
    const std::function<RunSummary(const std::function<void(const RunProgress&)>&)>& run);

}  // namespace astrom3::cli
