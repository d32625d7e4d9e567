// SPDX-License-Identifier: MIT
#include "pipeline/reject_limits.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/pipeline/pipeline.h"

namespace astrom3 {
namespace {

constexpr std::uint64_t kFractionAfter = 100;

[[noreturn]] void stop(const char* option, std::string message, std::vector<Diagnostic> causes = {}) {
  throw Error(Diagnostic{.code = Status::too_many_rejects,
                         .option = option,
                         .message = std::move(message),
                         .causes = std::move(causes)});
}

}  // namespace

void check_reject_limits(const RunOptions& options, const RunSummary& summary, const Diagnostic& latest) {
  if (options.strict) stop("strict", "stopped at the first rejected object", {latest});
  const std::uint64_t n_rejected = summary.n_objects - summary.n_ok;
  if (n_rejected > options.max_rejects) {
    stop("max-rejects",
         fmt::format("{} of {} objects rejected so far, the last one:", n_rejected, summary.n_objects),
         {latest});
  }
  if (summary.n_objects >= kFractionAfter) check_reject_fraction(options, summary);
}

void check_reject_fraction(const RunOptions& options, const RunSummary& summary) {
  const std::uint64_t n_rejected = summary.n_objects - summary.n_ok;
  if (n_rejected == 0) return;
  if (static_cast<double>(n_rejected) >
      options.max_reject_fraction * static_cast<double>(summary.n_objects)) {
    stop("max-rejects", fmt::format("{} of {} objects rejected, more than {:.3g} %", n_rejected,
                                    summary.n_objects, 100 * options.max_reject_fraction));
  }
}

}  // namespace astrom3
