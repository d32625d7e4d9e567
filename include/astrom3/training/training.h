// SPDX-License-Identifier: MIT
//
// Training: makes a checkpoint from light curves, spectra and metadata, and from classes. It can be resumed,
// and gives the same bits with and without interruptions.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/classes/confusion.h"
#include "astrom3/classes/holdout.h"
#include "astrom3/classes/labels.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/catalog.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/source/source.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training_tensors.h"

namespace astrom3 {

std::string_view split_name(Split split) noexcept;

struct SplitShares {
  double test = kHoldoutFraction;
  double validation = 0.1;
};
Split split_of(std::string_view object_id, const SplitShares& shares);

/// Weight of a class with n of N training objects in K classes: none 1, sqrt (N / (K n))^(1/2), balanced
/// N / (K n); all scaled so that their mean over the objects is 1.
enum class ClassWeighting : std::uint8_t { none, sqrt, balanced };

/// The learning rate after the warm-up. constant; cosine: falls to 0 at the last step; plateau: is multiplied
/// by `plateau_factor` when the validation loss has not improved for more than `plateau_patience` epochs.
/// astrom3: as upstream: grows by epochs from 1e-5 of itself, and then is that of a plateau, which is judged
/// after the warm-up alone and by improvements of 1e-4 of the loss; `stop_patience` looks at the loss, too,
/// and counts the first epoch as one without improvement.
enum class LearningSchedule : std::uint8_t { constant, cosine, plateau, astrom3 };

/// Which epoch's weights are kept: the one with the smallest validation loss, the largest accuracy or
/// macro-F1 of the validation objects, or the last.
enum class EpochSelection : std::uint8_t { loss, accuracy, macro_f1, last };

/// Further copies of each training object, disturbed as other surveys would, whose features are measured
/// anew: what a change of the light curve does to the features is in them. Draws depend on (seed, object,
/// copy) alone; an epoch takes the light curve or one of its copies, each as often.
struct Copies {
  std::size_t n = 0;       ///< of each object
  double drop = 0.9;       ///< up to this share of the observations is left out: one by one, or in runs
  double span = 0.3;       ///< every second copy is of a stretch of time, this share of all at least
  double noise = 0.5;      ///< every second one: noise up to this many MAD, in flux and error
  double outliers = 0.03;  ///< every second one: up to this share lies 3 to 10 MAD off
  double period = 0.1;     ///< share of copies whose period is wrong: doubled, halved, or an alias of one day
};

/// How the scale of the probabilities is found. temperature: the logits are divided by the number that
/// minimises the cross-entropy of the validation objects (Guo et al. 2017, ICML, 1321); it is part of the
/// head's weights afterwards.
enum class Calibration : std::uint8_t { none, temperature };

/// How a light curve differs from epoch to epoch. Draws depend on (seed, epoch, object, view) alone.
struct Augmentation {
  bool crop = true;        ///< T observations in a row from anywhere; else from the centre
  double noise = 0;        ///< standard deviation of normal noise, in units of each observation's error
  double drop = 0;         ///< up to this share of the observations is left out, drawn anew for each object
  double time_shift = 0;   ///< the time channel is shifted by up to this much of the span, either way
  double brightness = 0;   ///< log10_mad is shifted by up to this, either way: 0.4 is a magnitude
  double error_scale = 1;  ///< all errors are multiplied by a factor from 1 / this to this
};

struct TrainingOptions {
  TrainingObjective objective = TrainingObjective::classify;
  HeadForm head = HeadForm::free;
  std::size_t epochs = 20;        ///< 0: the weights stay as they are, to fit head and temperature alone
  std::size_t epoch_objects = 0;  ///< training objects of an epoch, drawn anew for each; 0: all
  std::size_t batch_size = 32;
  double learning_rate = 5e-4;
  double warmup_epochs = 1;  ///< the learning rate grows linearly from 0
  LearningSchedule schedule = LearningSchedule::plateau;
  double plateau_factor = 0.5;
  std::size_t plateau_patience = 3;
  std::size_t stop_patience = 10;  ///< epochs without improvement that end the training; 0: never
  EpochSelection select = EpochSelection::loss;
  Optimiser optimiser = Optimiser::adamw;
  double beta1 = 0.9;
  double weight_decay = 0.01;
  double clip_norm = 1;
  bool drop_last = false;  ///< batches of exactly batch_size: the objects that are left over wait an epoch
  double label_smoothing = 0;
  std::optional<double> dropout;                            ///< of the photo encoder; none: config.json's
  std::optional<double> spectra_dropout, metadata_dropout;  ///< likewise
  DropoutForm dropout_form = DropoutForm::ours;
  /// Of the photo encoder. probsparse draws its keys anew in every step, as upstream; validation and what is
  /// written at the end have its exact form.
  Attention attention = Attention::full;
  ClassWeighting class_weighting = ClassWeighting::none;
  std::map<std::string, double>
      class_weights;         ///< a class that is not here has 1; used instead of class_weighting
  double temperature = 0.1;  ///< of the contrastive objective
  double clip_scale =
      1 / 0.07;  ///< clip: what cosines are multiplied by at the start; learnt, within [1, 100]
  SplitShares shares;
  std::map<std::string, Split, std::less<>> split;  ///< of objects by id; comes before the shares
  Augmentation augmentation;
  Copies copies;
  bool refit_head = false;    ///< the head is fitted anew at the end: see train_checkpoint()
  bool out_of_class = false;  ///< likewise
  Calibration calibration = Calibration::none;
  WeightsDtype dtype = WeightsDtype::f32;
  std::size_t max_observations = 1000;  ///< how many of a light curve are kept, around its centre; at least T
  std::string name{};                   ///< of the checkpoint, written into its metadata; may be empty
  std::uint64_t seed = 0;
  std::size_t n_threads = 0;  ///< 0: all this process may use. No result depends on it
};

/// What a training sees objects by, and where spectra and metadata are.
struct TrainingModalities {
  PerModality<bool> used{true, false, false};  ///< an object without one of these is left out
  std::vector<std::filesystem::path> spectra;
  SpectrumReading reading;
  SpectrumOptions spectrum;
  PickSpectrum pick = PickSpectrum::none;
  std::map<std::string, std::string, std::less<>> pairs;  ///< as ModalitySources::pairs
  std::filesystem::path metadata;                         ///< a table, as MetadataTable reads it
  std::string metadata_id;
  /// Columns and their transforms; mean and std, too, unless they are fitted to the training objects.
  MetadataScaling metadata_scaling;
  bool fit_metadata_scaling = true;
  /// In the place of light curves, spectra and metadata, if not empty: standardised already, so that nothing
  /// is fitted, and `metadata_scaling` and TrainingRun::object.scaling say how.
  TrainingTensors tensors;

