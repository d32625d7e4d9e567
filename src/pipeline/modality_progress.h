// SPDX-License-Identifier: MIT
//
// How far a run with several modalities is: bytes of spectra, then of light curves.
#pragma once

#include <cstdint>
#include <functional>

#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/pipeline.h"
#include "pipeline/stage_timer.h"

namespace astrom3 {

/// Calls `progress`, which may be empty, ten times a second at most.
class ModalityProgress {
 public:
  ModalityProgress(const ModalitySources& sources, const std::function<void(const RunProgress&)>& progress);

  /// So many more bytes of spectra are embedded.
  void add_spectra(std::uint64_t n_bytes, const RunSummary& summary);
  /// light_curves  may be null
  void show(const Source* light_curves, const RunSummary& summary);

 private:
  const std::function<void(const RunProgress&)>& progress_;
  std::uint64_t n_spectra_ = 0, n_all_spectra_ = 0;
  StageTimer::Clock::time_point last_ = StageTimer::Clock::now();
};

}  // namespace astrom3
