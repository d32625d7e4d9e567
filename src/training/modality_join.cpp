// SPDX-License-Identifier: MIT
#include "training/modality_join.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/sink/sink.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "base/threads.h"
#include "pipeline/embedded_spectra.h"
#include "pipeline/spectra_by_name.h"
#include "training/data_split.h"
#include "training/object_cache.h"
#include "training/objects.h"

namespace astrom3::training {
namespace {

/// The scaling that leaves transformed columns as they are.
MetadataScaling unscaled(MetadataScaling scaling) {
  scaling.mean.assign(scaling.columns.size(), 0.0);
  scaling.std.assign(scaling.columns.size(), 1.0);
  return scaling;
}

MetadataTable open_table(const TrainingModalities& m, MetadataScaling scaling) {
  return MetadataTable(m.metadata, std::move(scaling), {.id_column = m.metadata_id, .impute_mean = false});
}

class Join {
 public:
  Join(const TrainingRun& run, TrainingObjects& all)
      : run_(run), m_(run.modalities), all_(all), log_(&rejects_) {}

  void go() {
    if (m_.used[index_of(Modality::spectra)]) {
      ModalitySources sources;
      sources.spectra = m_.spectra;
      sources.reading = m_.reading;
      sources.spectrum = m_.spectrum;
      spectra_ = prepare_spectra(sources, resolve_threads(run_.options.n_threads));
    }
    const SpectraByName by_name(spectra_, m_.pick);
    by_name_ = &by_name;
    if (m_.used[index_of(Modality::metadata)]) {
      table_.emplace(open_table(m_, unscaled(m_.metadata_scaling)));
      for (const Diagnostic& warning : table_->warnings()) all_.warnings.push_back(warning);
    }
    if (!m_.used[index_of(Modality::photo)]) list_objects();
    std::vector<TrainingObject> complete;
    for (TrainingObject& object : all_.objects) {
      throw_if_stopped();
      if (take_label(object) && join_spectrum(object) && has_metadata(object))
        complete.push_back(std::move(object));
    }
    all_.objects = std::move(complete);
    log_.close();
    all_.rejects += rejects_;
  }

 private:
  /// Spectra, or rows of the metadata, in their order; each id once.
  void list_objects() {
    std::set<std::string> met;
    const auto add = [&](const std::string& id) {
      if (!met.insert(id).second) return;
      TrainingObject object;
      object.object_id = id;
      const auto label = run_.labels.find(id);
      if (label != run_.labels.end()) object.label = label->second;
      if (!object.label.empty()) ++all_.n_labels_met;
      all_.objects.push_back(std::move(object));
    };
    if (m_.used[index_of(Modality::spectra)]) {
      for (const EmbeddedSpectrum& spectrum : spectra_) add(spectrum.object_id);
    } else {
      for (const std::string& id : table_->ids()) add(id);
    }
  }

  bool take_label(const TrainingObject& object) {
    if (run_.options.objective != TrainingObjective::classify || !object.label.empty()) return true;
    ++all_.n_unlabelled;
    log_.write(Diagnostic{.code = Status::no_catalog_row,
                          .object_id = object.object_id,
                          .message = "no label: nothing to learn from it"});
    return false;
  }

  bool join_spectrum(TrainingObject& object) {
    if (!m_.used[index_of(Modality::spectra)]) return true;
    const auto pair = m_.pairs.find(object.object_id);
    const auto found = by_name_->find(pair == m_.pairs.end() ? object.object_id : pair->second);
    if (!found) return leave_out(object, Status::missing_modality, "no spectrum has its name", {});
    if (found->several) return leave_out(object, Status::ambiguous, "several spectra have its name", {});
    const EmbeddedSpectrum& spectrum = spectra_[found->index];
    if (spectrum.status != Status::ok)
      return leave_out(object, spectrum.status, spectrum.message, spectrum.file);
    object.spectrum = spectrum.embedding;
    return true;
  }

  bool has_metadata(const TrainingObject& object) {
    if (!table_) return true;
    const MetadataRow* row = table_->find(object.object_id);
    const std::string file = m_.metadata.string();
    if (row == nullptr)
      return leave_out(object, Status::missing_modality, "no row of metadata has its id", file);
    return row->status == Status::ok || leave_out(object, row->status, row->message, file);
  }

