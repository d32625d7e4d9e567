// SPDX-License-Identifier: MIT
#include "survey_summary.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>

#include "astrom3/base/error.h"
#include "astrom3/features/catalog.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

void print_rejects(const RunSummary& summary, const std::filesystem::path& log, Verbosity verbosity) {
  std::uint64_t n_rejected = summary.n_objects - summary.n_ok;
  if (n_rejected == 0 || verbosity == Verbosity::quiet) return;
  for (const Diagnostic& diagnostic : summary.first_rejects) print_error(diagnostic);
  const std::uint64_t more = n_rejected - summary.first_rejects.size();  // a resumed run has met fewer
  if (log.empty()) {
    if (more > 0) print_note(fmt::format("{} more objects were rejected", more), verbosity);
  } else {
    print_note(fmt::format("{}all of them are in {}",
                           more > 0 ? fmt::format("{} more rejected objects; ", more) : "", log.string()),
               verbosity);
  }
}

void print_summary(const RunSummary& summary, const RunArguments& a, const Identity& identity) {
  if (a.common.json) {
    print_json_line(summary_json(summary, a.output, identity), a.output == "-");
    return;
  }
  print_note(summary_text(summary, a.check ? std::string_view{} : std::string_view(a.output)),
             a.common.verbosity());
}

/// Values that contradict the scaling in use shift every embedding; say so with the numbers.
void warn_about_scaling(const RunSummary& summary, const Scaling& scaling, Verbosity verbosity) {
  if (summary.given_values.n < 20) return;
  const auto& given = summary.given_values;
  const auto range = [&](Feature f) {
    const auto i = static_cast<std::size_t>(f);
    return fmt::format("{} {:.4g} to {:.4g}", feature_name(f), given.min[i], given.max[i]);
  };
  const auto min_of = [&](Feature f) { return given.min[static_cast<std::size_t>(f)]; };
  if (scaling.none && min_of(Feature::period) > 0 && min_of(Feature::lksl_statistic) >= 0) {
    print_warning(
        Diagnostic{.code = Status::bad_aux,
                   .message = fmt::format("--scaling none, but the catalogue's values look raw ({}, {})",
                                          range(Feature::period), range(Feature::lksl_statistic)),
                   .hint = "the published checkpoint expects standardised values: --scaling published"},
        verbosity);
  } else if (!scaling.none && min_of(Feature::rfr_score) < -1) {
    print_warning(Diagnostic{.code = Status::bad_aux,
                             .message = fmt::format("the catalogue's values look standardised already ({})",
                                                    range(Feature::rfr_score)),
                             .hint = "values that are standardised go with --scaling none"},
                  verbosity);
  }
}

void warn_about_unused_rows(const Catalog& catalog, Verbosity verbosity) {
  const std::size_t unused = catalog.unused_rows();
  if (unused == 0) return;
  print_note(fmt::format("warning: {} of {} catalogue rows belong to no light curve of this run", unused,
                         catalog.size()),
             verbosity);
}

}  // namespace

void report_survey(const RunArguments& a, const RunSummary& summary, const SurveyFacts& facts) {
  const Verbosity verbosity = a.common.verbosity();
  for (const Diagnostic& warning : summary.warnings) print_warning(warning, verbosity);
  if (facts.catalog != nullptr && !a.check) warn_about_unused_rows(*facts.catalog, verbosity);
  warn_about_scaling(summary, facts.scaling, verbosity);
  print_rejects(summary, facts.reject_log, verbosity);
  print_summary(summary, a, facts.identity);
}

}  // namespace astrom3::cli
