// SPDX-License-Identifier: MIT
#include "training/tensor_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/sink.h"
#include "astrom3/tensor.h"
#include "pipeline/tensor_folder.h"
#include "pipeline/tensor_table.h"
#include "training/object_cache.h"

namespace astrom3::training {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void bad_arrays(const fs::path& file, std::string message, const std::string& object_id = {}) {
  throw Error(Diagnostic{.code = Status::bad_tensors,
                         .file = file.string(),
                         .object_id = object_id,
                         .message = std::move(message)});
}

/// The code of that name; missing_modality for a text that is none.
Status status_called(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Status::internal); ++i) {
    if (status_name(static_cast<Status>(i)) == name) return static_cast<Status>(i);
  }
  return Status::missing_modality;
}

/// The arrays of a folder that a training uses.
struct FolderArrays {
  NpyArray x_enc, mask, spectra, metadata;
};

class Reading {
 public:
  explicit Reading(const TrainingRun& run) : run_(run), log_(&all_.rejects) {}

  TrainingObjects go() {
    for (const TensorSource& source : run_.modalities.tensors.sources)
      source.is_folder ? read_folder(source) : read_table(source);
    log_.close();
    all_.n_labels_met = met_.size();
    if (n_cropped_ > 0 && run_.options.augmentation.crop)
      all_.warnings.push_back(
          {.code = Status::usage,
           .file = run_.modalities.tensors.sources.front().path.string(),
           .message = fmt::format("{} light curves were cropped to {} observations when they were "
                                  "preprocessed: every epoch sees these, and draws from them alone",
                                  n_cropped_, run_.modalities.tensors.n_steps)});
    return std::move(all_);
  }

 private:
  bool uses(Modality modality) const { return run_.modalities.used[index_of(modality)]; }

  /// Gives the object its label; false where there is none, and it is left out.
  bool take_label(TrainingObject& object, const std::string& own, const fs::path& file) {
    const auto label = run_.labels.find(object.object_id);
    if (label != run_.labels.end()) {
      object.label = label->second;
      met_.insert(object.object_id);
    } else {
      object.label = own;
    }
    if (run_.options.objective != TrainingObjective::classify || !object.label.empty()) return true;
    ++all_.n_unlabelled;
    log_.write(Diagnostic{.code = Status::no_catalog_row,
                          .file = file.string(),
                          .object_id = object.object_id,
                          .message = "no label: nothing to learn from it"});
    return false;
  }

  void leave_out(const std::string& object_id, Modality modality, Status code, std::string message,
                 const fs::path& file) {
    const bool is_photo_alone = run_.modalities.is_photo_alone();
    ++(modality == Modality::photo && is_photo_alone ? all_.n_rejected : all_.n_incomplete);
    const Diagnostic reject{
        .code = code, .file = file.string(), .object_id = object_id, .message = std::move(message)};
    log_.write(reject);
    if (all_.first_rejects.size() < kFirstRejects) all_.first_rejects.push_back(reject);
  }

  // ---- folders ----

  FolderArrays read_arrays(const fs::path& folder, std::size_t n_objects) const {
    const TrainingTensors& tensors = run_.modalities.tensors;
    const auto n = [](std::size_t size) { return static_cast<std::int64_t>(size); };
    FolderArrays arrays;
    if (uses(Modality::photo)) {
      arrays.x_enc = read_tensor_array(folder / kTensorName, n_objects, {n(tensors.n_steps), kChannels});
      arrays.mask = read_tensor_array(folder / kMaskName, n_objects, {n(tensors.n_steps)});
    }
    if (uses(Modality::spectra))
      arrays.spectra = read_tensor_array(folder / kSpectraName, n_objects, {3, n(tensors.n_pixels)});
    if (uses(Modality::metadata))
      arrays.metadata = read_tensor_array(folder / kMetadataName, n_objects, {n(tensors.n_columns)});
    return arrays;
  }

  void read_folder(const TensorSource& source) {
    const std::vector<TensorRow> rows = read_tensor_rows(source.path);
    const FolderArrays arrays = read_arrays(source.path, rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      throw_if_stopped();
      const TensorRow& row = rows[i];
      if (row.object_id.empty())
        bad_arrays(source.path / kObjectsName, fmt::format("row {} has no id", i + 1));
      TrainingObject object;
      object.object_id = row.object_id;
      if (!take_label(object, {}, source.path) || !has_all(row, source.path)) continue;
      if (uses(Modality::photo)) {
        const std::size_t T = run_.modalities.tensors.n_steps;
        take_steps(std::span(arrays.x_enc.values).subspan(i * T * kChannels, T * kChannels),
                   std::span(arrays.mask.values).subspan(i * T, T), source.path / kTensorName, object);
        if (row.flags.find("cropped") != std::string::npos) ++n_cropped_;
      }
      object.spectrum = row_of(arrays.spectra, i);
      object.metadata = row_of(arrays.metadata, i);
      all_.objects.push_back(std::move(object));
    }
  }

