// SPDX-License-Identifier: MIT
//
// What decides whether a run in parts can be resumed.
#include <fmt/format.h>

#include <string>

#include "astrom3/pipeline/run_parts.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "pipeline/part_folder.h"

namespace astrom3 {

std::string describe_reading(const SourceOptions& reading) {
  std::string columns;
  for (const auto& [role, name] : reading.columns) columns += fmt::format("{}={},", role, name);
  return fmt::format("columns={}; id_column={}; decimal={}; d_exponent={}; unique_ids={}; memory={}", columns,
                     reading.id_column, reading.decimal, reading.d_exponent, reading.unique_ids,
                     reading.memory_bytes);
}

Identity describe_parts_run(const PartsRun& run) {
  Identity identity = run.identity;
  identity.emplace_back("reading", describe_reading(run.reading));
  identity.emplace_back(
      "rows",
      fmt::format("embedding={}; sequence={}x{}; period_search={}; alternates={}; objects_per_part={}",
                  run.layout.embedding_size, run.layout.sequence_steps, run.layout.sequence_width,
                  run.layout.period_search, run.layout.n_alternates, run.parts.objects_per_part));
  identity.emplace_back("inputs", fmt::format("{} files", run.files.size()));
  if (!run.parts.shard.empty()) identity.emplace_back("shard", run.parts.shard);
  return identity;
}

}  // namespace astrom3
