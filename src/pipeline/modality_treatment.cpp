// SPDX-License-Identifier: MIT
#include "astrom3/pipeline/modality_treatment.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"

namespace astrom3 {
namespace {

[[noreturn]] void fail(const char* option, std::string message) {
  throw Error(Diagnostic{.code = Status::usage, .option = option, .message = std::move(message)});
}

}  // namespace

void declare_spectrum_options(ModalityTreatment& t, OptionTable& table) {
  GroupOfOptions options = table.in(option_groups::kSpectra);
  options.add_word("coverage", t.coverage, {"reject", "extend"},
                   "of less than 95 % of the model's wavelengths: reject, or extend: repeat the end values");
  options.add_word("spectrum-nonfinite", t.nonfinite, {"reject", "drop"},
                   "pixels that are NaN or infinite: reject the spectrum, or drop them and interpolate");
  options.add_word("wavelength-unit", t.wavelength_unit, wavelength_unit_names(),
                   "of wavelengths; file: as the file says, else Å");
  options.add_word("wavelengths", t.wavelengths, {"file", "vacuum", "air"},
                   "in vacuum or in air; file: as the file says, else vacuum");
  options
      .add("flux-scale", t.flux_scale,
           "multiply the flux, so that it is in 1e-17 erg/s/cm2/A; 0: by the unit the file says")
      .within(0, 1e40);
  options
      .add("spectrum-columns", t.columns,
           "columns by name or number: wavelength=..., flux=..., and ivar=... or error=...")
      .repeatable();
}

void declare_options(ModalityTreatment& t, OptionTable& table) {
  GroupOfOptions options = table.in(option_groups::kModalities);
  options.add("modalities", t.modalities, "photo, spectra, metadata: which to embed (default: all there are)")
      .several();
  options.add_word("require", t.require, {"any", "all"},
                   "status is ok with any of the modalities, or only with all");
  options.add_word("pick", t.pick, {"none", "first", "last", "best-snr"},
                   "which of several spectra of one object; none: such an object has none");
  options.add("metadata-scaling", t.metadata_scaling,
              "info.json of the split the checkpoint was trained on (default: with the checkpoint)");
  options.add("metadata-id", t.metadata_id, "id column of the metadata");
  options.add_word("impute", t.impute, {"none", "mean"},
                   "a missing value of metadata: reject the row, or take the training mean and flag it");
  declare_spectrum_options(t, table);
}

SpectrumReading spectrum_reading(const ModalityTreatment& t) {
  SpectrumReading reading;
  reading.unit = parse_wavelength_unit(t.wavelength_unit);
  reading.air = t.wavelengths == "air";
  reading.has_flux_scale = t.flux_scale != 0;
  for (const std::string& text : t.columns) {
    const std::size_t equals = text.find('=');
    const std::string role = text.substr(0, equals),
                      name = equals == std::string::npos ? "" : text.substr(equals + 1);
    std::string* const place = role == "wavelength" ? &reading.wavelength_column
                               : role == "flux"     ? &reading.flux_column
                               : role == "ivar"     ? &reading.ivar_column
                               : role == "error"    ? &reading.error_column
                                                    : nullptr;
    if (place == nullptr || name.empty())
      fail("spectrum-columns", fmt::format("expected wavelength=NAME, flux=NAME, ivar=NAME or error=NAME, "
                                           "found {}",
                                           escaped(text)));
    *place = name;
  }
  if (!reading.ivar_column.empty() && !reading.error_column.empty())
    fail("spectrum-columns", "ivar and error exclude each other");
  return reading;
}

SpectrumOptions spectrum_options(const ModalityTreatment& t) {
  SpectrumOptions options;
  options.extend = t.coverage == "extend";
  options.drop_nonfinite = t.nonfinite == "drop";
  if (t.flux_scale != 0) options.flux_scale = t.flux_scale;
  return options;
}

MetadataOptions metadata_options(const ModalityTreatment& t) {
  return {.id_column = t.metadata_id, .impute_mean = t.impute == "mean"};
}

PickSpectrum picked_spectrum(const ModalityTreatment& t) {
  if (t.pick == "first") return PickSpectrum::first;
  if (t.pick == "last") return PickSpectrum::last;
  return t.pick == "best-snr" ? PickSpectrum::best_snr : PickSpectrum::none;
}

MultimodalRequest modality_request(const ModalityTreatment& t, const MultimodalEncoder& encoder) {
  MultimodalRequest request;
  request.require_all = t.require == "all";
  if (!t.modalities.empty()) request.modalities = {};
  for (const std::string& name : t.modalities) {
    const Modality modality = parse_modality(name);
    if (!encoder.has(modality))
      fail("modalities", fmt::format("the checkpoint has no encoder of {}: its kind is {}", name,
                                     checkpoint_kind_name(encoder.config().kind)));
    request.modalities[index_of(modality)] = true;
  }
  return request;
}

std::filesystem::path metadata_scaling_file(const MultimodalCheckpoint& checkpoint,
                                            const std::optional<std::filesystem::path>& downloaded) {
  const std::filesystem::path stored = checkpoint.directory / kPreprocessorName;
  std::error_code error;
  if (std::filesystem::exists(stored, error) && has_metadata_scaling(stored)) return stored;
  if (downloaded) return *downloaded;
  const std::filesystem::path beside = checkpoint.directory / kInfoName;
  return std::filesystem::exists(beside, error) ? beside : std::filesystem::path{};
}

MetadataScaling metadata_scaling_of(const MultimodalCheckpoint& checkpoint,
                                    const std::filesystem::path& named,
                                    const std::optional<std::filesystem::path>& downloaded) {
  const std::filesystem::path file = named.empty() ? metadata_scaling_file(checkpoint, downloaded) : named;
  if (file.empty()) {
    throw Error(Diagnostic{
        .code = Status::bad_scaling,
        .file = checkpoint.directory.string(),
        .message = "nothing says how the columns of metadata were standardised: a published checkpoint needs "
                   "the info.json of the split that it was trained on",
        .hint = {"name it with {}", {{"metadata-scaling"}}}});
  }
  MetadataScaling scaling = read_metadata_scaling(file);
  const auto n = static_cast<std::int64_t>(scaling.columns.size());
  if (checkpoint.config.has(Modality::metadata) && n != checkpoint.config.metadata.input_dim) {
    throw Error(Diagnostic{.code = Status::bad_scaling,
                           .file = file.string(),
                           .message = fmt::format("has {} columns, the metadata encoder reads {}", n,
                                                  checkpoint.config.metadata.input_dim)});
  }
  return scaling;
}

}  // namespace astrom3
