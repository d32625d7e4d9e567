// SPDX-License-Identifier: MIT
#include "pipeline/modality_progress.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <system_error>

#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/source/source.h"
#include "pipeline/stage_timer.h"

namespace astrom3 {

ModalityProgress::ModalityProgress(const ModalitySources& sources,
                                   const std::function<void(const RunProgress&)>& progress)
    : progress_(progress) {
  for (const std::filesystem::path& file : sources.spectra) {
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(file, error);
    n_all_spectra_ += error ? 0 : size;
  }
}

void ModalityProgress::add_spectra(std::uint64_t n_bytes, const RunSummary& summary) {
  n_spectra_ += n_bytes;
  show(nullptr, summary);
}

void ModalityProgress::show(const Source* light_curves, const RunSummary& summary) {
  if (!progress_ || StageTimer::Clock::now() - last_ <= std::chrono::milliseconds(100)) return;
  last_ = StageTimer::Clock::now();
  const bool has_source = light_curves != nullptr;
  progress_(RunProgress{.n_objects = summary.n_objects,
                        .n_rejected = summary.n_objects - summary.n_ok,
                        .bytes_read = n_spectra_ + (has_source ? light_curves->bytes_read() : 0),
                        .bytes_total = n_all_spectra_ + (has_source ? light_curves->bytes_total() : 0),
                        .rejected = &summary.rejected});
}

}  // namespace astrom3
