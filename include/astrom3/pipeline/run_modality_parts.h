// SPDX-License-Identifier: MIT
//
// A run with several modalities into a folder of parts, which can be resumed.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <vector>

#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/multimodal_rows.h"
#include "astrom3/pipeline/run_parts.h"

namespace astrom3 {

struct ModalityPartsRun {
  ModalitySources sources;                          ///< its light_curves are not read
  std::vector<std::filesystem::path> light_curves;  ///< of the share
  SourceOptions reading;                            ///< of light curves
  /// One of several runs that make the rows together, each once. Light curves are divided by their files;
  /// spectra that none of all shares' light curves has, and rows of metadata alone, in turn.
  InputShard shard{};
  std::vector<std::filesystem::path> light_curves_of_all{};  ///< in a run that is divided
  /// Tables that are in memory already and decide rows: of metadata, their scaling, of pairs.
  std::vector<std::filesystem::path> tables;
  const MultimodalEncoder* encoder = nullptr;
  MultimodalRequest request;
  MultimodalLayout layout;
  Identity identity;
  PartsOptions parts;
};

/// The rows of embed_modalities(), in its order, in a folder as run_parts() makes it: parts, _rejects.jsonl,
/// _manifest.jsonl, _summary.json, which are the same bytes however often the run was interrupted. The
/// contents of light curves, spectra and tables must be those of the run's beginning; if a spectrum that
/// could not be read can be read now, all parts are made again, since it may belong to any object.
///
/// Spectra are embedded again when a run is resumed. Throws what run_parts() and embed_modalities() throw.
RunSummary run_modality_parts(const ModalityPartsRun& run, const std::atomic<bool>* stop = nullptr,
                              const std::function<void(const RunProgress&)>& progress = {});

}  // namespace astrom3
