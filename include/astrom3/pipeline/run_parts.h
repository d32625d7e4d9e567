// SPDX-License-Identifier: MIT
//
// A run into a folder of parts, which can be resumed whatever ended it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "astrom3/pipeline/pipeline.h"

namespace astrom3 {

struct PartsOptions {
  std::filesystem::path folder;
  std::uint64_t objects_per_part = 1000;
  bool resume = false;         ///< go on with the run that is in the folder, or begin it
  bool force = false;          ///< give up the run that is in the folder
  bool lock = true;            ///< keep other processes out
  bool verify_inputs = false;  ///< know large inputs by all of their bytes, too, not by samples alone
  std::string shard{};         ///< which share of the inputs this is, for the manifest; may be empty
};

/// The files of a run in `folder`: its manifest, rejects and summary, and the parts that are there. Throws
/// Error output_error for a folder that cannot be listed.
std::vector<std::filesystem::path> part_folder_files(const std::filesystem::path& folder);

/// A run over `files` into a folder: part-000000.parquet, ... of objects_per_part objects each, in
/// input order; rejects.jsonl; manifest.jsonl; and at the end summary.json.
struct PartsRun {
  std::vector<std::filesystem::path> files;
  SourceOptions reading;
  const Catalog* catalog = nullptr;
  const Encoder* encoder = nullptr;
  RunOptions options;
  RowLayout layout;
  Identity identity;
  PartsOptions parts;
};

/// Makes the parts that are not there yet. Each is complete, on disk and in the manifest before the
/// next begins; whatever ends the run, what is finished stays, and the same call with `resume` makes
/// the rest: the bytes of parts, manifest and rejects are those of a run that nothing ended. Parts
/// that are gone or damaged are made again, and so is everything from the first part on that holds the
/// rejection of an input that could not be read (io_error) and can be now. Inputs that have changed since are
/// an error.
///
/// stop  set from outside ends the run within a batch of light curves with Error interrupted; the part in
/// hand
///       is given up
/// Throws Error output_error also for a folder that is locked, holds another run (listing the
/// differences), or is not empty; and what run_pipeline() throws.
RunSummary run_parts(const PartsRun& run, const std::atomic<bool>* stop = nullptr,
                     const std::function<void(const RunProgress&)>& progress = {});

}  // namespace astrom3
