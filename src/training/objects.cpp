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
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/features/scaling.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "astrom3/tensor.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "base/ordered_workers.h"
#include "base/threads.h"
#include "pipeline/whole_rows.h"

namespace astrom3::training {
namespace {

constexpr std::size_t kFirstRejects = 10;

/// One light curve on its way through the stages.
struct Curve {
  SourceObject source;
  TrainingObject object;
  std::optional<Diagnostic> rejection;
  bool unlabelled = false;
};

/// Channels 0-2 of every observation, or of the `limit` around the centre where there are more.
std::vector<float> kept_observations(std::span<const float> rows, std::size_t limit) {
  const std::size_t N = rows.size() / kChannels, n = std::min(N, limit), first = (N - n) / 2;
  std::vector<float> kept(n * kObserved);
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(&rows[(first + i) * kChannels], kObserved, &kept[i * kObserved]);
  return kept;
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
  WholeRows whole;
  curve.rejection = make_whole_rows(curve.source, run.catalog, run.object, no_scaling(), whole);
  if (curve.rejection) return;
  curve.object.features = whole.features.value;
  curve.object.log10_mad = whole.tensor.log10_mad;
  curve.object.delta_t = whole.tensor.delta_t;
  curve.object.observations = kept_observations(whole.rows, run.options.max_observations);
}

}  // namespace

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
