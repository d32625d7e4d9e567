// SPDX-License-Identifier: MIT
#include "modality_options.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/bundled.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/hub/hub.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "command.h"
#include "command_line.h"
#include "file_claims.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {

void add_modality_options(Command& command, ModalityArguments& a) {
  GroupOfOptions options = command.options.in(option_groups::kModalities);
  options
      .add("spectra", a.spectra,
           "spectra: LAMOST, SDSS, DESI, Gaia XP, FITS with WCS, ECSV, CSV or text; files, quoted globs,\n"
           "@list.txt, directories with -r")
      .several();
  options.add("metadata", a.metadata, "catalogue with the columns of the checkpoint, a row an object");
  options.add("pairs", a.pairs,
              "table of object_id (of the light curve) and spectrum (file or name); else joined by name");
  declare_options(static_cast<ModalityTreatment&>(a), command.options);
}

namespace {

/// Where the files of --model are, downloaded where it is of the hub.
struct ModelPlace {
  std::filesystem::path path;
  std::string sha256;
  std::optional<std::filesystem::path> scaling;
};

ModelPlace find_model(const ModelArguments& model, Verbosity verbosity) {
  std::string name = model.model;
  if (name.empty()) {
    const auto found = default_model();
    if (!found) throw Error(Status::usage, "no checkpoint: --model is needed");
    name = found->model;
  }
  name = checkpoint_called(name);
  if (!name.starts_with("hf:")) return {.path = name, .sha256 = model.sha256, .scaling = {}};
  const HubCheckpoint found = fetch_model(name, model.hub, verbosity);
  return {.path = found.directory,
          .sha256 = model.sha256.empty() ? found.weights_sha256 : model.sha256,
          .scaling = found.scaling_file};
}

}  // namespace

CheckpointKind model_kind(const ModelArguments& model, Verbosity verbosity) {
  // What is no configuration is reported by what loads it, in its own words.
  try {
    return checkpoint_kind(find_model(model, verbosity).path, model.config);
  } catch (const Error& error) {
    if (error.code() == Status::bad_config || error.code() == Status::bad_model) return CheckpointKind::photo;
    throw;
  }
}

MultimodalModel open_multimodal_model(const ModelArguments& model, Verbosity verbosity) {
  const ModelPlace place = find_model(model, verbosity);
  auto checkpoint = load_multimodal_checkpoint(place.path, {.config = model.config,
                                                            .key_prefix = model.key_prefix,
                                                            .strict = model.strict,
                                                            .expected_sha256 = place.sha256});
  check_checkpoint(checkpoint->weights_file, checkpoint->directory, place.scaling);
  for (const Diagnostic& warning : checkpoint->warnings) print_warning(warning, verbosity);
  if (!checkpoint->is_trained())
    print_note("the checkpoint is untrained: the embeddings mean nothing", verbosity);
  return {.checkpoint = std::move(checkpoint), .info = place.scaling};
}

std::unique_ptr<MultimodalEncoder> open_multimodal_encoder(
    std::shared_ptr<const MultimodalCheckpoint> checkpoint, const AttentionArguments& a,
    const CommonOptions& common) {
  AttentionOptions attention;
  if (checkpoint->config.has(Modality::photo)) {
    const std::string trained = checkpoint->training_attention();
    attention =
        attention_options(a, a.form.empty() ? default_attention(*checkpoint) : parse_attention(a.form),
                          checkpoint->config.photo);
    if (attention.form == Attention::full && trained != "full") {
      print_warning(
          Diagnostic{.code = Status::usage,
                     .message = fmt::format("attention: full; the projection of photo was trained with "
                                            "{}, and gives other embeddings with it",
                                            escaped(trained))},
          common.verbosity());
    }
  }
  return std::make_unique<MultimodalEncoder>(std::move(checkpoint),
                                             EncoderOptions{.isa = chosen_isa(common),
                                                            .attention = std::move(attention),
                                                            .precision = parse_precision(a.precision)});
}

}  // namespace astrom3::cli
