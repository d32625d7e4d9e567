// SPDX-License-Identifier: MIT
//
// Passes every object of a source through every stage: source -> light curve -> features -> tensor ->
// encoder -> sink.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/encoder/encoder.h"
#include "astrom3/features/catalog.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"

namespace astrom3 {

struct RunOptions {
  ObjectOptions object;
  Stage last_stage = Stage::embedding;
  bool want_sequence = false;
  std::size_t n_threads = 0;    ///< 0: all this process may use
  std::size_t batch_size = 16;  ///< light curves that a thread takes at a time
  bool strict = false;          ///< the first rejected object ends the run
  std::uint64_t max_rejects = UINT64_MAX;
  double max_reject_fraction = 1;  ///< checked from the 100th object on, and at the end
};

/// Declares batch-size, strict, max-rejects.
void declare_options(RunOptions& options, OptionTable& table);

/// Range of the feature values that came from the catalogue.
struct GivenValues {
  std::uint64_t n = 0;
  std::array<double, kFeatureCount> min{}, max{};
};

struct RunSummary {
  std::uint64_t n_objects = 0;
  std::uint64_t n_ok = 0;
  std::map<Status, std::uint64_t> rejected;  ///< by code
  /// Of several modalities: "photo" and how many were embedded, "spectra:coverage" and how many were not.
  std::map<std::string, std::uint64_t> modalities;
  std::uint64_t n_observations = 0;
  DropCounts dropped;
  std::uint64_t n_duplicates = 0;
  GivenValues given_values;
  StageSeconds seconds;
  double wall_seconds = 0;
  std::vector<Diagnostic> warnings;
  std::vector<Diagnostic> first_rejects;  ///< up to 10
};

/// Called on the writing thread, at most ten times a second.
struct RunProgress {
  std::uint64_t n_objects = 0, n_rejected = 0, bytes_read = 0, bytes_total = 0;
  const std::map<Status, std::uint64_t>* rejected = nullptr;  ///< by code
};

/// Runs every object of `source` through the stages and writes one row each to `sink`, in input
/// order, and each rejection to `rejects`. Holds at most a few batches per thread. `sink` and
/// `rejects` are closed (made final) unless an error is thrown or `stop` was set.
///
/// catalog, rejects   may be null     encoder   null unless last_stage is embedding
/// stop      set from outside (by a signal), it ends the run early with Error interrupted
/// Throws Error output_error, too_many_rejects, interrupted. Rows are the same bits for any
/// n_threads and batch_size.
RunSummary run_pipeline(Source& source, const Catalog* catalog, const Encoder* encoder,
                        const RunOptions& options, Sink& sink, RejectLog* rejects,
                        const std::atomic<bool>* stop = nullptr,
                        const std::function<void(const RunProgress&)>& progress = {});

/// The summary as one JSON object.
std::string summary_json(const RunSummary& summary, std::string_view output, const Identity& identity);

}  // namespace astrom3
