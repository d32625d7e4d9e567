// SPDX-License-Identifier: MIT
#include "modality_inputs.h"

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/catalog.h"
#include "astrom3/features/scaling.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/describe_run.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "file_claims.h"
#include "modality_options.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

/// What goes with one modality alone is refused where it would be ignored.
void check(const RunArguments& a, const ModalityArguments& m) {
  for (const std::string& name : m.modalities) (void)parse_modality(name);
  if (!m.pairs.empty() && (m.spectra.empty() || a.inputs.empty()))
    throw Error(Status::usage, "--pairs goes with light curves and --spectra");
  if (m.metadata.empty() && (!m.metadata_scaling.empty() || !m.metadata_id.empty() || m.impute != "none"))
    throw Error(Status::usage, "--metadata-scaling, --metadata-id and --impute go with --metadata");
  if (a.inputs.empty() && m.spectra.empty() && m.metadata.empty())
    throw Error(Status::usage, "nothing to embed: light curves, --spectra or --metadata are needed");
}

}  // namespace

ModalityInputs::ModalityInputs(const RunArguments& a, const ModalityArguments& m, const ModelInputs& model)
    : a_(a), m_(m), options_(run_options(a, Stage::tensor)) {
  check(a, m);
  open_light_curves(model);
  open_spectra();
  open_metadata(model);
}

void ModalityInputs::open_light_curves(const ModelInputs& model) {
  if (a_.inputs.empty()) return;
  std::vector<Diagnostic> warnings;
  light_curves_ = light_curve_files(a_.inputs, a_.recursive, warnings);
  for (const Diagnostic& warning : warnings) print_warning(warning, a_.common.verbosity());
  if (model.has_photo) {
    options_.object.tensor.n_steps = model.n_steps;
    const bool has_own = model.photo != nullptr && model.photo->scaling.has_value();
    const bool is_from_hub = a_.treatment.scaling == "checkpoint" && model.info && !has_own;
    options_.object.scaling = is_from_hub ? read_scaling(*model.info) : chosen_scaling(a_, model.photo);
  }
  if (!a_.catalog.empty()) {
    catalog_ = std::make_unique<Catalog>(
        Catalog::read(a_.catalog, a_.treatment.reading.id_column, options_.object.scaling.none));
    for (const Diagnostic& warning : catalog_->warnings()) print_warning(warning, a_.common.verbosity());
  }
  source_ = open_source(light_curves_, a_.treatment.reading);
  sources_.light_curves = source_.get();
  sources_.catalog = catalog_.get();
  sources_.object = options_.object;
}

void ModalityInputs::open_spectra() {
  sources_.reading = spectrum_reading(m_);
  sources_.spectrum = spectrum_options(m_);
  sources_.pick = picked_spectrum(m_);
  sources_.memory_bytes = a_.treatment.reading.memory_bytes;
  if (m_.spectra.empty()) return;
  std::vector<Diagnostic> warnings;
  sources_.spectra = light_curve_files(m_.spectra, a_.recursive, warnings);
  refuse_standard_input(sources_.spectra, "--spectra: spectra are not read from stdin");
  for (const Diagnostic& warning : warnings) print_warning(warning, a_.common.verbosity());
  if (!m_.pairs.empty()) sources_.pairs = read_pairs(m_.pairs);
}

void ModalityInputs::open_metadata(const ModelInputs& model) {
  if (m_.metadata.empty()) return;
  if (model.checkpoint == nullptr && m_.metadata_scaling.empty()) {
    throw Error(Diagnostic{.code = Status::bad_scaling,
                           .file = m_.metadata,
                           .message = "nothing says how the columns of metadata are standardised",
                           .hint = {"name it with {}", {{"metadata-scaling"}}}});
  }
  MetadataScaling scaling = model.checkpoint == nullptr
                                ? read_metadata_scaling(m_.metadata_scaling)
                                : metadata_scaling_of(*model.checkpoint, m_.metadata_scaling, model.info);
  metadata_ = std::make_unique<MetadataTable>(m_.metadata, std::move(scaling), metadata_options(m_));
  for (const Diagnostic& warning : metadata_->warnings()) print_warning(warning, a_.common.verbosity());
  sources_.metadata = metadata_.get();
}

std::vector<std::filesystem::path> ModalityInputs::tables() const {
  std::vector<std::filesystem::path> tables;
  for (const std::string& table :
       {m_.metadata, metadata_ == nullptr ? std::string() : metadata_->scaling().source, m_.pairs}) {
    if (!table.empty()) tables.emplace_back(table);
  }
  return tables;
}

std::size_t ModalityInputs::metadata_columns() const {
  return metadata_ == nullptr ? 0 : metadata_->scaling().columns.size();
}

std::vector<Diagnostic> ModalityInputs::take_warnings() {
  return source_ == nullptr ? std::vector<Diagnostic>{} : source_->take_warnings();
}

Identity ModalityInputs::with_light_curves(Identity identity) const {
  if (sources_.light_curves == nullptr) return identity;
  std::set<std::string> said;
  for (const auto& [key, value] : identity) said.insert(key);
  for (auto& entry : describe_run(nullptr, options_, a_.treatment.reading, a_.catalog)) {
    if (!said.contains(entry.first)) identity.push_back(std::move(entry));
  }
  return identity;
}

PerModality<bool> wanted_modalities(const ModalityArguments& modalities) {
  if (modalities.modalities.empty()) return {true, true, true};
  PerModality<bool> wanted{};
  for (const std::string& name : modalities.modalities) wanted[index_of(parse_modality(name))] = true;
  return wanted;
}

}  // namespace astrom3::cli
