// SPDX-License-Identifier: MIT
//
// astrom3 train: makes a checkpoint from light curves, spectra, metadata and classes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/classes/confusion.h"
#include "astrom3/classes/labels.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/catalog.h"
#include "astrom3/features/scaling.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "command_line.h"
#include "file_claims.h"
#include "outputs.h"
#include "plot.h"
#include "report.h"
#include "run_options.h"
#include "signals.h"
#include "table.h"
#include "train_arguments.h"
#include "training_line.h"

namespace astrom3::cli {
namespace {

void add_objective_options(Command& command, TrainArguments& a) {
  GroupOfOptions options = command.options.in({"Learning"});
  options.add_word("objective", a.objective, {"classify", "contrast", "clip"},
                   "classify; without labels contrast: two views of a star are moved together, or clip: its\n"
                   "modalities are moved together in a shared space");
  options.add_word("recipe", a.recipe, {"ours", "astrom3"},
                   "astrom3: upstream's options and numbers for what is trained, but those that are given");
  options.add_word(
      "head", a.head, {"free", "pooled"},
      "free: every step has weights of its own (upstream's head); pooled: all steps have the same weights,\n"
      "so that the head reads the mean");
}

void add_step_options(Command& command, TrainArguments& a) {
  GroupOfOptions options = command.options.in({"Learning"});
  TrainingOptions& o = a.options;
  options
      .add("epochs", o.epochs, "largest number of epochs; 0: head and temperature alone, of --from's weights")
      .within(0, 1000000);
  options.add("epoch-objects", o.epoch_objects, "training objects of an epoch, drawn anew for each; 0: all")
      .within(0, 1000000000);
  options.add("batch-size", o.batch_size, "objects in a training step").within(2, 65536);
  options.add("lr", o.learning_rate, "largest learning rate").above(0);
  options.add("warmup", o.warmup_epochs, "epochs in which the learning rate grows from 0 to --lr")
      .at_least(0);
  options.add_word("schedule", a.schedule, {"constant", "cosine", "plateau", "astrom3"},
                   "learning rate after the warm-up: constant, cosine (falls to 0) or plateau; astrom3: as\n"
                   "upstream, which warms up by epochs");
  options.add("plateau-factor", o.plateau_factor, "plateau: factor by which the learning rate is multiplied")
      .within(1e-3, 1.0);
  options.add("plateau-patience", o.plateau_patience,
              "plateau: epochs without a better validation loss, after which this is done");
  options.add("patience", o.stop_patience,
              "end the training after this many epochs without improvement; 0: never");
  options.add_word("select", a.select, {"loss", "accuracy", "macro_f1", "last"},
                   "the epoch whose weights are kept: that with the best validation loss, accuracy or "
                   "macro_f1; or the last");
  options.add_word(
      "optimiser", a.optimiser, {"adamw", "adam"},
      "adamw: weight decay of matrices by itself; adam: of all weights, as a part of the gradient");
  options.add("beta1", o.beta1, "decay of the mean of the gradients").within(0.0, 0.9999);
  options.add("weight-decay", o.weight_decay, "weight decay").at_least(0);
  options.add("clip", o.clip_norm, "largest norm of the gradient; 0: no limit").at_least(0);
  options.add("drop-last", o.drop_last, "batches of exactly --batch-size; what is left over waits an epoch");
}

void add_loss_options(Command& command, TrainArguments& a) {
  GroupOfOptions options = command.options.in({"Learning"});
  TrainingOptions& o = a.options;
  options.add("dropout", o.dropout, "dropout of the photo encoder (default: that of config.json)")
      .within(0, 0.999);
  options.add("spectra-dropout", o.spectra_dropout, "dropout of the flattened spectrum (default: likewise)")
      .within(0, 0.999);
  options.add("metadata-dropout", o.metadata_dropout, "dropout of the metadata encoder (default: likewise)")
      .within(0, 0.999);
  options.add_word(
      "dropout-form", a.dropout_form, {"ours", "upstream"},
      "upstream: tokens 0.1 whatever --dropout is, the result too, probabilities of attention never");
  options.add_word(
      "attention", a.attention, attention_names(),
      "of the photo encoder: full; probsparse, as upstream, whose keys are drawn anew in every step; or\n"
      "probsparse-exact, which draws none (default: that of --from, else full)");
  options
      .add("label-smoothing", o.label_smoothing,
           "share of the target probability that is spread over all classes")
      .within(0, 0.999);
  options.add("class-weights", a.class_weights,
              "weights of the classes: none, sqrt or balanced (by their frequencies), or CLASS=WEIGHT,...");
  options.add("refit-head", o.refit_head,
              "at the end the head is fitted anew, to each training object as it is and as an epoch sees it");
  options.add("out-of-class", o.out_of_class,
              "the checkpoint tells how unlike its classes an object is: a column of `classify`");
  options.add_word("calibration", a.calibration, {"none", "temperature"},
                   "temperature: at the end the logits are divided by what fits the validation objects best");
  options.add("temperature", o.temperature, "temperature of the contrastive objective").above(0);
  options.add("clip-scale", o.clip_scale, "clip: what cosines are multiplied by at the start; it is learnt")
      .within(1.0, 100.0);
}

void add_view_options(Command& command, TrainArguments& a) {
  GroupOfOptions options = command.options.in({"Views (drawn anew for every object and epoch)"});
  Augmentation& v = a.options.augmentation;
  options.add("no-crop", a.no_crop, "always take the centre of a long light curve, not a random crop");
  options
      .add("noise", v.noise,
           "noise added to the flux: its standard deviation, in units of each observation's error")
      .at_least(0);
  options.add("drop", v.drop, "leave out up to this share of the observations").within(0.0, 0.95);
  options
      .add("time-shift", v.time_shift,
           "shift the time channel by up to this share of the span, in either direction")
      .within(0.0, 1.0);
  options.add("brightness", v.brightness, "log10_mad moves by up to this, either way: 0.4 is a magnitude")
      .at_least(0);
  options.add("error-scale", v.error_scale, "all errors times a factor from 1 / this to this").at_least(1);
  options
      .add("max-observations", a.options.max_observations,
           "observations of a light curve that are kept, around its centre")
      .within(3, 1000000);
}

void add_copy_options(Command& command, TrainArguments& a) {
  GroupOfOptions options = command.options.in({"Copies (disturbed once, and measured anew)"});
  Copies& c = a.options.copies;
  options.add("copies", c.n, "of each training object; an epoch takes it or one of them").within(0, 100);
  options.add("copy-drop", c.drop, "up to this share of the observations is left out").within(0.0, 0.95);
  options.add("copy-span", c.span, "every second copy: a stretch of time, this share at least")
      .within(0.05, 1.0);
  options.add("copy-noise", c.noise, "every second copy: noise of up to this many MAD").at_least(0);
  options.add("copy-outliers", c.outliers, "every second copy: up to this share lies 3 to 10 MAD off")
      .within(0.0, 0.5);
  options.add("copy-period", c.period, "share of copies of a doubled, halved or aliased period")
      .within(0.0, 1.0);
}

void add_data_options(Command& command, TrainArguments& a) {
  GroupOfOptions options = command.options.in({"Training"});
  options.add("labels", a.labels, "tables with object_id and class; repeatable");
  options.add("o", a.run.output, "the folder to write: a checkpoint, metrics, the state of the training");
  options.add("from", a.from,
              "checkpoint to fine-tune: a directory, a .safetensors file, hf:REPO (default: random weights)");
  add_hub_options(command, a.run.model.hub);
  options.add("config", a.config, "config.json of a new network (default: the published sizes)");
  options.add("new-head", a.new_head, "replace the head even if it knows all classes");
  options.add("name", a.options.name, "name of the checkpoint, written into its metadata");
  options.add("seed", a.options.seed, "seed of everything random; equal seeds give equal bytes");
  options
      .add("holdout", a.options.shares.test,
           "share of the objects, chosen by their ids, that are used for the test only")
      .within(0.0, 0.95);
  options
      .add("validation", a.options.shares.validation,
           "share of the objects, chosen by their ids, that decide which epoch is kept and when to stop")
      .within(0.0, 0.95);
  options.add("split", a.split,
              "a table with object_id and train, validation or test; the rest by their ids");
  options.add_word("dtype", a.dtype, {"f32", "f16"},
                   "type of the numbers in the written weights: f32 or f16");
  options.add("force", a.run.force, "discard the training in the folder, and start anew");
  options.add("resume", a.run.resume, "continue the training in the folder, or start it if there is none");
  command.exclude("resume", "force");
  add_threads_option(command, a.run.threads);
}

template <typename Value>
Value named(const std::string& name, const std::map<std::string, Value>& values) {
  return values.at(name);
}

/// "EA=1,SR=3.5"
std::map<std::string, double> parse_class_weights(const std::string& text) {
  std::map<std::string, double> weights;
  std::istringstream pairs(text);
  for (std::string pair; std::getline(pairs, pair, ',');) {
    const std::size_t equals = pair.find('=');
    const std::optional<double> weight =
        equals == std::string::npos ? std::nullopt : number_of(std::string_view(pair).substr(equals + 1));
    if (equals == 0 || !weight || !(*weight > 0) || !std::isfinite(*weight)) {
      throw Error(Status::usage, fmt::format("--class-weights {}: expected none, sqrt, balanced or "
                                             "CLASS=WEIGHT,... with weights above 0",
                                             escaped(text)));
    }
    weights[pair.substr(0, equals)] = *weight;
  }
  return weights;
}

/// What each option alone cannot know.
void check_together(const TrainingOptions& o, const TrainArguments& a) {
  if (o.shares.test + o.shares.validation >= 1)
    throw Error(Status::usage, "--holdout and --validation leave nothing to train on");
  if (o.schedule == LearningSchedule::astrom3 && o.warmup_epochs != std::floor(o.warmup_epochs))
    throw Error(Status::usage,
                fmt::format("--warmup {}: --schedule astrom3 warms up by whole epochs", o.warmup_epochs));
  const bool is_contrast = o.objective == TrainingObjective::contrast;
  if ((is_contrast && a.select == "accuracy") || (a.objective != "classify" && a.select == "macro_f1"))
    throw Error(Status::usage, fmt::format("--select {} needs classes", a.select));
  if (o.refit_head && (a.objective != "classify" || o.head != HeadForm::pooled || !a.is_photo_alone()))
    throw Error(Status::usage, "--refit-head needs classes, light curves alone and --head pooled");
  if (o.out_of_class && (a.objective != "classify" || !a.is_photo_alone()))
    throw Error(Status::usage, "--out-of-class needs classes, and light curves alone");
  if (o.epochs == 0 && a.from.empty()) throw Error(Status::usage, "--epochs 0 needs --from");
  if (o.objective != TrainingObjective::classify && o.calibration != Calibration::none)
    throw Error(Status::usage, "--calibration temperature needs classes");
}

TrainingOptions training_options(const TrainArguments& a) {
  TrainingOptions o = a.options;
  o.objective = named<TrainingObjective>(a.objective, {{"classify", TrainingObjective::classify},
                                                       {"contrast", TrainingObjective::contrast},
                                                       {"clip", TrainingObjective::clip}});
  o.optimiser = a.optimiser == "adam" ? Optimiser::adam : Optimiser::adamw;
  o.dropout_form = a.dropout_form == "upstream" ? DropoutForm::upstream : DropoutForm::ours;
  o.head = a.head == "pooled" ? HeadForm::pooled : HeadForm::free;
  o.schedule = named<LearningSchedule>(a.schedule, {{"constant", LearningSchedule::constant},
                                                    {"cosine", LearningSchedule::cosine},
                                                    {"plateau", LearningSchedule::plateau},
                                                    {"astrom3", LearningSchedule::astrom3}});
  o.select = named<EpochSelection>(a.select, {{"loss", EpochSelection::loss},
                                              {"accuracy", EpochSelection::accuracy},
                                              {"macro_f1", EpochSelection::macro_f1},
                                              {"last", EpochSelection::last}});
  const std::map<std::string, ClassWeighting> weightings{
      {"none", ClassWeighting::none}, {"sqrt", ClassWeighting::sqrt}, {"balanced", ClassWeighting::balanced}};
  if (const auto found = weightings.find(a.class_weights); found != weightings.end()) {
    o.class_weighting = found->second;
  } else {
    o.class_weights = parse_class_weights(a.class_weights);
  }
  o.augmentation.crop = !a.no_crop;
  if (!a.split.empty()) o.split = read_split(a.split, a.run.treatment.reading.id_column);
  if (a.calibration == "temperature") o.calibration = Calibration::temperature;
  o.dtype = a.dtype == "f16" ? WeightsDtype::f16 : WeightsDtype::f32;
  o.n_threads = thread_count(a.run.threads, a.run.common.verbosity());
  check_together(o, a);
  return o;
}

void check(const TrainArguments& a) {
  if (a.run.output.empty()) throw Error(Status::usage, "-o is needed: the folder of the training");
  if (a.objective == "classify" && a.labels.empty() && !a.found.has_labels)
    throw Error(Status::usage, "--labels is needed: a table with object_id and class",
                "--objective contrast and clip learn without");
  check_modalities(a);
  if (!a.from.empty() && !a.config.empty())
    throw Error(Status::usage, "--from and --config exclude each other: the checkpoint has its own sizes");
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const auto& given = a.run.treatment.object.overrides[i];
    if (given && given->standardised)
      throw Error(Status::usage,
                  fmt::format("--set {}=z:{}: training fits the scaling, so raw values are needed",
                              feature_name(static_cast<Feature>(i)), given->value));
  }
}

/// Where the weights begin, and the scaling: the checkpoint's own when fine-tuning, else fitted.
void choose_start(const TrainArguments& a, TrainingRun& run) {
  const Verbosity verbosity = a.run.common.verbosity();
  if (!a.is_photo_alone()) {
    choose_modalities(a, run);
  } else if (!a.from.empty()) {
    run.start = open_photo_start(a);
    run.config = run.start->config;
  } else if (!a.config.empty()) {
    std::vector<Diagnostic> warnings;
    run.config = read_encoder_config(a.config, warnings);
    for (const Diagnostic& warning : warnings) print_warning(warning, verbosity);
  }
  const Checkpoint* photo =
      run.multimodal_start != nullptr ? run.multimodal_start->photo.get() : run.start.get();
  if (!a.tensors.empty()) {
    choose_tensor_scaling(a, photo, run);
  } else {
    run.fit_scaling =
        a.run.treatment.scaling == "fit" || (a.run.treatment.scaling == "checkpoint" && photo == nullptr);
    if (!run.fit_scaling) run.object.scaling = chosen_scaling(a.run, photo);
  }
  const EncoderConfig& config = photo != nullptr     ? photo->config
                                : a.is_photo_alone() ? run.config
                                                     : run.multimodal_config.photo;
  run.options.max_observations =
      std::max(run.options.max_observations, static_cast<std::size_t>(config.seq_len));
  if (run.modalities.used[index_of(Modality::photo)]) run.options.attention = chosen_attention(a, photo);
}

std::string plot_of(const std::vector<EpochMetrics>& epochs) {
  CurvePlot plot{.title = "Training",
                 .x_label = "epoch",
                 .y_label = "loss (nats), accuracy, macro-F1",
                 .curves = {},
                 .marks = {}};
  const auto add = [&](const char* name, double EpochMetrics::*value) {
    Curve curve{.name = name, .points = {}};
    for (const EpochMetrics& e : epochs) {
      if (!std::isnan(e.*value)) curve.points.emplace_back(static_cast<double>(e.epoch), e.*value);
    }
    if (!curve.points.empty()) plot.curves.push_back(std::move(curve));
  };
  add("training loss", &EpochMetrics::train_loss);
  add("validation loss", &EpochMetrics::validation_loss);
  add("training accuracy", &EpochMetrics::train_accuracy);
  add("validation accuracy", &EpochMetrics::validation_accuracy);
  add("validation macro-F1", &EpochMetrics::validation_macro_f1);
  for (const EpochMetrics& e : epochs) {
    if (e.best) plot.marks = {{static_cast<double>(e.epoch), fmt::format("best: {}", e.epoch)}};
  }
  return svg_of(plot);
}

void say_before(const TrainingSummary& s, Verbosity verbosity) {
  for (const Diagnostic& warning : s.warnings) print_warning(warning, verbosity);
  for (const Diagnostic& reject : s.first_rejects) print_warning(reject, verbosity);
  if (s.n_rejected + s.n_unlabelled > 0)
    print_note(fmt::format("{} light curves were rejected, {} have no label: see rejects.jsonl", s.n_rejected,
                           s.n_unlabelled),
               verbosity);
  if (s.n_incomplete > 0)
    print_note(fmt::format("{} objects have not all of the modalities: see rejects.jsonl", s.n_incomplete),
               verbosity);
  if (s.n_labels_unused > 0)
    print_note(fmt::format("warning: {} labels belong to no light curve", s.n_labels_unused), verbosity);
}

std::string split_line(const char* name, const Classified& c) {
  const ConfusionMatrix& m = c.confusion;
  if (m.n_objects() == 0) return {};
  return fmt::format("; {} of {} objects: accuracy {:.4f}, macro-F1 {:.4f}", name, m.n_objects(),
                     m.accuracy(), m.macro_f1());
}

void say_after(const TrainingSummary& s, const TrainArguments& a) {
  const bool classify = a.objective == "classify";
  if (a.run.common.json) {
    std::vector<std::pair<std::string, Cell>> facts{
        {"output", a.run.output},
        {"sha256", s.sha256},
        {"best_epoch", static_cast<std::int64_t>(s.best_epoch)},
        {"epochs", static_cast<std::int64_t>(s.epochs.size())},
        {"train", static_cast<std::int64_t>(s.n_train)},
        {"validation", static_cast<std::int64_t>(s.n_validation)},
        {"test", static_cast<std::int64_t>(s.n_test)},
        {"rejected", static_cast<std::int64_t>(s.n_rejected)},
        {"unlabelled", static_cast<std::int64_t>(s.n_unlabelled)},
        {"incomplete", static_cast<std::int64_t>(s.n_incomplete)},
        {"from_cache", std::int64_t{s.from_cache ? 1 : 0}},
        {"head_kept", std::int64_t{s.head_kept ? 1 : 0}},
        {"first_epoch", static_cast<std::int64_t>(s.first_epoch)}};
    if (classify) {
      facts.emplace_back("temperature", measured(s.temperature));
      facts.emplace_back("validation_accuracy", measured(s.validation.confusion.accuracy()));
      facts.emplace_back("validation_macro_f1", measured(s.validation.confusion.macro_f1()));
      facts.emplace_back("test_accuracy", measured(s.test.confusion.accuracy()));
      facts.emplace_back("test_macro_f1", measured(s.test.confusion.macro_f1()));
    }
    write_output("-", to_text({}, TableFormat::json, facts));
    return;
  }
  std::string text = fmt::format("{} written, sha256 {}: epoch {} of {}", a.run.output, s.sha256,
                                 s.best_epoch, s.epochs.size());
  if (classify && a.calibration == "temperature") text += fmt::format("; temperature {:.4f}", s.temperature);
  if (classify) text += split_line("validation", s.validation) + split_line("test", s.test);
  print_note(text, a.run.common.verbosity());
}

int run_train(const TrainArguments& a) {
  check(a);
  const Verbosity verbosity = a.run.common.verbosity();
  TrainingRun run;
  for (const std::string& file : a.labels)
    merge_labels(run.labels, read_labels(file, a.run.treatment.reading.id_column));
  run.options = training_options(a);
  run.reading = a.run.treatment.reading;
  run.object = object_options(a.run);
  run.new_head = a.new_head;
  run.folder = a.run.output;
  run.resume = a.run.resume;
  run.force = a.run.force;
  run.modalities.tensors = a.found;
  run.options.split.insert(a.found.split.begin(), a.found.split.end());  // behind --split
  choose_start(a, run);
  std::vector<Diagnostic> warnings;
  if (!a.run.inputs.empty()) run.files = light_curve_files(a.run.inputs, a.run.recursive, warnings);
  refuse_standard_input(run.files, "a training could not be resumed from stdin");
  for (const Diagnostic& warning : warnings) print_warning(warning, verbosity);
  std::unique_ptr<Catalog> catalog;
  if (!a.run.catalog.empty()) {
    catalog =
        std::make_unique<Catalog>(Catalog::read(a.run.catalog, a.run.treatment.reading.id_column, false));
    run.catalog = catalog.get();
    run.catalog_file = a.run.catalog;
  }
  const std::string plot = (run.folder / "metrics.svg").string();
  TrainingLine line(verbosity);
  const TrainingSummary summary = train_checkpoint(run, &stop_requested(), [&](const TrainingProgress& p) {
    line.show(p);
    if (p.finished != nullptr) write_output(plot, plot_of(*p.finished));
  });
  write_output(plot,
               plot_of(summary.epochs));  // a run that was resumed after its last epoch had none to report
  say_before(summary, verbosity);
  say_after(summary, a);
  return summary.n_rejected + summary.n_incomplete == 0 ? 0 : exit_code(Status::too_many_rejects);
}

}  // namespace

