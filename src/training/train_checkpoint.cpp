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
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "base/threads.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/random_checkpoint.h"
#include "train_step/multimodal_trainer.h"
#include "train_step/trainer.h"
#include "training/calibration.h"
#include "training/data_split.h"
#include "training/epoch.h"
#include "training/learner.h"
#include "training/modality_join.h"
#include "training/multimodal_learner.h"
#include "training/multimodal_start.h"
#include "training/object_cache.h"
#include "training/objects.h"
#include "training/outputs.h"
#include "training/photo_learner.h"
#include "training/run_folder.h"
#include "training/schedule.h"
#include "training/tensor_objects.h"

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
    if (uses(Modality::metadata)) {
      metadata_scaling_ =
          is_of_tensors() ? run_.modalities.metadata_scaling : standardise_objects(run_, data_);
    }
    split_ = split();
    summary_.n_train = split_.train.size();
    summary_.n_validation = split_.validation.size();
    summary_.n_test = split_.test.size();
    const bool fits = run_.fit_scaling && uses(Modality::photo);
    scaling_ = fits ? fit_scaling(split_.train) : run_.object.scaling;
    const std::unique_ptr<Learner> learner = is_photo_alone() ? make_photo() : make_multimodal();
    check_class_weights();
    folder_.write_text(kObjectsName, objects_csv(data_.objects, run_.options));
    std::vector<EpochMetrics>& epochs = summary_.epochs;
    if (auto saved = folder_.load_state()) {
      learner->restore(saved->tensors);
      epochs = std::move(saved->epochs);
      folder_.write_text("metrics.csv", metrics_csv(epochs));  // the end may have come between state and this
    }
    summary_.first_epoch = epochs.size() + 1;
    if (run_.options.epochs == 0) keep(*learner);
    while (!is_over(run_.options, epochs)) one_epoch(*learner);
    for (const EpochMetrics& epoch : epochs) {
      if (epoch.best) summary_.best_epoch = epoch.epoch;
    }
    finish(*learner);
    return std::move(summary_);
  }

 private:
  bool uses(Modality modality) const { return run_.modalities.used[index_of(modality)]; }
  bool is_of_tensors() const { return !run_.modalities.tensors.empty(); }
  bool is_photo_alone() const {
    return run_.modalities.is_photo_alone() && run_.options.objective != TrainingObjective::clip;
  }
  bool classifies() const { return run_.options.objective == TrainingObjective::classify; }

  void load_objects() {
    const bool reads_curves = uses(Modality::photo) && !is_of_tensors();
    const std::string key = reads_curves ? cache_key(run_) : labels_key(run_);
    folder_.claim(describe_training(run_, key));
    if (reads_curves) load_light_curves(key);
    if (is_of_tensors()) {
      data_ = read_tensor_objects(run_, stop_);
    } else if (!is_photo_alone()) {
      join_modalities(run_, stop_, data_);
    }
    folder_.write_text(kRejectsName, data_.rejects);
    summary_.n_rejected = data_.n_rejected;
    summary_.n_unlabelled = data_.n_unlabelled;
    summary_.n_incomplete = data_.n_incomplete;
    summary_.first_rejects = std::move(data_.first_rejects);
    summary_.warnings = std::move(data_.warnings);
    summary_.n_labels_unused = run_.labels.size() - data_.n_labels_met;
  }

  /// If too few are left, it is said which were rejected first.
  DataSplit split() const {
    try {
      return split_objects(data_.objects, run_.options);
    } catch (const Error& error) {
      Diagnostic diagnostic = error.diagnostic();
      diagnostic.causes = summary_.first_rejects;
      throw Error(std::move(diagnostic));
    }
  }

  void load_light_curves(const std::string& key) {
    if (auto cached = read_cache(folder_ / "cache.safetensors", key)) {
      data_ = std::move(*cached);
      summary_.from_cache = true;
    } else {
      data_ = read_objects(run_, stop_, [&](std::uint64_t n) {
        if (is_time_to_report()) progress_(TrainingProgress{.n_read = n});
      });
      write_cache(folder_ / "cache.safetensors", key, data_);
    }
  }

  std::vector<std::string> labels() const {
    return classifies() ? labels_of(data_.objects) : std::vector<std::string>{};
  }

  /// Light curves alone: the weights to begin with, with a head for the labels.
  std::unique_ptr<Learner> make_photo() {
    Checkpoint start;
    const std::vector<std::string> labels = this->labels();
    if (run_.start == nullptr) {
      EncoderConfig config = run_.config;
      config.classification = classifies();
      if (classifies()) {
        config.num_classes = static_cast<std::int64_t>(labels.size());
        config.class_names = labels;
      }
      start = random_checkpoint(config, run_.options.seed, scaling_);
      summary_.class_names = labels;
    } else {
      start = *run_.start;
      for (const TensorSpec& spec : out_of_class_tensors(start.config)) start.tensors.erase(spec.name);
      start.scaling = scaling_;
      const std::vector<std::string> known = class_names(start.config);
      summary_.head_kept = classifies() && start.has_head() && !run_.new_head &&
                           std::all_of(labels.begin(), labels.end(),
                                       [&](const auto& l) { return class_index(known, l) >= 0; });
      if (classifies() && !summary_.head_kept) replace_head(start, labels, run_.options.seed);
      if (classifies()) summary_.class_names = class_names(start.config);
    }
    if (run_.options.dropout) start.config.dropout = *run_.options.dropout;
    train::TrainerOptions options;
    set_common(options);
    options.head = run_.options.head;
    options.dropout = start.config.dropout;
    options.temperature = run_.options.temperature;
    return make_photo_learner(start, options, summary_.class_names, scaling_, run_.options);
  }

  std::unique_ptr<Learner> make_multimodal() {
    MultimodalStart start = make_multimodal_start(run_, labels());
    const MultimodalConfig& config = start.checkpoint.config;
    summary_.head_kept = start.head_kept;
    summary_.class_names = config.class_names;
    train::MultimodalTrainerOptions options;
    set_common(options);
    options.dropout = {config.photo.dropout, config.spectra.dropout_rate, config.metadata.dropout};
    return make_multimodal_learner(
        start.checkpoint, options,
        {.classes = summary_.class_names,
         .scaling = scaling_,
         .n_pixels = run_.modalities.spectrum.grid.size,
         .preprocessing = preprocessing_json(run_.modalities, scaling_, metadata_scaling_)},
        run_.options);
  }

  /// What every learner's options have.
  template <typename Options>
  void set_common(Options& options) const {
    const TrainingOptions& o = run_.options;
    options.objective = o.objective;
    options.dropout_form = o.dropout_form;
    options.attention = o.attention;
    options.label_smoothing = o.label_smoothing;
    if (classifies()) options.class_weights = class_weights(split_.train, summary_.class_names, o);
    options.optimiser = o.optimiser;
    options.beta1 = o.beta1;
    options.weight_decay = o.weight_decay;
    options.clip_norm = o.clip_norm;
    options.seed = o.seed;
    options.n_threads = resolve_threads(o.n_threads);
  }

  void check_class_weights() const {
    for (const auto& [name, weight] : run_.options.class_weights) {
      if (class_index(summary_.class_names, name) < 0)
        throw Error(Status::usage, fmt::format("a weight for class {}, which is not there", escaped(name)));
    }
  }

  void one_epoch(Learner& learner) {
    std::vector<EpochMetrics>& epochs = summary_.epochs;
    TrainingProgress now{.epoch = epochs.size() + 1,
                         .n_epochs = run_.options.epochs,
                         .n_objects = n_of_epoch(split_.train.size(), run_.options)};
    epochs.push_back(
        train_epoch(learner, split_, run_.options, epochs, [&](std::size_t n, double loss, double accuracy) {
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
    validate(learner, split_, run_.options, epochs.back());
    epochs.back().best = is_best(epochs, run_.options.select);
    // The weights first: the state may be behind them, never ahead.
    if (epochs.back().best) keep(learner);
    folder_.save_state({learner.state(), epochs});
    folder_.write_text("metrics.csv", metrics_csv(epochs));
    now.finished = &epochs;
    if (progress_) progress_(now);
  }

  /// Writes the current weights as the folder's checkpoint.
  void keep(const Learner& learner) {
    std::map<std::string, std::string> metadata{
        {"format", "pt"},
        {"astrom3.trained", "true"},
        {"astrom3.attention", std::string(attention_name(run_.options.attention))},
        {"astrom3.objective", objective_name(run_.options.objective)},
        {"astrom3.seed", fmt::format("{}", run_.options.seed)},
        {"astrom3.epoch", fmt::format("{}", summary_.epochs.size())}};
    if (!run_.options.name.empty()) metadata["astrom3.name"] = run_.options.name;
    if (is_photo_alone() && run_.start != nullptr) metadata["astrom3.from"] = run_.start->sha256;
    if (!is_photo_alone() && run_.multimodal_start != nullptr)
      metadata["astrom3.from"] = run_.multimodal_start->sha256;
    learner.write(folder_.path(), metadata);
  }

  /// What was written, read back, calibrated and judged.
  void finish(Learner& learner) {
    WrittenCheckpoint written = learner.read_back(folder_.path());
    if (classifies()) {
      // A training that was resumed at its end has its head and its temperature already.
      const bool learns_from_means = run_.options.refit_head || run_.options.out_of_class;
      if (learns_from_means && !written.metadata.contains(kLearntFromMeans)) {
        learner.learn_from_means(folder_.path(), split_);
        written = learner.read_back(folder_.path());
      }
      if (run_.options.calibration == Calibration::temperature && !applied_temperature(written.metadata)) {
        learner.calibrate(folder_.path(), best_temperature(learner.head_output(split_.validation)));
        written = learner.read_back(folder_.path());
      }
      if (run_.options.calibration == Calibration::temperature)
        summary_.temperature = applied_temperature(written.metadata).value_or(1);
      summary_.validation = classified(learner.head_output(split_.validation));
      summary_.test = classified(learner.head_output(split_.test));
    }
    summary_.sha256 = written.sha256;
    if (classifies()) folder_.write_text("report.json", report_json(summary_));
  }

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
  MetadataScaling metadata_scaling_;
  TrainingSummary summary_;
  Clock::time_point last_report_{};
};

}  // namespace

TrainingSummary train_checkpoint(const TrainingRun& run, const std::atomic<bool>* stop,
                                 const std::function<void(const TrainingProgress&)>& progress) {
  return Training(run, stop, progress).go();
}

}  // namespace astrom3
