// SPDX-License-Identifier: MIT
//
// A training from its inputs to the checkpoint, epoch after epoch.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "base/threads.h"
#include "encoder/random_checkpoint.h"
#include "train_step/trainer.h"
#include "training/calibration.h"
#include "training/data_split.h"
#include "training/epoch.h"
#include "training/object_cache.h"
#include "training/objects.h"
#include "training/outputs.h"
#include "training/run_folder.h"
#include "training/schedule.h"

namespace astrom3 {
namespace {

using namespace training;
using Clock = std::chrono::steady_clock;
constexpr auto kBetweenReports = std::chrono::milliseconds(100);

/// Everything one training holds; go() is the whole of it.
class Training {
 public:
  Training(const TrainingRun& run, const std::atomic<bool>* stop,
           const std::function<void(const TrainingProgress&)>& progress)
      : run_(run), stop_(stop), progress_(progress), folder_(run.folder, run.resume, run.force) {}

  TrainingSummary go() {
    load_objects();
    split_ = split_objects(data_.objects, run_.options);
    summary_.n_train = split_.train.size();
    summary_.n_validation = split_.validation.size();
    summary_.n_test = split_.test.size();
    scaling_ = run_.fit_scaling ? fit_scaling(split_.train) : run_.object.scaling;
    make_start();
    folder_.write_text(kObjectsName, objects_csv(data_.objects, run_.options));
    const std::size_t n_steps = static_cast<std::size_t>(start_.config.seq_len);
    const EpochSetting setting{split_, summary_.class_names, scaling_, run_.options, n_steps};
    train::Trainer trainer(start_, trainer_options());
    std::vector<EpochMetrics>& epochs = summary_.epochs;
    if (auto saved = folder_.load_state()) {
      trainer.restore(saved->tensors);
      epochs = std::move(saved->epochs);
      folder_.write_text("metrics.csv", metrics_csv(epochs));  // the end may have come between state and this
    }
    summary_.first_epoch = epochs.size() + 1;
    while (epochs.empty() || !is_over(run_.options, epochs)) one_epoch(trainer, setting);
    for (const EpochMetrics& epoch : epochs) {
      if (epoch.best) summary_.best_epoch = epoch.epoch;
    }
    finish(setting);
    return std::move(summary_);
  }

 private:
  void load_objects() {
    const std::string key = cache_key(run_);
    folder_.claim(describe_training(run_, key));
    if (auto cached = read_cache(folder_ / "cache.safetensors", key)) {
      data_ = std::move(*cached);
      summary_.from_cache = true;
    } else {
      data_ = read_objects(run_, stop_, [&](std::uint64_t n) {
        if (is_time_to_report()) progress_(TrainingProgress{.n_read = n});
      });
      write_cache(folder_ / "cache.safetensors", key, data_);
    }
    folder_.write_text(kRejectsName, data_.rejects);
    summary_.n_rejected = data_.n_rejected;
    summary_.n_unlabelled = data_.n_unlabelled;
    summary_.first_rejects = std::move(data_.first_rejects);
    summary_.warnings = std::move(data_.warnings);
    summary_.n_labels_unused = run_.labels.size() - data_.n_labels_met;
  }

  /// The weights to begin with, with a head for the labels.
  void make_start() {
    const bool classify = run_.options.objective == TrainingObjective::classify;
    const std::vector<std::string> labels = classify ? labels_of(data_.objects) : std::vector<std::string>{};
    if (run_.start == nullptr) {
      EncoderConfig config = run_.config;
      config.classification = classify;
      if (classify) {
        config.num_classes = static_cast<std::int64_t>(labels.size());
        config.class_names = labels;
      }
      start_ = random_checkpoint(config, run_.options.seed, scaling_);
      summary_.class_names = labels;
    } else {
      start_ = *run_.start;
      start_.scaling = scaling_;
      const std::vector<std::string> known = class_names(start_.config);
      summary_.head_kept = classify && start_.has_head() && !run_.new_head &&
                           std::all_of(labels.begin(), labels.end(),
                                       [&](const auto& l) { return class_index(known, l) >= 0; });
      if (classify && !summary_.head_kept) replace_head(start_, labels, run_.options.seed);
      if (classify) summary_.class_names = class_names(start_.config);
    }
    if (run_.options.dropout) start_.config.dropout = *run_.options.dropout;
    for (const auto& [name, weight] : run_.options.class_weights) {
      if (class_index(summary_.class_names, name) < 0)
        throw Error(Status::usage, fmt::format("a weight for class {}, which is not there", escaped(name)));
    }
  }

