// SPDX-License-Identifier: MIT
#include "training/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "astrom3/tensor.h"
#include "base/ordered_workers.h"
#include "base/threads.h"

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
Status keep_observations(const LightCurve& light_curve, const ObjectResult& result, std::size_t limit,
                         TrainingObject& object) {
  std::vector<float> rows(light_curve.size() * kChannels), mask(light_curve.size());
  TensorSummary summary;
  const Status status = build_tensor(light_curve, result.light_curve, result.features, no_scaling(),
                                     {.n_steps = light_curve.size()}, rows, mask, summary);
  if (status != Status::ok) return status;
  object.log10_mad = summary.log10_mad;
  object.delta_t = summary.delta_t;
  const std::size_t n = std::min(light_curve.size(), limit), first = (light_curve.size() - n) / 2;
  object.observations.resize(n * kObserved);
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(&rows[(first + i) * kChannels], kObserved, &object.observations[i * kObserved]);
  return Status::ok;
}

/// Cleaning, features and scaling of one object, or why not.
void prepare(Curve& curve, const TrainingRun& run) {
  curve.object = {};
  curve.object.object_id = curve.source.object_id;
  curve.rejection = curve.source.rejection;
  curve.unlabelled = false;
  const auto label = run.labels.find(curve.source.object_id);
  if (label != run.labels.end()) curve.object.label = label->second;
  Status status = Status::ok;
  ObjectResult result;
  if (!curve.rejection && curve.object.label.empty() &&
      run.options.objective == TrainingObjective::classify) {
    curve.unlabelled = true;
    curve.rejection =
        Diagnostic{.code = Status::no_catalog_row, .message = "no label: nothing to learn from it"};
  }
  if (!curve.rejection) {
    FeatureOverrides overrides = run.object.overrides;
    Diagnostic diagnostic;
    if (run.catalog != nullptr) status = run.catalog->look_up(curve.source.object_id, overrides, diagnostic);
    if (status == Status::ok) {
      embed_object(curve.source.light_curve, run.object, overrides, Stage::features, nullptr, false, result);
      status = result.status;
      diagnostic = result.diagnostic;
    }
    if (status == Status::ok) {
      curve.object.features = result.features.value;
      status =
          keep_observations(curve.source.light_curve, result, run.options.max_observations, curve.object);
      diagnostic.message = status_meaning(status);
    }
    if (status != Status::ok) curve.rejection = std::move(diagnostic);
    if (status != Status::ok) curve.rejection->code = status;
  }
  if (!curve.rejection) return;
  if (curve.rejection->file.empty()) curve.rejection->file = curve.source.file;
  curve.rejection->object_id = curve.source.object_id;
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
    if (stop != nullptr && stop->load(std::memory_order_relaxed))
      throw Error(Status::interrupted, fmt::format("stopped after reading {} light curves", n_read));
    if (!source->next(curve.source)) return false;
    progress(++n_read);
    return true;
  });
  log.close();
  all.n_labels_met = met.size();
  all.warnings = source->take_warnings();
  return all;
}

}  // namespace astrom3::training
