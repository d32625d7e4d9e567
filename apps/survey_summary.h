// SPDX-License-Identifier: MIT
//
// The report at the end of a survey run: warnings, rejected objects, the summary.
#pragma once

#include <filesystem>

#include "astrom3/features/catalog.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "run_options.h"

namespace astrom3::cli {

struct SurveyFacts {
  const Catalog* catalog = nullptr;  ///< may be null
  const Scaling& scaling;
  const Identity& identity;
  std::filesystem::path reject_log;  ///< empty where there is none
};

void report_survey(const RunArguments& arguments, const RunSummary& summary, const SurveyFacts& facts);

}  // namespace astrom3::cli
