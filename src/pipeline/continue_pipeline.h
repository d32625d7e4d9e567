// SPDX-License-Identifier: MIT
//
// run_pipeline() with a summary that already has counts.
#pragma once

#include <atomic>
#include <functional>

#include "astrom3/pipeline/pipeline.h"
#include "pipeline/stage_timer.h"

namespace astrom3 {

/// As run_pipeline(); counts, seconds and rejects are added to `summary`, and the limits on rejects
/// include the earlier counts.
void continue_pipeline(Source& source, const Catalog* catalog, const Encoder* encoder,
                       const RunOptions& options, Sink& sink, RejectLog* rejects,
                       const std::atomic<bool>* stop, const std::function<void(const RunProgress&)>& progress,
                       RunSummary& summary);

}  // namespace astrom3
