// SPDX-License-Identifier: MIT
#include "modality_inputs.h"

#include <fmt/format.h>

#include <set>

#include "file_claims.h"

namespace astrom3::cli {
namespace {

PickSpectrum pick_of(const std::string& word) {
  if (word == "first") return PickSpectrum::first;
  if (word == "last") return PickSpectrum::last;
  return word == "best-snr" ? PickSpectrum::best_snr : PickSpectrum::none;
}

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
  sources_.pick = pick_of(m_.pick);
  sources_.memory_bytes = a_.treatment.reading.memory_bytes;
  if (m_.spectra.empty()) return;
  std::vector<Diagnostic> warnings;
  sources_.spectra = light_curve_files(m_.spectra, a_.recursive, warnings);
  for (const Diagnostic& warning : warnings) print_warning(warning, a_.common.verbosity());
  if (!m_.pairs.empty()) sources_.pairs = read_pairs(m_.pairs);
}

std::filesystem::path ModalityInputs::find_scaling(const ModelInputs& model) const {
  if (!m_.metadata_scaling.empty()) return m_.metadata_scaling;
  std::error_code error;
  const std::filesystem::path stored = model.directory / "preprocessor_config.json";
  if (std::filesystem::exists(stored, error) && has_metadata_scaling(stored)) return stored;
  if (model.info) return *model.info;
  const std::filesystem::path beside = model.directory / "info.json";
  if (std::filesystem::exists(beside, error)) return beside;
  throw Error(Diagnostic{
      .code = Status::bad_scaling,
      .file = model.directory.string(),
      .message =
          "nothing says how the columns of metadata were standardised: a published checkpoint needs the "
          "info.json of the split that it was trained on",
      .hint = {"name it with {}", {{"metadata-scaling"}}}});
}

void ModalityInputs::open_metadata(const ModelInputs& model) {
  if (m_.metadata.empty()) return;
  scaling_file_ = find_scaling(model);
  MetadataScaling scaling = read_metadata_scaling(scaling_file_);
  const auto n = static_cast<std::int64_t>(scaling.columns.size());
  if (model.n_columns && n != *model.n_columns) {
    throw Error(Diagnostic{
        .code = Status::bad_scaling,
        .file = scaling_file_.string(),
        .message = fmt::format("has {} columns, the metadata encoder reads {}", n, *model.n_columns)});
  }
  metadata_ = std::make_unique<MetadataTable>(
      m_.metadata, std::move(scaling),
      MetadataOptions{.id_column = m_.metadata_id, .impute_mean = m_.impute == "mean"});
  for (const Diagnostic& warning : metadata_->warnings()) print_warning(warning, a_.common.verbosity());
  sources_.metadata = metadata_.get();
}

std::vector<std::filesystem::path> ModalityInputs::tables() const {
  std::vector<std::filesystem::path> tables;
  for (const std::string& table : {m_.metadata, scaling_file_.string(), m_.pairs}) {
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

PerModality<bool> wanted_modalities(const ModalityArguments& modalities, const MultimodalConfig* config) {
  if (modalities.modalities.empty()) return {true, true, true};
  PerModality<bool> wanted{};
  for (const std::string& name : modalities.modalities) {
    const Modality modality = parse_modality(name);
    if (config != nullptr && !config->has(modality))
      throw Error(Status::usage,
                  fmt::format("--modalities {0}: the checkpoint has no encoder of {0}: its kind "
                              "is {1}",
                              name, checkpoint_kind_name(config->kind)));
    wanted[index_of(modality)] = true;
  }
  return wanted;
}

}  // namespace astrom3::cli
