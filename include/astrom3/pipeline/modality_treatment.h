// SPDX-License-Identifier: MIT
//
// How spectra and metadata are read, treated and joined: the options that the command, C and Python have in
// common, beside those of light curves.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/base/option.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/spectrum/read_spectra.h"

namespace astrom3 {

namespace option_groups {
inline constexpr OptionGroup kModalities{"Modalities", ""};
inline constexpr OptionGroup kSpectra{"Spectra", ""};
}  // namespace option_groups

/// The values as they are written.
struct ModalityTreatment {
  std::vector<std::string> modalities;  ///< to be embedded; empty: all that the checkpoint has
  std::string require = "any";
  std::string pick = "none";
  std::string metadata_scaling;
  std::string metadata_id;
  std::string impute = "none";
  std::string coverage = "reject";
  std::string nonfinite = "reject";
  std::string wavelength_unit = "file";
  std::string wavelengths = "file";
  double flux_scale = 0;  ///< 0: by the unit that the file says
  std::vector<std::string> columns;
};

/// coverage, wavelength-unit, ...: how spectra are read and prepared.
void declare_spectrum_options(ModalityTreatment& treatment, OptionTable& table);
/// All of them.
void declare_options(ModalityTreatment& treatment, OptionTable& table);

/// Throws Error usage naming the option.
SpectrumReading spectrum_reading(const ModalityTreatment& treatment);
SpectrumOptions spectrum_options(const ModalityTreatment& treatment);
MetadataOptions metadata_options(const ModalityTreatment& treatment);
PickSpectrum picked_spectrum(const ModalityTreatment& treatment);

/// What the user can do about a spectrum that prepare_spectrum() refused; empty where there is nothing.
Hint hint_for_spectrum(Status status);

/// The modalities that are chosen, and whether all of them are required; nothing of the run. Throws Error
/// usage where one has no name that is known, or none of the checkpoint's encoders.
MultimodalRequest modality_request(const ModalityTreatment& treatment, const MultimodalEncoder& encoder);

/// The file that says how the metadata of a checkpoint were standardised, empty where there is none:
/// metadata_scaling_of() without `named`.
std::filesystem::path metadata_scaling_file(const MultimodalCheckpoint& checkpoint,
                                            const std::optional<std::filesystem::path>& downloaded = {});

/// How the metadata of a checkpoint were standardised: as `named` says; else preprocessor_config.json with
/// the key metadata beside the checkpoint; else `downloaded`, the info.json that came with it; else info.json
/// beside it. Throws Error bad_scaling where there is none, and where it has not as many columns as the
/// encoder reads.
MetadataScaling metadata_scaling_of(const MultimodalCheckpoint& checkpoint,
                                    const std::filesystem::path& named = {},
                                    const std::optional<std::filesystem::path>& downloaded = {});

}  // namespace astrom3
