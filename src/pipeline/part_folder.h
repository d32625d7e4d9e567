// SPDX-License-Identifier: MIT
//
// The folder that a run in parts writes into, and the identity of that run.
#pragma once

#include "astrom3/pipeline/run_parts.h"
#include "base/claimed_folder.h"

namespace astrom3 {

/// Its files are parts, _manifest.jsonl, _rejects.jsonl and _summary.json. Throws Error output_error.
ClaimedFolder claim_part_folder(const PartsOptions& options);

/// How the rows of light curves are read, for the identity of a run.
std::string describe_reading(const SourceOptions& reading);

/// What decides whether a run can be resumed: the identity of its rows, how the inputs are read and
/// divided, and their number. The inputs themselves are compared by their digests (input_digests.h).
Identity describe_parts_run(const PartsRun& run);

}  // namespace astrom3
