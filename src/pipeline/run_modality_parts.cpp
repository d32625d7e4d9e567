// SPDX-License-Identifier: MIT
//
// Objects of several modalities in parts.
#include "astrom3/pipeline/run_modality_parts.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/multimodal_rows.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "base/atomic_file.h"
#include "base/memory_size.h"
#include "formats/parquet.h"
#include "pipeline/modality_object.h"
#include "pipeline/modality_progress.h"
#include "pipeline/modality_stream.h"
#include "pipeline/part_folder.h"
#include "pipeline/part_work.h"
#include "pipeline/reject_limits.h"

namespace astrom3 {
namespace {

class ModalityParts final : public PartWork {
 public:
  ModalityParts(const ModalityPartsRun& run, const std::function<void(const RunProgress&)>& progress)
      : run_(run),
        output_(*run.encoder),
        files_{.files = run.light_curves,
               .reading = run.reading,
               .all = run.light_curves_of_all,
               .shard = run.shard},
        shown_(run.sources, progress) {}

  void begin_at(SourcePosition begin, std::uint64_t n_before) override {
    if (!stream_) {
      const RunSummary none;
      stream_.emplace(run_.sources, output_, run_.request, &files_,
                      [&](std::uint64_t n_bytes) { shown_.add_spectra(n_bytes, none); });
    }
    stream_->begin_at(begin, n_before);
  }

  bool begin_part(std::uint64_t n) override {
    n_left_ = n;
    read();
    return !rows_.empty();
  }

  std::string first_input() const override { return rows_.front().file; }

  void write_part(AtomicFile file, RunSummary& summary, std::string& rejects) override {
    MultimodalRowsFile out(std::move(file), run_.layout, run_.identity);
    RejectLog log(&rejects);
    for (; !rows_.empty(); read()) {
      for (const CountedRow& counted : rows_) {
        out.write(counted.row);
        counted.add_to(summary, &log);
        if (counted.row.status != Status::ok)
          check_reject_limits(run_.request.limits, summary, counted.first_rejection());
      }
      shown_.show(stream_->light_curves(), summary);
    }
    check_reject_fraction(run_.request.limits, summary);
    out.close(&log);
  }

  SourcePosition position() const override { return stream_->position(); }
  std::vector<Diagnostic> take_warnings() override { return stream_->take_warnings(); }

 private:
  /// The next rows of the part.
  void read() {
    throw_if_stopped();
    rows_ = n_left_ == 0 ? std::vector<CountedRow>{} : stream_->next(memory_size(n_left_));
    n_left_ -= rows_.size();
  }

  const ModalityPartsRun& run_;
  EmbeddingOutput output_;
  LightCurveFiles files_;
  ModalityProgress shown_;
  std::optional<ModalityStream> stream_;
  std::vector<CountedRow> rows_;
  std::uint64_t n_left_ = 0;  ///< of the part
};

constexpr std::string_view pick_name(PickSpectrum pick) {
  constexpr std::array<std::string_view, 4> kNames{"none", "first", "last", "best-snr"};
  return kNames[static_cast<std::size_t>(pick)];
}

Identity described(const ModalityPartsRun& run) {
  Identity identity = run.identity;
  identity.emplace_back("reading", describe_reading(run.reading));
  identity.emplace_back(
      "joining", fmt::format("pick={}; pairs={}", pick_name(run.sources.pick), run.sources.pairs.size()));
  identity.emplace_back("rows", fmt::format("embedding={}; fused={}; classes={}; objects_per_part={}",
                                            run.layout.embedding_size, run.layout.fused_size,
                                            run.layout.class_names.size(), run.parts.objects_per_part));
  identity.emplace_back("inputs",
                        fmt::format("{} light curves, {} spectra, {} tables", run.light_curves.size(),
                                    run.sources.spectra.size(), run.tables.size()));
  return identity;
}

}  // namespace

RunSummary run_modality_parts(const ModalityPartsRun& run, const std::atomic<bool>* stop,
                              const std::function<void(const RunProgress&)>& progress) {
  (void)parquet_module(Status::output_error);  // before anything is made
  const bool has_light_curves = !run.light_curves.empty() || !run.light_curves_of_all.empty();
  require_encoders(run.sources, has_light_curves, *run.encoder, run.request);
  PartsSetup setup{.inputs = run.light_curves,
                   .n_in_order = run.light_curves.size(),
                   .described = described(run),
                   .identity = run.identity,
                   .parts = run.parts};
  setup.inputs.insert(setup.inputs.end(), run.sources.spectra.begin(), run.sources.spectra.end());
  setup.inputs.insert(setup.inputs.end(), run.tables.begin(), run.tables.end());
  // Which spectra the light curves of other shares have decides which rows there are.
  if (run.shard.count > 1 && !run.sources.spectra.empty())
    setup.inputs.insert(setup.inputs.end(), run.light_curves_of_all.begin(), run.light_curves_of_all.end());
  ModalityParts work(run, progress);
  return make_parts(setup, work, stop);
}

}  // namespace astrom3
