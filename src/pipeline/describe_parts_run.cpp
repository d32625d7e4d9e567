// SPDX-License-Identifier: MIT
//
// What decides whether a run in parts can be resumed.
#include <fmt/format.h>

#include <span>
#include <system_error>

#include "base/sha256.h"
#include "pipeline/part_folder.h"

namespace astrom3 {

Identity describe_parts_run(const PartsRun& run) {
  Identity identity = run.identity;
  const SourceOptions& reading = run.reading;
  std::string columns;
  for (const auto& [role, name] : reading.columns) columns += fmt::format("{}={},", role, name);
  identity.emplace_back("reading",
                        fmt::format("columns={}; id_column={}; decimal={}; d_exponent={}; unique_ids={}; "
                                    "memory={}",
                                    columns, reading.id_column, reading.decimal, reading.d_exponent,
                                    reading.unique_ids, reading.memory_bytes));
  identity.emplace_back(
      "rows",
      fmt::format("embedding={}; sequence={}x{}; period_search={}; alternates={}; objects_per_part={}",
                  run.layout.embedding_size, run.layout.sequence_steps, run.layout.sequence_width,
                  run.layout.period_search, run.layout.n_alternates, run.parts.objects_per_part));
  Sha256 hash;
  for (const std::filesystem::path& file : run.files) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    // Of a file that is not there, or no file, it is known for certain that it has no size.
    if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_supported &&
        error != std::errc::is_a_directory) {
      throw Error(Diagnostic{.code = Status::no_input,
                             .file = file.string(),
                             .message = "cannot find out its size: " + error.message()});
    }
    const std::string line = fmt::format("{}\t{}\n", file.string(), error ? 0 : size);
    hash.update(std::as_bytes(std::span(line.data(), line.size())));
  }
  identity.emplace_back(
      "inputs", fmt::format("{} files; names and sizes sha256 {}", run.files.size(), hash.finish_hex()));
  if (!run.parts.shard.empty()) identity.emplace_back("shard", run.parts.shard);
  return identity;
}

}  // namespace astrom3
