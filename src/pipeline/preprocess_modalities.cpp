// SPDX-License-Identifier: MIT
#include "astrom3/pipeline/preprocess_modalities.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/sink.h"
#include "astrom3/tensor.h"
#include "base/atomic_file.h"
#include "base/joined.h"
#include "formats/npy.h"
#include "pipeline/modality_object.h"
#include "pipeline/modality_output.h"
#include "pipeline/modality_progress.h"
#include "pipeline/modality_stream.h"
#include "pipeline/reject_limits.h"
#include "pipeline/tensor_scaling.h"
#include "sink/file_sink.h"
#include "sink/identity.h"
#include "sink/output_folder.h"
#include "sink/output_paths.h"
#include "sink/output_text.h"

namespace astrom3 {
namespace {

/// The arrays of the modalities that a run has.
class TensorFolder final : public FileSink {
 public:
  TensorFolder(const std::filesystem::path& folder, bool force, const TensorSizes& sizes,
               const PerModality<bool>& are_there, const Identity& identity, const std::string& scaling)
      : sizes_(sizes),
        folder_(folder, force),
        objects_(folder_.path() / kObjectsName),
        meta_(folder_.path() / kMetaName),
        scaling_(folder_.path() / kScalingName) {
    const auto array = [&](Modality modality, const char* name, std::vector<std::size_t> shape) {
      if (are_there[index_of(modality)])
        arrays_.push_back({modality, name, NpyWriter(folder_.path() / name, std::move(shape))});
    };
    array(Modality::photo, kTensorName, {sizes.n_steps, kChannels});
    array(Modality::photo, kMaskName, {sizes.n_steps});
    array(Modality::spectra, kSpectraName, {3, sizes.n_pixels});
    array(Modality::metadata, kMetadataName, {sizes.n_columns});
    objects_.write("object_id,status,flags,modalities\n");
    meta_.write(identity_json(identity));
    scaling_.write(scaling);
  }

  void write(const Row&) override {}  // its rows are of another kind

  void add(const MultimodalRow& row) {
    std::vector<std::string> names;
    for (const Modality modality : row.modalities) names.emplace_back(modality_name(modality));
    std::string line;
    append_csv_field(line, row.object_id);
    line += ',';
    line += status_name(row.status);
    append_csv_field(line += ',', joined(row.flags, ";"));
    append_csv_field(line += ',', joined(names, ";"));
    objects_.write(line + '\n');
    for (Array& array : arrays_) {
      std::span<const float> values = row.embeddings[index_of(array.modality)];
      if (values.empty()) {
        array.writer.fill_row(0);
        continue;
      }
      const std::size_t n_values = sizes_.n_steps * kChannels;
      if (array.name == kTensorName) values = values.first(n_values);
      if (array.name == kMaskName) values = values.subspan(n_values);
      array.writer.write_row(values);
    }
  }

  void finish() override {
    for (Array& array : arrays_) array.writer.finish();
    objects_.finish();
    meta_.finish();
    scaling_.finish();
  }

  /// objects.csv is last: when it is there, all other files are.
  std::vector<AtomicFile*> files() override {
    std::vector<AtomicFile*> files;
    for (Array& array : arrays_) files.push_back(&array.writer.file());
    files.push_back(&meta_);
    files.push_back(&scaling_);
    files.push_back(&objects_);
    return files;
  }

  /// Arrays of an earlier run that this run did not write.
  std::vector<std::string> outdated_names() const override {
    std::vector<std::string> names;
    for (const char* const name : kArrayNames) {
      bool is_written = false;
      for (const Array& array : arrays_) is_written = is_written || array.name == name;
      if (!is_written) names.emplace_back(name);
    }
    return names;
  }

  void keep() override { folder_.keep(); }

 private:
  struct Array {
    Modality modality;
    std::string name;
    NpyWriter writer;
  };

  TensorSizes sizes_;
  OutputFolder folder_;
  AtomicFile objects_, meta_, scaling_;
  std::vector<Array> arrays_;
};

TensorScaling tensor_scaling_of(const ModalitySources& sources, const PerModality<bool>& are_there) {
  TensorScaling scaling;
  if (are_there[index_of(Modality::photo)]) scaling.photo = sources.object.scaling;
  if (are_there[index_of(Modality::spectra)]) scaling.spectra = sources.spectrum.grid;
  if (are_there[index_of(Modality::metadata)]) scaling.metadata = sources.metadata->scaling();
  return scaling;
}

}  // namespace

MultimodalSummary preprocess_modalities(const ModalitySources& sources, const TensorSizes& sizes,
                                        const MultimodalRequest& request, const std::filesystem::path& folder,
                                        bool force, const Identity& identity, const std::atomic<bool>* stop,
                                        const std::function<void(const RunProgress&)>& progress) {
  const StopScope scope(stop);
  const PerModality<bool> are_there{sources.light_curves != nullptr, !sources.spectra.empty(),
                                    sources.metadata != nullptr};
  MultimodalRequest wanted = request;
  for (std::size_t m = 0; m < kModalityCount; ++m)
    wanted.modalities[m] = wanted.modalities[m] && are_there[m];
  const TensorOutput output(sizes);
  TensorFolder out(folder, force, sizes, wanted.modalities, identity,
                   tensor_scaling_of(sources, wanted.modalities).text());
  RejectLog rejects(folder / kRejectsName);
  RunSummary summary;
  ModalityProgress shown(sources, progress);
  ModalityStream stream(sources, output, wanted, nullptr,
                        [&](std::uint64_t n_bytes) { shown.add_spectra(n_bytes, summary); });
  for (;;) {
    const std::vector<CountedRow> rows = stream.next(SIZE_MAX);
    if (rows.empty()) break;
    for (const CountedRow& counted : rows) {
      out.add(counted.row);
      counted.add_to(summary, &rejects);
      if (counted.row.status != Status::ok)
        check_reject_limits(request.limits, summary, counted.first_rejection());
    }
    shown.show(stream.light_curves(), summary);
  }
  check_reject_fraction(request.limits, summary);
  close_together(out, &rejects);
  return multimodal_summary(summary);
}

}  // namespace astrom3
