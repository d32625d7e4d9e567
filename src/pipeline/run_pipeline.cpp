// SPDX-License-Identifier: MIT
//
// Many light curves: read on one thread, embedded on several, written in the order of reading.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/features/catalog.h"
#include "astrom3/features/features.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "astrom3/tensor.h"
#include "base/ordered_workers.h"
#include "base/threads.h"
#include "pipeline/continue_pipeline.h"
#include "pipeline/reject_limits.h"
#include "pipeline/stage_timer.h"

namespace astrom3 {
namespace {

/// Light curves that go through the stages together. The memory is used again for the next batch.
struct Batch {
  std::vector<SourceObject> objects;
  std::vector<ObjectResult> results;
  std::size_t size = 0;  ///< objects in use
  StageSeconds seconds;
};

/// A batch is also full when it holds this many observations, so that memory stays bounded.
constexpr std::size_t kMaxBatchObservations = 1u << 16;

bool fill(Batch& batch, Source& source, std::size_t batch_size) {
  batch.size = 0;
  batch.objects.resize(batch_size);
  batch.results.resize(batch_size);
  std::size_t n_observations = 0;
  while (batch.size < batch_size && n_observations < kMaxBatchObservations) {
    SourceObject& object = batch.objects[batch.size];
    if (!source.next(object)) break;
    n_observations += object.light_curve.size();
    ++batch.size;
  }
  return batch.size > 0;
}

/// Adds where a rejection happened, if the stage did not say it.
void locate(Diagnostic& diagnostic, const SourceObject& object) {
  if (diagnostic.file.empty()) diagnostic.file = object.file;
  if (diagnostic.object_id.empty()) diagnostic.object_id = object.object_id;
  if (diagnostic.code == Status::negative_error)
    diagnostic.hint = hint_for_negative_error(object.negative_error, object.n_negative_errors);
}

void embed_batch(Batch& batch, const Catalog* catalog, const Encoder* encoder, const RunOptions& options) {
  batch.seconds = {};
  for (std::size_t i = 0; i < batch.size; ++i) {
    throw_if_stopped();
    SourceObject& object = batch.objects[i];
    ObjectResult& result = batch.results[i];
    if (object.rejection.has_value()) {
      result.status = object.rejection->code;
      result.diagnostic = *object.rejection;
      result.flags = object.flags;
      result.light_curve = {};
      // A rejected object is a row of zeros in `preprocess`.
      result.x_enc.assign(options.object.tensor.n_steps * kChannels, 0.0f);
      result.mask.assign(options.object.tensor.n_steps, 0.0f);
      locate(result.diagnostic, object);
      continue;
    }
    FeatureOverrides overrides = options.object.overrides;
    Diagnostic diagnostic;
    const Status found =
        catalog == nullptr ? Status::ok : catalog->look_up(object.object_id, overrides, diagnostic);
    embed_object(object.light_curve, options.object, overrides,
                 found == Status::ok ? options.last_stage : Stage::cleaning, encoder, options.want_sequence,
                 result, &batch.seconds);
    if (found != Status::ok && result.status == Status::ok) {
      result.status = found;
      result.diagnostic = diagnostic;
      result.x_enc.assign(options.object.tensor.n_steps * kChannels, 0.0f);
      result.mask.assign(options.object.tensor.n_steps, 0.0f);
    }
    result.flags.set(object.flags);
    if (result.status != Status::ok) locate(result.diagnostic, object);
  }
}

void add(StageSeconds& total, const StageSeconds& part) {
  total.read += part.read;
  total.clean += part.clean;
  total.features += part.features;
  total.tensor += part.tensor;
  total.encoder += part.encoder;
  total.write += part.write;
}

Row make_row(const SourceObject& object, const ObjectResult& result, const RunOptions& options) {
  Row row{.object_id = object.object_id, .status = result.status, .flags = result.flags};
  row.n_raw = object.n_raw;
  if (options.last_stage >= Stage::tensor) {
    row.x_enc = result.x_enc;
    row.mask = result.mask;
  }
  if (result.status != Status::ok) return row;
  row.n_used = options.last_stage >= Stage::tensor ? result.tensor.n_used : result.light_curve.n_clean;
  row.features = result.features.value;
  row.feature_sources = result.features.source;
  row.log10_mad = result.tensor.log10_mad;
  row.delta_t = result.tensor.delta_t;
  // A period of 0 was not searched for: it was given, or the star is aperiodic.
  if (result.features.period_result.period > 0) row.period_search = &result.features.period_result;
  if (options.last_stage == Stage::embedding) {
    row.embedding = result.mean;
    row.sequence = result.sequence;
    row.probabilities = result.probabilities;
    row.out_of_class = result.out_of_class;
  }
  return row;
}

/// Writes finished batches in order, counts, and decides when there are too many rejects.
class Writer {
 public:
  Writer(const RunOptions& options, Sink& sink, RejectLog* rejects, RunSummary& summary)
      : options_(options), sink_(sink), rejects_(rejects), summary_(summary) {}

