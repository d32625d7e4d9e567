// SPDX-License-Identifier: MIT
#include "training/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "astrom3/tensor.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "base/ordered_workers.h"
#include "base/random.h"
#include "base/threads.h"
#include "pipeline/whole_rows.h"
#include "training/copies.h"
#include "training/data_split.h"

namespace astrom3::training {
namespace {

/// One light curve on its way through the stages.
struct Curve {
  SourceObject source;
  TrainingObject object;
  std::optional<Diagnostic> rejection;
  bool unlabelled = false;
};

/// Cleaning, features and scaling of one light curve into `object`, or why not.
std::optional<Diagnostic> measure(SourceObject& source, const TrainingRun& run, const ObjectOptions& options,
                                  TrainingObject& object) {
  WholeRows whole;
  auto rejection = make_whole_rows(source, run.catalog, options, no_scaling(), whole);
  if (rejection) return rejection;
  object.features = whole.features.value;
  object.log10_mad = whole.tensor.log10_mad;
  object.delta_t = whole.tensor.delta_t;
  object.observations = kept_observations(whole.rows, run.options.max_observations);
  return std::nullopt;
}

/// Copies of a training object, `source` cleaned. One that cannot be embedded is left out.
void add_copies(const SourceObject& source, const TrainingRun& run, TrainingObject& object) {
  const Copies& copies = run.options.copies;
  if (copies.n == 0 || use_of(object.object_id, run.options) != Split::train) return;
  for (std::size_t i = 0; i < copies.n; ++i) {
    Random random = copy_random(run.options.seed, object.object_id, i);
    SourceObject disturbed = source;
    disturbed.light_curve = disturb(source.light_curve, copies, random);
    ObjectOptions options = run.object;
    options.cleaning.error_floor_mag = 0;  // it is in the errors already
    const auto period = static_cast<std::size_t>(Feature::period);
    if (random.uniform() < copies.period)
      options.overrides[period] = {.value = wrong_period(object.features[period], random)};
    TrainingObject copy;
    if (!measure(disturbed, run, options, copy)) object.copies.push_back(std::move(copy));
  }
}

/// Cleaning, features and scaling of one object, or why not.
void prepare(Curve& curve, const TrainingRun& run) {
  curve.object = {};
  curve.object.object_id = curve.source.object_id;
  const auto label = run.labels.find(curve.source.object_id);
  if (label != run.labels.end()) curve.object.label = label->second;
  const bool needs_label = run.options.objective == TrainingObjective::classify;
  curve.unlabelled = needs_label && curve.object.label.empty() && !curve.source.rejection;
  if (curve.unlabelled) {
    curve.rejection = Diagnostic{.code = Status::no_catalog_row,
                                 .file = curve.source.file,
                                 .object_id = curve.source.object_id,
                                 .message = "no label: nothing to learn from it"};
    return;
  }
  curve.rejection = measure(curve.source, run, run.object, curve.object);
  if (!curve.rejection) add_copies(curve.source, run, curve.object);
}

}  // namespace

std::vector<float> kept_observations(std::span<const float> rows, std::size_t limit) {
  const std::size_t N = rows.size() / kChannels, n = std::min(N, limit), first = (N - n) / 2;
  std::vector<float> kept(n * kObserved);
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(&rows[(first + i) * kChannels], kObserved, &kept[i * kObserved]);
  return kept;
}

TrainingObjects read_objects(const TrainingRun& run, const std::atomic<bool>* stop,
                             const std::function<void(std::uint64_t)>& progress) {
  TrainingObjects all;
  RejectLog log(&all.rejects);
  const auto source = open_source(run.files, run.reading);
  std::uint64_t n_read = 0;
  std::set<std::string> met;  // labelled; an id may come twice
  OrderedWorkers<Curve> workers(
      resolve_threads(run.options.n_threads), [&](Curve& curve) { prepare(curve, run); },
      [&](const Curve& curve) {
        if (run.labels.contains(curve.source.object_id)) met.insert(curve.source.object_id);
        if (!curve.rejection) {
          all.objects.push_back(curve.object);
          return;
        }
        ++(curve.unlabelled ? all.n_unlabelled : all.n_rejected);
        log.write(*curve.rejection);
        if (!curve.unlabelled && all.first_rejects.size() < kFirstRejects)
          all.first_rejects.push_back(*curve.rejection);
      });
  workers.run([&](Curve& curve) {
    try {
      const StopScope heeded(stop);
      throw_if_stopped();
      if (!source->next(curve.source)) return false;
    } catch (const Stopped&) {
      throw Error(Status::interrupted, fmt::format("stopped after reading {} light curves", n_read));
    }
    progress(++n_read);
    return true;
  });
  log.close();
  all.n_labels_met = met.size();
  all.warnings = source->take_warnings();
  return all;
}

}  // namespace astrom3::training
