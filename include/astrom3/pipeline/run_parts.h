// SPDX-License-Identifier: MIT
//
// A run into a folder of parts, which can be resumed, whatever interrupted it.
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
  bool resume = false;         ///< continue the run in the folder, or start it if there is none
  bool force = false;          ///< discard the run in the folder
  bool lock = true;            ///< lock the folder, so that no other process writes into it
  bool verify_inputs = false;  ///< compare all bytes of large inputs, not samples alone
  std::string shard{};         ///< the share of the inputs, named in the manifest; may be empty
};

/// The files of a run in `folder`: its manifest, rejects and summary, and the existing parts. Throws
/// Error output_error for a folder that cannot be listed.
std::vector<std::filesystem::path> part_folder_files(const std::filesystem::path& folder);

/// A run over `files` into a folder: part-000000.parquet, ... of objects_per_part objects each, in
/// input order; _rejects.jsonl; _manifest.jsonl; and at the end _summary.json.
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

/// Makes the missing parts. Each is complete, on disk and in the manifest before the next begins. Whatever
/// interrupts the run, finished parts stay, and the same call with `resume` makes the rest: the bytes of
/// parts, manifest and rejects are those of a run without an interruption. Missing or damaged parts are made
/// again. If an input could not be read (io_error) but can be read now, everything from the first part on
/// that holds its rejection is made again. Inputs that have changed since are an error.
///
/// stop  set from outside, it ends the run within a batch of light curves with Error interrupted; the part
///       that is being made is lost
/// Throws Error output_error also for a folder that is locked, holds another run (listing the
/// differences), or is not empty; and what run_pipeline() throws.
RunSummary run_parts(const PartsRun& run, const std::atomic<bool>* stop = nullptr,
                     const std::function<void(const RunProgress&)>& progress = {});

}  // namespace astrom3
