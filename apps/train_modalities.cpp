// SPDX-License-Identifier: MIT
//
// train: what objects are seen by, where spectra and metadata come from, and where such a training begins.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/training/training.h"
#include "command_line.h"
#include "file_claims.h"
#include "modality_options.h"
#include "report.h"
#include "run_options.h"
#include "train_arguments.h"

namespace astrom3::cli {
namespace {

// Of new networks; the published ones were trained with about as much.
constexpr double kSpectraDropout = 0.3, kMetadataDropout = 0.2;

ModelArguments from_arguments(const TrainArguments& a) {
  return {
      .model = a.from, .config = {}, .key_prefix = {}, .sha256 = {}, .strict = false, .hub = a.run.model.hub};
}

CheckpointKind kind_of(const TrainArguments& a) {
  if (a.objective == "clip" || a.modality == "all") return CheckpointKind::shared;
  return a.modality == "spectra" ? CheckpointKind::spectra : CheckpointKind::metadata;
}

PerModality<bool> used_by(const TrainArguments& a) {
  if (a.objective == "clip" || a.modality == "all")
    return {a.gives(Modality::photo), a.gives(Modality::spectra), a.gives(Modality::metadata)};
  return {false, a.modality == "spectra", a.modality == "metadata"};
}

/// "phot_g_mean_mag:abs,pmra,b:sin"
MetadataScaling parse_columns(const std::string& text) {
  MetadataScaling scaling;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    const std::size_t colon = item.find(':');
    const std::string name = item.substr(0, colon),
                      word = colon == std::string::npos ? "" : item.substr(colon + 1);
    const Transform all[] = {Transform::plain, Transform::absolute, Transform::cosine, Transform::sine};
    const auto* const transform =
        std::find_if(std::begin(all), std::end(all), [&](Transform t) { return transform_name(t) == word; });
    const bool is_twice =
        std::find(scaling.columns.begin(), scaling.columns.end(), name) != scaling.columns.end();
    if (name.empty() || is_twice || transform == std::end(all) ||
        (colon != std::string::npos && word.empty()))
      throw Error(Status::usage,
                  fmt::format("--metadata-columns {}: expected NAME or NAME:abs, :cos or :sin, "
                              "each name once",
                              escaped(item)));
    scaling.columns.push_back(name);
    scaling.transforms.push_back(*transform);
  }
  return scaling;
}

/// Columns and scaling: what the user names, else those of --from, else the published columns.
void choose_metadata(const TrainArguments& a, TrainingRun& run) {
  TrainingModalities& m = run.modalities;
  m.metadata = a.modalities.metadata;
  m.metadata_id = a.modalities.metadata_id;
  std::filesystem::path file = a.modalities.metadata_scaling;
  const bool starts = run.multimodal_start != nullptr && run.multimodal_start->config.has(Modality::metadata);
  if (file.empty() && starts && a.metadata_columns.empty()) {
    const std::filesystem::path stored = run.multimodal_start->directory / kPreprocessorName;
    std::error_code error;
    if (std::filesystem::exists(stored, error) && has_metadata_scaling(stored)) file = stored;
  }
  if (!a.tensors.empty()) return choose_tensor_metadata(a, file, m);
  m.fit_metadata_scaling = file.empty();
  m.metadata_scaling = !file.empty()                ? read_metadata_scaling(file)
                       : a.metadata_columns.empty() ? published_metadata_columns()
                                                    : parse_columns(a.metadata_columns);
}

void choose_spectra(const TrainArguments& a, TrainingRun& run) {
  TrainingModalities& m = run.modalities;
  if (!a.tensors.empty()) {
    m.spectrum.grid.size = a.found.n_pixels;
    return;
  }
  std::vector<Diagnostic> warnings;
  m.spectra = light_curve_files(a.modalities.spectra, a.run.recursive, warnings);
  refuse_standard_input(m.spectra, "--spectra: spectra are not read from stdin");
  for (const Diagnostic& warning : warnings) print_warning(warning, a.run.common.verbosity());
  m.reading = spectrum_reading(a.modalities);
  m.spectrum = spectrum_options(a.modalities);
  m.pick = picked_spectrum(a.modalities);
  if (!a.modalities.pairs.empty()) m.pairs = read_pairs(a.modalities.pairs);
}

/// A photo encoder as a checkpoint of one modality.
std::shared_ptr<const MultimodalCheckpoint> as_multimodal(const std::shared_ptr<const Checkpoint>& photo) {
  auto out = std::make_shared<MultimodalCheckpoint>();
  out->directory = photo->directory;
  out->config.kind = CheckpointKind::photo;
  out->config.photo = photo->config;
  out->config.photo.classification = false;
  out->config.photo.class_names.clear();
  out->photo = photo;
  out->scaling = photo->scaling;
  out->sha256 = photo->sha256;
  return out;
}

void choose_start(const TrainArguments& a, TrainingRun& run) {
  const Verbosity verbosity = a.run.common.verbosity();
  if (a.from.empty()) return;
  const ModelArguments model = from_arguments(a);
  if (model_kind(model, verbosity) == CheckpointKind::photo) {
    run.multimodal_start = as_multimodal(open_model(model, verbosity));
  } else {
    run.multimodal_start = open_multimodal_model(model, verbosity).checkpoint;
  }
  const MultimodalConfig& config = run.multimodal_start->config;
  const bool shares = std::any_of(kModalities.begin(), kModalities.end(), [&](Modality modality) {
    return config.has(modality) && run.modalities.used[index_of(modality)];
  });
  if (!shares)
    throw Error(Status::usage,
                fmt::format("--from {}: a checkpoint of kind {} has no encoder that is trained here",
                            escaped(a.from), checkpoint_kind_name(config.kind)));
}

void choose_config(const TrainArguments& a, TrainingRun& run) {
  MultimodalConfig& config = run.multimodal_config;
  config.spectra.dropout_rate = kSpectraDropout;
  config.metadata.dropout = kMetadataDropout;
  if (!a.config.empty()) {
    std::vector<Diagnostic> warnings;
    config = read_multimodal_config(a.config, warnings);
    for (const Diagnostic& warning : warnings) print_warning(warning, a.run.common.verbosity());
    if (config.kind != kind_of(a))
      throw Error(Status::usage,
                  fmt::format("--config {}: is of kind {}, expected {}", escaped(a.config),
                              checkpoint_kind_name(config.kind), checkpoint_kind_name(kind_of(a))));
  }
  config.kind = kind_of(a);
  const auto n = std::count(run.modalities.used.begin(), run.modalities.used.end(), true);
  if (config.kind == CheckpointKind::shared && n < 3 && config.fusion == Fusion::concat)
    throw Error(Status::usage, "fusion \"concat\" needs all three modalities");
}

}  // namespace