void add_train(Command& astrom3) {
  auto arguments = std::make_shared<TrainArguments>();
  Command& command =
      astrom3.subcommand("train", "train or fine-tune a checkpoint on light curves, spectra, metadata");
  command.footer(
      "From the end of the first epoch on, the folder is a checkpoint: the best one so far. Whatever\n"
      "interrupts the training, the same command with --resume continues it, and the result is the same,\n"
      "byte for byte. Objects are split by the SHA-256 of their ids alone. The scaling of the features is\n"
      "fitted to the training objects; with --from, it is that of the checkpoint; with --tensors that of\n"
      "the tensors.");
  add_common_options(command, arguments->run.common);
  add_data_options(command, *arguments);
  add_objective_options(command, *arguments);
  add_step_options(command, *arguments);
  add_loss_options(command, *arguments);
  add_view_options(command, *arguments);
  add_copy_options(command, *arguments);
  add_training_modality_options(command, *arguments);
  add_optional_light_curve_options(command, arguments->run);
  add_feature_options(command, arguments->run);
  command.options.at("scaling").help(
      "scaling of the features: fit, checkpoint (that of --from; without --from, fit), published, none, or\n"
      "a preprocessor_config.json / info.json");
  command.writes([arguments] { return derived_outputs(training_files(arguments->run.output)); });
  command.writes_files_only();
  command.runs([arguments, &command] {
    look_at_tensors(*arguments, command.options);
    apply_recipe(*arguments, command.options);
    return run_train(*arguments);
  });
}

}  // namespace astrom3::cli