  void write(const Batch& batch) {
    const StageTimer timer(&summary_.seconds.write);
    add(summary_.seconds, batch.seconds);
    for (std::size_t i = 0; i < batch.size; ++i) write_one(batch.objects[i], batch.results[i]);
  }

  void close() {
    const StageTimer timer(&summary_.seconds.write);
    check_reject_fraction(options_, summary_);
    close_together(sink_, rejects_);
  }

  std::uint64_t n_rejected() const { return summary_.n_objects - summary_.n_ok; }

 private:
  void write_one(const SourceObject& object, const ObjectResult& result) {
    ++summary_.n_objects;
    summary_.n_observations += object.n_raw;
    summary_.n_duplicates += result.light_curve.n_duplicates;
    summary_.dropped += object.dropped;
    summary_.dropped.nonfinite += result.light_curve.n_nonfinite;
    sink_.write(make_row(object, result, options_));
    if (result.status == Status::ok) {
      ++summary_.n_ok;
      note_given_values(result.features);
      return;
    }
    ++summary_.rejected[result.status];
    if (summary_.first_rejects.size() < kFirstRejects) summary_.first_rejects.push_back(result.diagnostic);
    if (rejects_ != nullptr) rejects_->write(result.diagnostic);
    check_reject_limits(options_, summary_, result.diagnostic);
  }

  void note_given_values(const Features& features) {
    GivenValues& given = summary_.given_values;
    bool any = false;
    for (std::size_t i = 0; i < kFeatureCount; ++i) {
      if (features.source[i] != FeatureSource::catalog) continue;
      any = true;
      given.min[i] = given.n == 0 ? features.value[i] : std::min(given.min[i], features.value[i]);
      given.max[i] = given.n == 0 ? features.value[i] : std::max(given.max[i], features.value[i]);
    }
    if (any) ++given.n;
  }

  static constexpr std::size_t kFirstRejects = 10;

  const RunOptions& options_;
  Sink& sink_;
  RejectLog* rejects_;
  RunSummary& summary_;
};

/// Calls `progress` ten times a second at most.
class ProgressReport {
 public:
  explicit ProgressReport(const std::function<void(const RunProgress&)>& progress) : progress_(progress) {}

  void show(const Source& source, const RunSummary& summary, std::uint64_t n_rejected) {
    if (!progress_ || StageTimer::Clock::now() - last_ <= std::chrono::milliseconds(100)) return;
    last_ = StageTimer::Clock::now();
    progress_(RunProgress{.n_objects = summary.n_objects,
                          .n_rejected = n_rejected,
                          .bytes_read = source.bytes_read(),
                          .bytes_total = source.bytes_total(),
                          .rejected = &summary.rejected});
  }

 private:
  const std::function<void(const RunProgress&)>& progress_;
  StageTimer::Clock::time_point last_ = StageTimer::Clock::now();
};

[[noreturn]] void fail_stopped(const RunSummary& summary) {
  throw Error(Status::interrupted,
              fmt::format("stopped after {} objects; no output was written", summary.n_objects));
}

}  // namespace

void continue_pipeline(Source& source, const Catalog* catalog, const Encoder* encoder,
                       const RunOptions& options, Sink& sink, RejectLog* rejects,
                       const std::atomic<bool>* stop, const std::function<void(const RunProgress&)>& progress,
                       RunSummary& summary) {
  const auto start = StageTimer::Clock::now();
  Writer writer(options, sink, rejects, summary);
  ProgressReport report(progress);

  const std::size_t n_wanted = resolve_threads(options.n_threads);
  OrderedWorkers<Batch> workers(
      n_wanted, [&](Batch& batch) { embed_batch(batch, catalog, encoder, options); },
      [&](const Batch& batch) { writer.write(batch); });
  if (workers.n_threads() < n_wanted && n_wanted > 1) {  // the calling thread is as good as one other
    summary.warnings.push_back(Diagnostic{
        .code = Status::internal,
        .message = fmt::format("only {} of {} threads could be started", workers.n_threads(), n_wanted)});
  }
  const auto next = [&](Batch& batch) {
    throw_if_stopped();
    report.show(source, summary, writer.n_rejected());
    const StageTimer timer(&summary.seconds.read);
    return fill(batch, source, options.batch_size);
  };
  try {
    const StopScope heeded(stop);
    workers.run(next);
  } catch (const Stopped&) {
    fail_stopped(summary);
  }
  writer.close();

  for (Diagnostic& warning : source.take_warnings()) summary.warnings.push_back(std::move(warning));
  summary.wall_seconds += std::chrono::duration<double>(StageTimer::Clock::now() - start).count();
}

RunSummary run_pipeline(Source& source, const Catalog* catalog, const Encoder* encoder,
                        const RunOptions& options, Sink& sink, RejectLog* rejects,
                        const std::atomic<bool>* stop,
                        const std::function<void(const RunProgress&)>& progress) {
  RunSummary summary;
  continue_pipeline(source, catalog, encoder, options, sink, rejects, stop, progress, summary);
  return summary;
}

}  // namespace astrom3