void add_training_modality_options(Command& command, TrainArguments& a) {
  GroupOfOptions options = command.options.in({"Modalities"});
  options.add_word(
      "modality", a.modality, {"photo", "spectra", "metadata", "all"},
      "classify: what is trained; all: a shared space of light curves, --spectra and --metadata, or "
      "two of them");
  options
      .add("tensors", a.tensors,
           "in the place of files: folders of `preprocess`, or Parquet tables like those of\n"
           "AstroM3Processed and folders of them; of more modalities than are trained --modalities chooses")
      .several();
  add_modality_options(command, a.modalities);
  options.add(
      "metadata-columns", a.metadata_columns,
      "columns of a new metadata encoder: NAME or NAME:abs, :cos, :sin, separated by commas (default: the\n"
      "34 published ones)");
}

bool TrainArguments::gives(Modality which) const {
  if (!tensors.empty()) {
    const std::vector<std::string>& chosen = modalities.modalities;
    const bool is_chosen =
        chosen.empty() || std::find(chosen.begin(), chosen.end(), modality_name(which)) != chosen.end();
    return is_chosen && found.has[index_of(which)];
  }
  return which == Modality::photo     ? !run.inputs.empty()
         : which == Modality::spectra ? !modalities.spectra.empty()
                                      : !modalities.metadata.empty();
}

