// SPDX-License-Identifier: MIT
#include "training/outputs.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/version.h"
#include "astrom3/classes/confusion.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/sink/sink.h"
#include "astrom3/spectrum/spectrum.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "base/sha256.h"
#include "formats/json_writer.h"
#include "pipeline/tensor_scaling.h"
#include "shared_space/multimodal_config.h"
#include "sink/output_text.h"
#include "training/data_split.h"
#include "training/modality_join.h"
#include "training/objects.h"
#include "training/tensor_objects.h"

namespace astrom3::training {
namespace {

/// The shortest text that reads back as `value`; empty for NaN.
std::string cell(double value) {
  return std::isnan(value) ? std::string{} : fmt::format("{}", value);
}

void write(JsonWriter& json, const Classified& classified, const std::vector<std::string>& classes) {
  const ConfusionMatrix& confusion = classified.confusion;
  json.begin_object().member("objects", confusion.n_objects()).member("loss", classified.loss);
  json.member("accuracy", confusion.accuracy()).member("macro_f1", confusion.macro_f1());
  json.key("classes").begin_object();
  for (std::size_t c = 0; c < confusion.n_classes(); ++c) {
    json.key(classes[c]).begin_object().member("objects", confusion.n_objects(c));
    json.member("recall", confusion.recall(c)).member("precision", confusion.precision(c));
    json.member("f1", confusion.f1(c)).end();
  }
  json.end().key("confusion").begin_array();
  for (std::size_t c = 0; c < confusion.n_classes(); ++c) json.array(confusion.row(c));
  json.end().end();
}

std::string class_weights_text(const TrainingOptions& options) {
  constexpr const char* kWeighting[] = {"none", "sqrt", "balanced"};
  if (options.class_weights.empty()) return kWeighting[static_cast<int>(options.class_weighting)];
  std::string text;
  for (const auto& [name, weight] : options.class_weights) text += fmt::format("{}={};", name, weight);
  return text;
}

/// Appends a text of any value under `key`.
template <typename Value>
void add_to(Identity& identity, const char* key, const Value& value) {
  identity.emplace_back(key, fmt::format("{}", value));
}

void describe_start(const TrainingRun& run, Identity& identity) {
  const bool is_photo = run.modalities.is_photo_alone() && run.options.objective != TrainingObjective::clip;
  const auto hash_of = [](const auto& start) {
    return start == nullptr ? std::string("random weights") : start->sha256;
  };
  add_to(identity, "start", is_photo ? hash_of(run.start) : hash_of(run.multimodal_start));
  add_to(identity, "new_head", run.new_head);
  if (!is_photo) add_to(identity, "kind", checkpoint_kind_name(run.multimodal_config.kind));
  add_to(identity, "config", is_photo ? to_json(run.config) : to_json(run.multimodal_config));
  if (!run.modalities.tensors.empty()) {
    add_to(identity, "tensors", describe_tensor_sources(run));
  } else if (!is_photo) {
    add_to(identity, "modalities", describe_sources(run.modalities));
  }
}

/// How weights are moved, epoch after epoch.
void describe_steps(const TrainingOptions& o, Identity& identity) {
  constexpr const char* kSchedule[] = {"constant", "cosine", "plateau", "astrom3"};
  constexpr const char* kSelect[] = {"loss", "accuracy", "macro_f1", "last"};
  add_to(identity, "epochs", o.epochs);
  add_to(identity, "epoch_objects", o.epoch_objects);
  add_to(identity, "batch_size", o.batch_size);
  add_to(identity, "learning_rate", o.learning_rate);
  add_to(identity, "warmup_epochs", o.warmup_epochs);
  add_to(identity, "schedule", kSchedule[static_cast<int>(o.schedule)]);
  add_to(identity, "plateau", fmt::format("factor={}; patience={}", o.plateau_factor, o.plateau_patience));
  add_to(identity, "stop_patience", o.stop_patience);
  add_to(identity, "select", kSelect[static_cast<int>(o.select)]);
  if (o.optimiser == Optimiser::adam) add_to(identity, "optimiser", "adam");
  if (o.beta1 != TrainingOptions{}.beta1) add_to(identity, "beta1", o.beta1);
  add_to(identity, "weight_decay", o.weight_decay);
  add_to(identity, "clip_norm", o.clip_norm);
  if (o.drop_last) add_to(identity, "drop_last", true);
}

std::string describe_views(const Augmentation& a) {
  return fmt::format("crop={}; noise={}; drop={}; time_shift={}; brightness={}; error_scale={}", a.crop,
                     a.noise, a.drop, a.time_shift, a.brightness, a.error_scale);
}

}  // namespace

const char* objective_name(TrainingObjective objective) noexcept {
  constexpr std::array kNames{"classify", "contrast", "clip"};
  return kNames[static_cast<std::size_t>(objective)];
}

std::string describe_copies(const Copies& c) {
  if (c.n == 0) return "none";
  return fmt::format("n={}; drop={}; span={}; noise={}; outliers={}; period={}", c.n, c.drop, c.span, c.noise,
                     c.outliers, c.period);
}

std::string split_digest(const TrainingOptions& options) {
  if (options.split.empty()) return "none";
  std::string text;
  for (const auto& [id, use] : options.split) {
    text += id;
    text += '\0';
    text += split_name(use);
    text += '\0';
  }
  Sha256 hash;
  hash.update(std::as_bytes(std::span<const char>(text)));
  return hash.finish_hex();
}

Identity describe_training(const TrainingRun& run, const std::string& data_key) {
  const TrainingOptions& o = run.options;
  const bool classify = o.objective == TrainingObjective::classify;
  Identity identity{{"astrom3_version", kVersion}, {"data", data_key}};
  const auto add = [&](const char* key, const auto& value) {
    identity.emplace_back(key, fmt::format("{}", value));
  };
  describe_start(run, identity);
  add("scaling", run.fit_scaling ? "fitted to the training objects" : to_json(run.object.scaling));
  add("objective", objective_name(o.objective));
  if (classify) add("head", o.head == HeadForm::pooled ? "pooled" : "free");
  describe_steps(o, identity);
  add("label_smoothing", o.label_smoothing);
  add("dropout", o.dropout ? fmt::format("{}", *o.dropout) : "config.json's");
  if (o.spectra_dropout) add("spectra_dropout", *o.spectra_dropout);
  if (o.metadata_dropout) add("metadata_dropout", *o.metadata_dropout);
  if (o.dropout_form == DropoutForm::upstream) add("dropout_form", "upstream");
  if (o.attention != Attention::full) add("attention", attention_name(o.attention));
  add("class_weights", class_weights_text(o));
  if (o.objective == TrainingObjective::contrast) add("temperature", o.temperature);
  if (o.objective == TrainingObjective::clip) add("clip_scale", o.clip_scale);
  add("split", fmt::format("test={}; validation={}", o.shares.test, o.shares.validation));
  add("split_table", split_digest(o));
  add("augmentation", describe_views(o.augmentation));
  add("copies", describe_copies(o.copies));
  if (o.refit_head) add("refit_head", true);
  if (o.out_of_class) add("out_of_class", true);
  if (classify) add("calibration", o.calibration == Calibration::temperature ? "temperature" : "none");
  add("dtype", o.dtype == WeightsDtype::f16 ? "f16" : "f32");
  add("name", o.name);
  add("seed", o.seed);
  return identity;
}

std::string metrics_csv(std::span<const EpochMetrics> epochs) {
  std::string out =
      "epoch,learning_rate,train_loss,train_accuracy,gradient_norm,validation_loss,validation_accuracy,"
      "validation_macro_f1,best\n";
  for (const EpochMetrics& e : epochs) {
    fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{},{},{},{}\n", e.epoch, cell(e.learning_rate),
                   cell(e.train_loss), cell(e.train_accuracy), cell(e.gradient_norm), cell(e.validation_loss),
                   cell(e.validation_accuracy), cell(e.validation_macro_f1), e.best ? 1 : 0);
  }
  return out;
}