  static std::vector<float> row_of(const NpyArray& array, std::size_t i) {
    if (array.shape.empty() || array.shape[0] == 0) return {};
    const std::size_t width = array.values.size() / array.shape[0];
    const auto begin = array.values.begin() + static_cast<std::ptrdiff_t>(i * width);
    return {begin, begin + static_cast<std::ptrdiff_t>(width)};
  }

  bool has_all(const TensorRow& row, const fs::path& folder) {
    for (const Modality modality : kModalities) {
      if (!uses(modality) || row.has[index_of(modality)]) continue;
      leave_out(row.object_id, modality, why_absent(row, modality),
                fmt::format("{} was not preprocessed", modality_name(modality)), folder / kObjectsName);
      return false;
    }
    return true;
  }

  /// As `flags` say it, "spectra:coverage", else as `status` does.
  static Status why_absent(const TensorRow& row, Modality modality) {
    const std::string begin = fmt::format("{}:", modality_name(modality));
    std::string_view rest = row.flags;
    while (!rest.empty()) {
      const std::string_view flag = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), flag.size() + 1));
      if (flag.starts_with(begin)) return status_called(flag.substr(begin.size()));
    }
    return row.status == "ok" ? Status::missing_modality : status_called(row.status);
  }

  /// The observed steps of a tensor, which come first; the rest must be zeros, as training has them.
  void take_steps(std::span<const float> x_enc, std::span<const float> mask, const fs::path& file,
                  TrainingObject& object) const {
    const auto n = static_cast<std::size_t>(std::find(mask.begin(), mask.end(), 0.0F) - mask.begin());
    const auto is_one = [](float v) { return v == 1.0F; };
    const auto is_zero = [](float v) { return v == 0.0F; };
    if (n == 0 || !std::all_of(mask.begin(), mask.begin() + static_cast<std::ptrdiff_t>(n), is_one) ||
        !std::all_of(mask.begin() + static_cast<std::ptrdiff_t>(n), mask.end(), is_zero))
      bad_arrays(file, "its mask is not ones and then zeros", object.object_id);
    const std::span<const float> padding = x_enc.subspan(n * kChannels);
    if (!std::all_of(padding.begin(), padding.end(), is_zero))
      bad_arrays(file,
                 "its rows of padding are not zeros, as training has them: preprocess with padding=zeros",
                 object.object_id);
    take_rows(x_enc.first(n * kChannels), file, object);
  }

  void take_rows(std::span<const float> rows, const fs::path& file, TrainingObject& object) const {
    constexpr std::size_t kFirstScalar = static_cast<std::size_t>(Channel::amplitude);
    for (std::size_t begin = 0; begin < rows.size(); begin += kChannels) {
      if (!std::equal(rows.begin() + kFirstScalar, rows.begin() + kChannels,
                      rows.begin() + static_cast<std::ptrdiff_t>(begin + kFirstScalar)))
        bad_arrays(file, "channels 3 to 8 differ between the rows of one light curve", object.object_id);
    }
    const auto scalar = [&](std::size_t i) { return static_cast<double>(rows[kFirstScalar + i]); };
    for (std::size_t i = 0; i < kFeatureCount; ++i) object.features[i] = scalar(i);
    object.is_standardised = true;
    object.log10_mad = scalar(kFeatureCount);
    object.delta_t = scalar(kFeatureCount + 1);
    object.observations = kept_observations(rows, run_.options.max_observations);
  }

  // ---- tables ----

  void read_table(const TensorSource& source) {
    const TrainingTensors& tensors = run_.modalities.tensors;
    TensorTable table(source.path, {.used = run_.modalities.used,
                                    .id_column = source.id_column,
                                    .labels = tensors.has_labels,
                                    .n_pixels = tensors.n_pixels,
                                    .n_columns = tensors.n_columns});
    TensorTableRow row;
    while (table.next(row)) {
      throw_if_stopped();
      TrainingObject object;
      object.object_id = source.id_column.empty()
                             ? fmt::format("{}/{}", source.prefix, source.first_row + table.row() - 1)
                             : row.object_id;
      if (!take_label(object, row.label, source.path)) continue;
      bool is_whole = true;
      for (const Modality modality : kModalities) {
        if (!is_whole || !uses(modality) || !row.values[index_of(modality)].empty()) continue;
        is_whole = false;
        leave_out(object.object_id, modality, Status::missing_modality,
                  fmt::format("{} is null or empty", tensor_column(modality)), source.path);
      }
      if (!is_whole) continue;
      if (uses(Modality::photo)) take_rows(row.values[index_of(Modality::photo)], source.path, object);
      const std::span<const float> spectrum = row.values[index_of(Modality::spectra)],
                                   metadata = row.values[index_of(Modality::metadata)];
      object.spectrum.assign(spectrum.begin(), spectrum.end());
      object.metadata.assign(metadata.begin(), metadata.end());
      all_.objects.push_back(std::move(object));
    }
  }

  const TrainingRun& run_;
  TrainingObjects all_;
  RejectLog log_;
  std::set<std::string> met_;
  std::size_t n_cropped_ = 0;
};