/// Of one modality: whether there is something of it, and nothing of another that would be ignored.
static void check_inputs_of_one(const TrainArguments& a) {
  if (a.objective == "clip" || a.modality == "all") return;
  const bool is_of_tensors = !a.tensors.empty();
  constexpr const char* kInputs[] = {"a light curve", "--spectra", "--metadata"};
  for (const Modality modality : kModalities) {
    const std::string what = is_of_tensors ? fmt::format("--tensors with {}", modality_name(modality))
                                           : kInputs[index_of(modality)];
    const bool is_needed = a.modality == modality_name(modality), is_given = a.gives(modality);
    if (is_needed && !is_given) throw Error(Status::usage, what + " is needed");
    if (!is_needed && is_given && !is_of_tensors)
      throw Error(Status::usage,
                  fmt::format("{} is given, but is not trained on: --modality {}", what, a.modality));
  }
}

void check_modalities(const TrainArguments& a) {
  const bool is_shared = a.objective == "clip" || a.modality == "all";
  const bool has_photo = a.gives(Modality::photo), has_spectra = a.gives(Modality::spectra),
             has_metadata = a.gives(Modality::metadata), is_of_tensors = !a.tensors.empty();
  if (a.objective == "clip" && a.modality != "photo")
    throw Error(Status::usage,
                "--modality goes with --objective classify; clip takes every modality that is given");
  if (a.objective == "contrast" && a.modality != "photo")
    throw Error(Status::usage, "--objective contrast is of light curves alone");
  if (is_shared && has_photo + has_spectra + has_metadata < 2)
    throw Error(Status::usage,
                is_of_tensors ? "a shared space needs two of the three: the tensors hold fewer"
                              : "a shared space needs two of the three: light curves, --spectra, --metadata");
  check_inputs_of_one(a);
  if ((!a.modalities.modalities.empty() && !is_of_tensors) || a.modalities.require != "any" ||
      a.modalities.impute != "none")
    throw Error(
        Status::usage,
        "--modalities, --require and --impute are not of training: an object needs all modalities that are "
        "given, and no value is filled in");
  if (!a.modalities.pairs.empty() && !(has_photo && has_spectra))
    throw Error(Status::usage, "--pairs goes with light curves and --spectra");
  if (!has_metadata && (!a.modalities.metadata_scaling.empty() || !a.modalities.metadata_id.empty() ||
                        !a.metadata_columns.empty()))
    throw Error(Status::usage, "--metadata-scaling, --metadata-id and --metadata-columns go with --metadata");
  if (!a.modalities.metadata_scaling.empty() && !a.metadata_columns.empty())
    throw Error(Status::usage, "--metadata-scaling and --metadata-columns exclude each other");
  if (!a.attention.empty() && !has_photo)
    throw Error(Status::usage, "--attention is that of the encoder of light curves, and there are none");
  if (a.head != "free" && !a.is_photo_alone())
    throw Error(Status::usage, "--head pooled is of light curves alone");
}

void choose_modalities(const TrainArguments& a, TrainingRun& run) {
  run.modalities.used = used_by(a);
  choose_config(a, run);
  choose_start(a, run);
  if (run.modalities.used[index_of(Modality::spectra)]) choose_spectra(a, run);
  if (run.modalities.used[index_of(Modality::metadata)]) choose_metadata(a, run);
}

Attention chosen_attention(const TrainArguments& a, const Checkpoint* photo) {
  const std::string trained =
      photo != nullptr && photo->is_trained() ? photo->training_attention() : std::string();
  const Attention form = parse_attention(!a.attention.empty() ? a.attention
                                         : trained.empty()    ? "full"
                                                              : trained);
  if (!trained.empty() && trained != attention_name(form))
    print_note(fmt::format("attention: {}; the checkpoint was trained with {}", attention_name(form),
                           escaped(trained)),
               a.run.common.verbosity());
  return form;
}

std::shared_ptr<const Checkpoint> open_photo_start(const TrainArguments& a) {
  const Verbosity verbosity = a.run.common.verbosity();
  const ModelArguments model = from_arguments(a);
  if (model_kind(model, verbosity) == CheckpointKind::photo) return open_model(model, verbosity);
  auto photo = open_multimodal_model(model, verbosity).checkpoint->photo;
  if (photo == nullptr)
    throw Error(Status::usage, fmt::format("--from {}: has no photo encoder", escaped(a.from)));
  return photo;
}

}  // namespace astrom3::cli