std::string objects_csv(const std::vector<TrainingObject>& objects, const TrainingOptions& options) {
  std::string out = "object_id,class,split\n";
  for (const TrainingObject& object : objects) {
    append_csv_field(out, object.object_id);
    out += ',';
    append_csv_field(out, object.label);
    fmt::format_to(std::back_inserter(out), ",{}\n", split_name(use_of(object.object_id, options)));
  }
  return out;
}

std::optional<std::string> preprocessing_json(const TrainingModalities& modalities, const Scaling& scaling,
                                              const MetadataScaling& metadata) {
  const auto& used = modalities.used;
  if (!used[index_of(Modality::photo)] && !used[index_of(Modality::metadata)]) return std::nullopt;
  TensorScaling said;
  if (used[index_of(Modality::photo)]) said.photo = scaling;
  if (used[index_of(Modality::spectra)]) said.spectra = modalities.spectrum.grid;
  // Tensors may come without.
  if (used[index_of(Modality::metadata)] && !metadata.mean.empty()) said.metadata = metadata;
  return said.text();
}

std::string report_json(const TrainingSummary& summary) {
  JsonWriter json(JsonLayout::block);
  json.begin_object().member("astrom3_version", kVersion).member("model_sha256", summary.sha256);
  json.member("best_epoch", summary.best_epoch).member("temperature", summary.temperature);
  json.key("classes").array(summary.class_names);
  json.key("train").begin_object().member("objects", summary.n_train).end();
  write(json.key("validation"), summary.validation, summary.class_names);
  write(json.key("test"), summary.test, summary.class_names);
  return json.end().take() + '\n';
}

}  // namespace astrom3::training