  /// False, for the object is left out.
  bool leave_out(const TrainingObject& object, Status status, const std::string& message,
                 const std::string& file) {
    const Diagnostic reject{.code = status, .file = file, .object_id = object.object_id, .message = message};
    ++all_.n_incomplete;
    log_.write(reject);
    if (all_.first_rejects.size() < kFirstRejects) all_.first_rejects.push_back(reject);
    return false;
  }

  const TrainingRun& run_;
  const TrainingModalities& m_;
  TrainingObjects& all_;
  std::string rejects_;
  RejectLog log_;
  std::vector<EmbeddedSpectrum> spectra_;
  const SpectraByName* by_name_ = nullptr;
  std::optional<MetadataTable> table_;
};

/// Mean and standard deviation of the transformed columns of the training objects.
void fit(const TrainingRun& run, const TrainingObjects& all, MetadataScaling& scaling) {
  const MetadataTable table = open_table(run.modalities, unscaled(scaling));
  std::vector<const MetadataRow*> rows;
  for (const TrainingObject& object : all.objects) {
    if (use_of(object.object_id, run.options) == Split::train) rows.push_back(table.find(object.object_id));
  }
  const auto n = static_cast<double>(rows.size());
  scaling.mean.clear();
  scaling.std.clear();
  for (std::size_t c = 0; c < scaling.columns.size(); ++c) {
    double sum = 0, square = 0;
    for (const MetadataRow* row : rows) sum += static_cast<double>(row->x[c]);
    const double mean = rows.empty() ? 0 : sum / n;
    for (const MetadataRow* row : rows) square += std::pow(static_cast<double>(row->x[c]) - mean, 2);
    const double deviation = rows.empty() ? 0 : std::sqrt(square / n);
    scaling.mean.push_back(mean);
    scaling.std.push_back(deviation > 0 ? deviation : 1);
  }
  scaling.source = "training objects";
}

}  // namespace

void join_modalities(const TrainingRun& run, const std::atomic<bool>* stop, TrainingObjects& all) {
  try {
    const StopScope heeded(stop);
    Join(run, all).go();
  } catch (const Stopped&) {
    throw Error(Status::interrupted, "stopped while spectra and metadata were read");
  }
}

MetadataScaling standardise_objects(const TrainingRun& run, TrainingObjects& all) {
  MetadataScaling scaling = run.modalities.metadata_scaling;
  if (run.modalities.fit_metadata_scaling) fit(run, all, scaling);
  const MetadataTable table = open_table(run.modalities, scaling);
  for (TrainingObject& object : all.objects) {
    const MetadataRow& row = *table.find(object.object_id);
    if (row.status != Status::ok)
      throw Error(Diagnostic{.code = row.status,
                             .file = run.modalities.metadata.string(),
                             .object_id = object.object_id,
                             .message = row.message});
    object.metadata = row.x;
  }
  return scaling;
}

std::string describe_sources(const TrainingModalities& m) {
  std::string text;
  for (const Modality modality : kModalities) {
    if (m.used[index_of(modality)]) text += fmt::format("{};", modality_name(modality));
  }
  if (m.used[index_of(Modality::spectra)]) {
    text += fmt::format(
        " grid={}+{}*{}; coverage={}; extend={}; drop={}; flux_scale={}; unit={}; air={}; pick={};",
        m.spectrum.grid.start, m.spectrum.grid.step, m.spectrum.grid.size, m.spectrum.min_coverage,
        m.spectrum.extend, m.spectrum.drop_nonfinite, m.spectrum.flux_scale, static_cast<int>(m.reading.unit),
        m.reading.air, static_cast<int>(m.pick));
    text += fmt::format(" columns={},{},{},{}; files={};", m.reading.wavelength_column, m.reading.flux_column,
                        m.reading.ivar_column, m.reading.error_column, hash_of_files(m.spectra));
    for (const auto& [id, spectrum] : m.pairs) text += fmt::format(" {}:{}", id, spectrum);
  }
  if (m.used[index_of(Modality::metadata)]) {
    text += fmt::format(" id={}; table={}; columns=", m.metadata_id, hash_of_files({m.metadata}));
    for (std::size_t c = 0; c < m.metadata_scaling.columns.size(); ++c)
      text += fmt::format("{}:{},", m.metadata_scaling.columns[c],
                          transform_name(m.metadata_scaling.transforms[c]));
    text += m.fit_metadata_scaling ? " scaling=fitted" : " scaling=" + m.metadata_scaling.described();
  }
  return text;
}

}  // namespace astrom3::training
