// SPDX-License-Identifier: MIT
#include "modality_options.h"

#include <fmt/format.h>

#include "file_claims.h"

namespace astrom3::cli {

void add_spectrum_options(Command& command, ModalityArguments& a) {
  GroupOfOptions options = command.options.in({"Spectra"});
  options.add_word("coverage", a.coverage, {"reject", "extend"},
                   "of less than 95 % of the model's wavelengths: reject, or extend: repeat the end values");
  options.add_word("spectrum-nonfinite", a.nonfinite, {"reject", "drop"},
                   "pixels that are NaN or infinite: reject the spectrum, or drop them and interpolate");
  options.add_word("wavelength-unit", a.wavelength_unit, wavelength_unit_names(),
                   "of wavelengths; file: as the file says, else Å");
  options.add_word("wavelengths", a.wavelengths, {"file", "vacuum", "air"},
                   "in vacuum or in air; file: as the file says, else vacuum");
  options.add("flux-scale", a.flux_scale,
              "multiply the flux, so that it is in 1e-17 erg/s/cm2/A; 0: by the unit the file says");
  options
      .add("spectrum-columns", a.columns,
           "columns by name or number: wavelength=..., flux=..., and ivar=... or error=...")
      .repeatable();
}

void add_modality_options(Command& command, ModalityArguments& a) {
  GroupOfOptions options = command.options.in({"Modalities"});
  options
      .add("spectra", a.spectra,
           "spectra: LAMOST, SDSS, DESI, Gaia XP, FITS with WCS, ECSV, CSV or text; files, quoted globs,\n"
           "@list.txt, directories with -r")
      .several();
  options.add("metadata", a.metadata, "catalogue with the columns of the checkpoint, a row an object");
  options.add("pairs", a.pairs,
              "table of object_id (of the light curve) and spectrum (file or name); else joined by name");
  options.add("modalities", a.modalities, "photo, spectra, metadata: which to embed (default: all there are)")
      .several();
  options.add_word("require", a.require, {"any", "all"},
                   "status is ok with any of the modalities, or only with all");
  options.add_word("pick", a.pick, {"none", "first", "last", "best-snr"},
                   "which of several spectra of one object; none: such an object has none");
  options.add("metadata-scaling", a.metadata_scaling,
              "info.json of the split the checkpoint was trained on (default: with the checkpoint)");
  options.add("metadata-id", a.metadata_id, "id column of the metadata");
  options.add_word("impute", a.impute, {"none", "mean"},
                   "a missing value of metadata: reject the row, or take the training mean and flag it");
  add_spectrum_options(command, a);
}

SpectrumReading spectrum_reading(const ModalityArguments& a) {
  SpectrumReading reading;
  reading.unit = parse_wavelength_unit(a.wavelength_unit);
  reading.air = a.wavelengths == "air";
  reading.has_flux_scale = a.flux_scale != 0;
  for (const std::string& text : a.columns) {
    const std::size_t equals = text.find('=');
    const std::string role = text.substr(0, equals),
                      name = equals == std::string::npos ? "" : text.substr(equals + 1);
    std::string* const place = role == "wavelength" ? &reading.wavelength_column
                               : role == "flux"     ? &reading.flux_column
                               : role == "ivar"     ? &reading.ivar_column
                               : role == "error"    ? &reading.error_column
                                                    : nullptr;
    if (place == nullptr || name.empty()) {
      throw Error(Status::usage, fmt::format("--spectrum-columns {}: expected wavelength=NAME, flux=NAME, "
                                             "ivar=NAME or error=NAME",
                                             escaped(text)));
    }
    *place = name;
  }
  if (!reading.ivar_column.empty() && !reading.error_column.empty())
    throw Error(Status::usage, "--spectrum-columns: ivar and error exclude each other");
  return reading;
}

SpectrumOptions spectrum_options(const ModalityArguments& a) {
  SpectrumOptions options;
  options.extend = a.coverage == "extend";
  options.drop_nonfinite = a.nonfinite == "drop";
  if (a.flux_scale != 0) options.flux_scale = a.flux_scale;
  if (!(options.flux_scale > 0) || options.flux_scale > 1e40)
    throw Error(Status::usage, fmt::format("--flux-scale {}: expected a number above 0", a.flux_scale));
  return options;
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
  check_inputs({checkpoint->weights_file, checkpoint->directory / "config.json"});
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