  /// Light curves alone, which are trained without a shared space.
  bool is_photo_alone() const { return used == PerModality<bool>{true, false, false}; }
};

/// The inputs of a training, its start and its folder.
struct TrainingRun {
  std::vector<std::filesystem::path> files;
  SourceOptions reading;
  ObjectOptions object;     ///< its `scaling` is used if fit_scaling is false
  bool fit_scaling = true;  ///< fit the scaling to the training objects
  const Catalog* catalog = nullptr;
  std::filesystem::path catalog_file;       ///< where `catalog` comes from
  Labels labels;                            ///< classify: objects without a label are left out, and counted
  std::shared_ptr<const Checkpoint> start;  ///< null: random weights of `config`
  EncoderConfig config;
  /// In the place of the two above where `modalities` are others than photo alone. The kind is that of the
  /// configuration; a start may hold more modalities than are used.
  std::shared_ptr<const MultimodalCheckpoint> multimodal_start;
  MultimodalConfig multimodal_config;
  TrainingModalities modalities;
  bool new_head = false;  ///< replace the head even if that of `start` knows every class
  TrainingOptions options;
  std::filesystem::path folder;
  bool resume = false;  ///< continue the run in the folder, or start it if there is none
  bool force = false;   ///< discard the run in the folder
};

/// One line of metrics.csv. Validation values are NaN where there are no validation objects.
struct EpochMetrics {
  std::size_t epoch = 0;                                         ///< from 1
  double learning_rate = 0;                                      ///< of its last step
  double train_loss = 0, train_accuracy = 0, gradient_norm = 0;  ///< means over the steps, with dropout
  double validation_loss = 0, validation_accuracy = 0, validation_macro_f1 = 0;
  bool best = false;  ///< the best epoch so far
};

/// How well a split's objects are classified.
struct Classified {
  ConfusionMatrix confusion;  ///< in the order of TrainingSummary::class_names
  double loss = 0;            ///< mean cross-entropy; NaN without objects
};

/// How far a training is. Reported on the calling thread, at most ten times a second and after every epoch.
struct TrainingProgress {
  std::uint64_t n_read = 0;  ///< light curves read; the rest is 0 while reading
  std::size_t epoch = 0, n_epochs = 0;
  std::size_t n_done = 0, n_objects = 0;                ///< of the epoch
  double loss = 0, accuracy = 0;                        ///< of the epoch so far
  const std::vector<EpochMetrics>* finished = nullptr;  ///< epochs so far, after every epoch; else null
};

struct TrainingSummary {
  std::vector<std::string> class_names;
  std::size_t n_train = 0, n_validation = 0, n_test = 0;
  std::size_t n_rejected = 0, n_unlabelled = 0;  ///< light curves, or what objects are seen by
  std::size_t n_incomplete = 0;                  ///< objects without one of the modalities
  std::size_t n_labels_unused = 0;               ///< labels without a light curve
  bool from_cache = false;
  bool head_kept = false;       ///< the head of `start` was kept
  std::size_t first_epoch = 1;  ///< of this call; more than 1 when resumed
  std::vector<EpochMetrics> epochs;
  std::size_t best_epoch = 0;
  Classified validation, test;  ///< classify: by the weights as written
  double temperature = 1;       ///< by which the logits were divided; 1 without calibration
  std::string sha256;           ///< of model.safetensors
  std::vector<Diagnostic> warnings;
  std::vector<Diagnostic> first_rejects;  ///< up to 10
};

/// Reads a table with object_id and, in a column as read_labels() finds it, train, validation or test. Throws
/// what read_labels() throws, and Error bad_catalog for another word.
std::map<std::string, Split, std::less<>> read_split(const std::filesystem::path& file,
                                                     const std::string& id_column = {});

/// The files of a training in `folder`.
std::vector<std::filesystem::path> training_files(const std::filesystem::path& folder);

/// Trains, and leaves in run.folder:
///
///   config.json, preprocessor_config.json, model.safetensors   the best epoch so far: a checkpoint
///   metrics.csv         one line per epoch
///   report.json         classify, at the end: both splits by the final weights, confusion matrices
///   objects.csv         object_id, class, split
///   rejects.jsonl       light curves left out, and why
///   run.json            everything that decides the result
///   state.safetensors   the state after the last finished epoch
///   cache.safetensors   the light curves cleaned, with their features
///
/// With `modalities.tensors` the objects are read from these, again when the training is resumed, and what is
/// written is, byte for byte, what a training on the files gives which they were made of, with the same
/// scaling, where no light curve is longer than the encoder's and the augmentation is without `brightness`.
/// Copies need light curves (Error usage).
///
/// With other modalities than photo alone the checkpoint is of kind spectra, metadata or shared. Spectra and
/// metadata are read again when the training is resumed.
///
/// With `refit_head` (classify, light curves alone, a pooled head) the head of the best epoch is replaced at
/// the end: by the logistic regression on the means of the training objects, of each as it is and of one view
/// as an epoch sees it, all with the same weight; of several penalties it has the one by which the validation
/// objects have the smallest cross-entropy.
///
/// With `out_of_class` (classify, light curves alone) the checkpoint tells how unlike its classes an object
/// is: OutOfClass, of the means of the training objects of one class each, and of all validation objects.
///
/// Whatever interrupts it, the same call with `resume` continues after the last finished epoch; the weights
/// are those of a run without an interruption. `stop` set from outside ends it with Error interrupted. Throws
/// Error no_input if there is too little to learn from; output_error if the folder holds another run (listing
/// the differences), is locked or not empty; and what reading, load_checkpoint() and writing throw.
TrainingSummary train_checkpoint(const TrainingRun& run, const std::atomic<bool>* stop = nullptr,
                                 const std::function<void(const TrainingProgress&)>& progress = {});

}  // namespace astrom3