/// Steps that the encoder of light curves reads.
std::size_t steps_of(const TrainingRun& run) {
  const bool is_alone = run.modalities.is_photo_alone() && run.options.objective != TrainingObjective::clip;
  const auto& start = run.multimodal_start;
  const EncoderConfig& config = is_alone ? (run.start != nullptr ? run.start->config : run.config)
                                : start != nullptr && start->config.has(Modality::photo)
                                    ? start->config.photo
                                    : run.multimodal_config.photo;
  return static_cast<std::size_t>(config.seq_len);
}

void check_tensors(const TrainingRun& run) {
  const TrainingTensors& tensors = run.modalities.tensors;
  if (run.options.copies.n > 0)
    throw Error(Diagnostic{.code = Status::usage,
                           .option = "copies",
                           .message = "copies are made of light curves, and these are tensors"});
  for (const Modality modality : kModalities) {
    if (run.modalities.used[index_of(modality)] && !tensors.has[index_of(modality)])
      throw Error(Status::usage, fmt::format("the tensors hold no {}", modality_name(modality)));
  }
  const bool are_of_steps = run.modalities.used[index_of(Modality::photo)] && tensors.n_steps != 0;
  if (are_of_steps && tensors.n_steps != steps_of(run))
    throw Error(Diagnostic{
        .code = Status::bad_tensors,
        .file = (tensors.sources.front().path / kTensorName).string(),
        .message =
            fmt::format("light curves of {} steps, the encoder reads {}", tensors.n_steps, steps_of(run)),
        .hint = {"preprocess for this encoder, or give {} a configuration with that seq_len", {{"config"}}}});
}

}  // namespace

TrainingObjects read_tensor_objects(const TrainingRun& run, const std::atomic<bool>* stop) {
  check_tensors(run);
  try {
    const StopScope heeded(stop);
    return Reading(run).go();
  } catch (const Stopped&) {
    throw Error(Status::interrupted, "stopped while tensors were read");
  }
}

std::string describe_tensor_sources(const TrainingRun& run) {
  const TrainingTensors& tensors = run.modalities.tensors;
  const auto& used = run.modalities.used;
  std::string text;
  for (const Modality modality : kModalities) {
    if (used[index_of(modality)]) text += fmt::format("{};", modality_name(modality));
  }
  std::vector<fs::path> files;
  for (const TensorSource& source : tensors.sources) {
    if (!source.is_folder) {
      files.push_back(source.path);
      continue;
    }
    files.push_back(source.path / kObjectsName);
    const auto add = [&](Modality modality, const char* name) {
      if (used[index_of(modality)]) files.push_back(source.path / name);
    };
    add(Modality::photo, kTensorName);
    add(Modality::photo, kMaskName);
    add(Modality::spectra, kSpectraName);
    add(Modality::metadata, kMetadataName);
  }
  text += fmt::format(" files={}", hash_of_files(files));
  if (tensors.has_tables() && used[index_of(Modality::photo)])
    text += fmt::format("; max_observations={}", run.options.max_observations);
  if (used[index_of(Modality::metadata)])
    text += "; metadata_scaling=" + (run.modalities.metadata_scaling.mean.empty()
                                         ? std::string("unknown")
                                         : run.modalities.metadata_scaling.described());
  return text;
}

}  // namespace astrom3::training