  train::TrainerOptions trainer_options() const {
    const TrainingOptions& o = run_.options;
    const bool classify = o.objective == TrainingObjective::classify;
    train::TrainerOptions options;
    options.objective = o.objective;
    options.head = o.head;
    options.dropout = start_.config.dropout;
    options.label_smoothing = o.label_smoothing;
    if (classify) options.class_weights = class_weights(split_.train, summary_.class_names, o);
    options.weight_decay = o.weight_decay;
    options.clip_norm = o.clip_norm;
    options.temperature = o.temperature;
    options.seed = o.seed;
    options.n_threads = resolve_threads(o.n_threads);
    return options;
  }

  void one_epoch(train::Trainer& trainer, const EpochSetting& setting) {
    std::vector<EpochMetrics>& epochs = summary_.epochs;
    TrainingProgress now{.epoch = epochs.size() + 1,
                         .n_epochs = run_.options.epochs,
                         .n_objects = n_of_epoch(split_.train.size(), run_.options)};
    epochs.push_back(train_epoch(trainer, setting, epochs, [&](std::size_t n, double loss, double accuracy) {
      if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) {
        throw Error(Status::interrupted,
                    fmt::format("stopped in epoch {}; {} are finished", now.epoch, now.epoch - 1),
                    {"the same with {} goes on", {{"resume", "true"}}});
      }
      now.n_done = n;
      now.loss = loss;
      now.accuracy = accuracy;
      if (is_time_to_report()) progress_(now);
    }));
    validate(trainer, setting, epochs.back());
    epochs.back().best = is_best(epochs, run_.options.select);
    // The weights first: the state may be behind them, never ahead.
    if (epochs.back().best) keep(trainer);
    folder_.save_state({trainer.state(), epochs});
    folder_.write_text("metrics.csv", metrics_csv(epochs));
    now.finished = &epochs;
    if (progress_) progress_(now);
  }

  /// Writes the current weights as the folder's checkpoint.
  void keep(const train::Trainer& trainer) {
    Checkpoint checkpoint = trainer.checkpoint();
    checkpoint.config = start_.config;
    checkpoint.scaling = scaling_;
    checkpoint.metadata = {{"format", "pt"},
                           {"astrom3.trained", "true"},
                           {"astrom3.attention", "full"},
                           {"astrom3.objective",
                            run_.options.objective == TrainingObjective::classify ? "classify" : "contrast"},
                           {"astrom3.seed", fmt::format("{}", run_.options.seed)},
                           {"astrom3.epoch", fmt::format("{}", summary_.epochs.size())}};
    if (!run_.options.name.empty()) checkpoint.metadata["astrom3.name"] = run_.options.name;
    if (run_.start != nullptr) checkpoint.metadata["astrom3.from"] = run_.start->sha256;
    write_checkpoint(folder_.path(), checkpoint, run_.options.dtype);
  }

  /// What was written, read back, calibrated and judged.
  void finish(const EpochSetting& setting) {
    auto written = load_checkpoint(folder_.path());
    if (run_.options.objective == TrainingObjective::classify) {
      if (run_.options.calibration == Calibration::temperature) {
        // A training that was resumed at its end is calibrated already.
        if (!applied_temperature(*written)) {
          Checkpoint calibrated = *written;
          apply_temperature(calibrated,
                            best_temperature(head_output(judge_of(*written), setting, split_.validation)));
          write_checkpoint(folder_.path(), calibrated, run_.options.dtype);
          written = load_checkpoint(folder_.path());
        }
        summary_.temperature = applied_temperature(*written).value_or(1);
      }
      const train::Trainer judge = judge_of(*written);
      summary_.validation = classified(head_output(judge, setting, split_.validation));
      summary_.test = classified(head_output(judge, setting, split_.test));
    }
    summary_.sha256 = written->sha256;
    if (run_.options.objective == TrainingObjective::classify)
      folder_.write_text("report.json", report_json(summary_));
  }

  train::Trainer judge_of(const Checkpoint& checkpoint) const { return {checkpoint, trainer_options()}; }

  bool is_time_to_report() {
    if (!progress_ || Clock::now() - last_report_ < kBetweenReports) return false;
    last_report_ = Clock::now();
    return true;
  }

  const TrainingRun& run_;
  const std::atomic<bool>* stop_;
  const std::function<void(const TrainingProgress&)>& progress_;
  RunFolder folder_;
  TrainingObjects data_;
  DataSplit split_;
  Scaling scaling_;
  Checkpoint start_;
  TrainingSummary summary_;
  Clock::time_point last_report_{};
};

}  // namespace

TrainingSummary train_checkpoint(const TrainingRun& run, const std::atomic<bool>* stop,
                                 const std::function<void(const TrainingProgress&)>& progress) {
  return Training(run, stop, progress).go();
}

}  // namespace astrom3
