// SPDX-License-Identifier: MIT
//
// Light curves in parts: the rows of a part go through the pipeline into its file.
#include "astrom3/pipeline/run_parts.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "formats/parquet.h"
#include "pipeline/continue_pipeline.h"
#include "pipeline/part_folder.h"
#include "pipeline/part_work.h"
#include "sink/parquet_sink.h"

namespace astrom3 {
namespace {

/// The next objects of a source, at most so many.
class LimitedSource final : public Source {
 public:
  LimitedSource(Source& source, std::uint64_t limit) : source_(source), limit_(limit) {
    has_first_ = source_.next(first_);
  }

  bool is_empty() const { return !has_first_; }
  const std::string& first_file() const { return first_.file; }

  bool next(SourceObject& object) override {
    if (n_ == limit_) return false;
    ++n_;
    if (has_first_) {
      has_first_ = false;
      object = std::move(first_);
      return true;
    }
    return source_.next(object);
  }
  std::vector<Diagnostic> take_warnings() override { return source_.take_warnings(); }
  TableDescription describe() const override { return source_.describe(); }
  SourcePosition position() const override { return source_.position(); }
  std::uint64_t bytes_read() const override { return source_.bytes_read(); }
  std::uint64_t bytes_total() const override { return source_.bytes_total(); }

 private:
  Source& source_;
  std::uint64_t limit_;
  std::uint64_t n_ = 0;
  SourceObject first_;
  bool has_first_ = false;
};

class LightCurveParts final : public PartWork {
 public:
  LightCurveParts(const PartsRun& run, const std::atomic<bool>* stop,
                  const std::function<void(const RunProgress&)>& progress)
      : run_(run), stop_(stop), progress_(progress) {}

  void begin_at(SourcePosition begin, std::uint64_t n_before) override {
    // Only a reader that has read all objects before knows whether an id came before.
    if (!run_.reading.unique_ids) {
      source_ = open_source(run_.files, run_.reading, begin);
      return;
    }
    source_ = open_source(run_.files, run_.reading);
    for (SourceObject skipped; n_before > 0 && source_->next(skipped);) --n_before;
  }

  bool begin_part(std::uint64_t n) override {
    part_ = std::make_unique<LimitedSource>(*source_, n);
    return !part_->is_empty();
  }

  std::string first_input() const override { return part_->first_file(); }

  void write_part(AtomicFile file, RunSummary& summary, std::string& rejects) override {
    const auto sink = open_parquet_sink(std::move(file), run_.layout, run_.identity);
    RejectLog log(&rejects);
    continue_pipeline(*part_, run_.catalog, run_.encoder, run_.options, *sink, &log, stop_, progress_,
                      summary);
  }

  SourcePosition position() const override { return source_->position(); }
  std::vector<Diagnostic> take_warnings() override { return source_->take_warnings(); }

 private:
  const PartsRun& run_;
  const std::atomic<bool>* stop_;
  const std::function<void(const RunProgress&)>& progress_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<LimitedSource> part_;
};

}  // namespace

RunSummary run_parts(const PartsRun& run, const std::atomic<bool>* stop,
                     const std::function<void(const RunProgress&)>& progress) {
  (void)parquet_module(Status::output_error);  // before anything is made
  LightCurveParts work(run, stop, progress);
  const PartsSetup setup{.inputs = run.files,
                         .n_in_order = run.files.size(),
                         .described = describe_parts_run(run),
                         .identity = run.identity,
                         .parts = run.parts};
  return make_parts(setup, work, stop);
}

}  // namespace astrom3
