// SPDX-License-Identifier: MIT
//
// What an output of embeddings of several modalities says of itself.
#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <vector>

#include "astrom3/base/version.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/preprocess_modalities.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/sink/sink.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "base/joined.h"

namespace astrom3 {
namespace {

std::string describe(const SpectrumOptions& o) {
  return fmt::format("grid={},{},{}; coverage={:g}{}; nonfinite={}; flux_scale={:g}", o.grid.start,
                     o.grid.step, o.grid.size, o.min_coverage, o.extend ? ",extend" : "",
                     o.drop_nonfinite ? "drop" : "reject", o.flux_scale);
}

std::string describe(const SpectrumReading& r) {
  return fmt::format("unit={}; wavelengths={}; columns={},{},{},{}",
                     wavelength_unit_names()[static_cast<std::size_t>(r.unit)], r.air ? "air" : "file",
                     r.wavelength_column, r.flux_column, r.ivar_column, r.error_column);
}

bool has_spectra(const ModalitySources& sources) {
  return !sources.spectra.empty() || !sources.spectra_in_memory.empty();
}

/// What decides the inputs of the encoders, for the identity.
std::string described_inputs(const ModalitySources& sources, const MultimodalRequest& request) {
  std::string text;
  if (sources.light_curves != nullptr) {
    const Scaling& scaling = sources.object.scaling;
    text += scaling.none ? "features=none;" : "features=";
    for (std::size_t i = 0; !scaling.none && i < kFeatureCount; ++i)
      text += fmt::format("{}{:a},{:a};", scaling.log10[i] ? "log10," : "", scaling.mean[i], scaling.std[i]);
  }
  if (has_spectra(sources)) text += describe(sources.spectrum) + ";";
  if (sources.metadata != nullptr) text += sources.metadata->scaling().described();
  for (const Modality modality : kModalities)
    text += request.modalities[index_of(modality)] ? modality_name(modality).substr(0, 1) : "-";
  return text;
}

void add_treatment(const ModalitySources& sources, Identity& identity) {
  if (has_spectra(sources)) {
    identity.emplace_back("spectra", describe(sources.spectrum));
    identity.emplace_back("spectra_reading", describe(sources.reading));
  }
  if (sources.metadata != nullptr) {
    identity.emplace_back("metadata_columns", joined(sources.metadata->origins(), "; "));
    identity.emplace_back("metadata_scaling", sources.metadata->scaling().described());
  }
}

}  // namespace

Identity describe_tensors(const ModalitySources& sources, const MultimodalRequest& request) {
  Identity identity{{"astrom3_version", kVersion}, {"require", request.require_all ? "all" : "any"}};
  add_treatment(sources, identity);
  return identity;
}

Identity describe_modalities(const ModalitySources& sources, const MultimodalEncoder& encoder,
                             const MultimodalRequest& request) {
  const MultimodalCheckpoint& checkpoint = encoder.checkpoint();
  Identity identity{{"astrom3_version", kVersion},
                    {"model_sha256", checkpoint.sha256},
                    {"model_identity", model_identity(encoder, described_inputs(sources, request))},
                    {"model_kind", std::string(checkpoint_kind_name(checkpoint.config.kind))},
                    {"model_config", deciding_config(checkpoint.config)},
                    {"model_trained", checkpoint.is_trained() ? "true" : "false"}};
  std::vector<std::string> names;
  for (const Modality modality : kModalities) {
    if (request.modalities[index_of(modality)] && encoder.has(modality))
      names.emplace_back(modality_name(modality));
  }
  identity.emplace_back("modalities", joined(names, ";"));
  identity.emplace_back("require", request.require_all ? "all" : "any");
  if (encoder.photo() != nullptr) {
    identity.emplace_back("attention", attention_name(encoder.photo()->attention().form));
    identity.emplace_back("precision", precision_name(encoder.photo()->precision()));
  }
  add_treatment(sources, identity);
  return identity;
}

}  // namespace astrom3
