// SPDX-License-Identifier: MIT
#include "astrom3/pipeline/encode_modalities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/sink.h"
#include "astrom3/tensor.h"
#include "base/atomic_file.h"
#include "base/joined.h"
#include "base/parallel_for.h"
#include "base/threads.h"
#include "formats/npy.h"
#include "formats/parquet.h"
#include "formats/safetensors.h"
#include "pipeline/tensor_file.h"
#include "pipeline/tensor_folder.h"
#include "pipeline/tensor_table.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

[[noreturn]] void fail(const fs::path& file, const std::string& tensor, std::string message) {
  throw Error(Diagnostic{
      .code = Status::bad_tensors, .file = file.string(), .column = tensor, .message = std::move(message)});
}

/// What a modality's tensor is called.
std::string tensor_name(const SafetensorsFile& file, Modality modality) {
  if (modality != Modality::photo) return std::string(modality_name(modality));
  return file.contains("photometry") || !file.contains("x_enc") ? "photometry" : "x_enc";
}

/// The tensors of a file, with the memory behind them.
struct Inputs {
  PerModality<std::vector<float>> values;
  std::vector<float> mask;
  std::size_t n_pixels = 0, n_objects = 0;
  PerModality<std::vector<bool>> absent{};  ///< of a folder

  ModalityTensors tensors() const {
    ModalityTensors out{.values = {}, .photo_mask = mask, .n_objects = n_objects, .n_pixels = n_pixels};
    std::copy(values.begin(), values.end(), out.values.begin());
    out.absent = absent;
    return out;
  }
};

/// Sizes behind the first of a modality's tensor; of spectra, the pixels are those of the file.
std::vector<std::int64_t> tail_of(const SafetensorsFile& file, const MultimodalConfig& config,
                                  Modality modality) {
  if (modality == Modality::photo) return {config.photo.seq_len, config.photo.enc_in};
  if (modality == Modality::metadata) return {config.metadata.input_dim};
  const auto& shape = file.at("spectra").shape();
  return {config.spectra.conv_channels.front(), shape.size() == 3 ? shape[2] : 0};
}

void read_photo_mask(const SafetensorsFile& file, const fs::path& path, const MultimodalConfig& config,
                     Inputs& inputs) {
  const std::string name = file.contains("photometry_mask") ? "photometry_mask" : "mask";
  inputs.mask = read_float_tensor(file, path, name, {config.photo.seq_len});
  const std::size_t n = inputs.values[index_of(Modality::photo)].size() /
                        static_cast<std::size_t>(config.photo.seq_len * config.photo.enc_in);
  const std::size_t found = inputs.mask.size() / static_cast<std::size_t>(config.photo.seq_len);
  if (found != n) fail(path, name, fmt::format("is of {} objects, their light curves are {}", found, n));
}

/// A folder of preprocess_modalities().
Inputs read_folder(const fs::path& folder, const MultimodalConfig& config) {
  Inputs inputs;
  const std::vector<TensorRow> rows = read_tensor_rows(folder);
  inputs.n_objects = rows.size();
  for (const TensorRow& row : rows) {
    for (std::size_t m = 0; m < kModalityCount; ++m) inputs.absent[m].push_back(!row.has[m]);
  }
  bool has_any = false;
  const auto read = [&](Modality modality, const char* name, const std::vector<std::int64_t>& tail) {
    std::error_code error;
    if (!config.has(modality) || !fs::exists(folder / name, error)) return NpyArray{};
    has_any = true;
    return read_tensor_array(folder / name, inputs.n_objects, tail);
  };
  const std::int64_t n_steps = config.photo.seq_len;
  inputs.values[index_of(Modality::photo)] =
      read(Modality::photo, kTensorName, {n_steps, config.photo.enc_in}).values;
  inputs.mask = read(Modality::photo, kMaskName, {n_steps}).values;
  NpyArray spectra = read(Modality::spectra, kSpectraName, {config.spectra.conv_channels.front(), 0});
  if (spectra.shape.size() == 3) inputs.n_pixels = spectra.shape[2];
  inputs.values[index_of(Modality::spectra)] = std::move(spectra.values);
  inputs.values[index_of(Modality::metadata)] =
      read(Modality::metadata, kMetadataName, {config.metadata.input_dim}).values;
  if (inputs.mask.empty() != inputs.values[index_of(Modality::photo)].empty())
    fail(folder, {}, fmt::format("{} and {} go together", kTensorName, kMaskName));
  if (!has_any)
    fail(folder, {},
         fmt::format("nothing that a checkpoint of kind {} encodes", checkpoint_kind_name(config.kind)));
  return inputs;
}

/// Encoders see numbers only: those of another checkpoint would give embeddings that nothing gives away.
void require_scaling(const fs::path& folder, const MultimodalCheckpoint& checkpoint) {
  std::optional<Scaling> photo;
  if (checkpoint.config.has(Modality::photo)) photo = checkpoint.scaling.value_or(published_scaling());
  std::optional<MetadataScaling> metadata;
  const fs::path file = metadata_scaling_file(checkpoint);
  if (checkpoint.config.has(Modality::metadata) && !file.empty()) metadata = read_metadata_scaling(file);
  require_scaling(folder, photo, metadata);
}

/// A table like those of AstroM3Processed. Of longer light curves the middle steps are read.
Inputs read_table(const fs::path& path, const MultimodalConfig& config) {
  const TensorTableFacts facts = look_at_table(path, {}, false);
  TensorTableColumns columns{.used = {},
                             .id_column = {},
                             .n_pixels = facts.n_pixels,
                             .n_columns = static_cast<std::size_t>(config.metadata.input_dim)};
  for (const Modality modality : kModalities)
    columns.used[index_of(modality)] = config.has(modality) && facts.has[index_of(modality)];
  if (std::none_of(columns.used.begin(), columns.used.end(), [](bool used) { return used; }))
    fail(path, {},
         fmt::format("nothing that a checkpoint of kind {} encodes", checkpoint_kind_name(config.kind)));
  const auto n_steps = static_cast<std::size_t>(config.photo.seq_len);
  const auto n_channels = static_cast<std::size_t>(config.spectra.conv_channels.front());
  const PerModality<std::size_t> sizes{n_steps * kChannels, n_channels * facts.n_pixels, columns.n_columns};
  Inputs inputs;
  inputs.n_pixels = facts.n_pixels;
  TensorTable table(path, columns);
  for (TensorTableRow row; table.next(row); ++inputs.n_objects) {
    for (std::size_t m = 0; m < kModalityCount; ++m) {
      if (!columns.used[m]) continue;
      std::vector<float>& values = inputs.values[m];
      values.resize(values.size() + sizes[m]);
      inputs.absent[m].push_back(row.values[m].empty());
      const auto place = std::span(values).last(sizes[m]);
      if (m != index_of(Modality::photo)) {
        std::copy(row.values[m].begin(), row.values[m].end(), place.begin());
        continue;
      }
      inputs.mask.resize(inputs.mask.size() + n_steps);
      if (!row.values[m].empty()) place_rows(row.values[m], place, std::span(inputs.mask).last(n_steps));
    }
  }
  return inputs;
}

Inputs read_inputs(const fs::path& path, const MultimodalConfig& config) {
  std::error_code error;
  if (fs::is_directory(path, error)) return read_folder(path, config);
  if (is_parquet_file(path)) return read_table(path, config);
  const SafetensorsFile file = open_tensors(path);
  Inputs inputs;
  std::string first;
  for (const Modality modality : kModalities) {
    const std::string name = tensor_name(file, modality);
    if (!config.has(modality) || !file.contains(name)) continue;
    inputs.values[index_of(modality)] = read_float_tensor(file, path, name, tail_of(file, config, modality));
    if (modality == Modality::photo) read_photo_mask(file, path, config, inputs);
    if (modality == Modality::spectra) inputs.n_pixels = static_cast<std::size_t>(file.at(name).shape()[2]);
    const auto n = static_cast<std::size_t>(file.at(name).shape()[0]);
    if (first.empty()) inputs.n_objects = n;
    if (n != inputs.n_objects)
      fail(path, name, fmt::format("is of {} objects, {} of {}", n, first, inputs.n_objects));
    if (first.empty()) first = name;
  }
  if (first.empty()) {
    fail(path, {},
         fmt::format("nothing that a checkpoint of kind {} encodes; the file has: {}",
                     checkpoint_kind_name(config.kind), joined(file.names(), ", ")));
  }
  return inputs;
}

void embed_all(const ModalityTensors& tensors, const MultimodalEncoder& encoder, std::size_t n_threads,
               EncodedModalities& out) {
  for (const Modality modality : kModalities) {
    const std::span<const float> values = tensors.values[index_of(modality)];
    if (values.empty()) continue;
    const ModalityInput input{
        .modality = modality,
        .values = values,
        .mask = modality == Modality::photo ? tensors.photo_mask : std::span<const float>(),
        .n_pixels = modality == Modality::spectra ? tensors.n_pixels : 0};
    const std::size_t n = encoder.count(input);
    if (n != tensors.n_objects)
      throw Error(Status::usage,
                  fmt::format("{}: {} objects, expected {}", modality_name(modality), n, tensors.n_objects));
    std::vector<float>& embedding = out.embeddings[index_of(modality)];
    embedding.resize(n * encoder.embedding_size());
    std::vector<Status> status(n);
    encoder.embed(input, embedding, status, n_threads);
    const std::size_t width = encoder.embedding_size();
    for (std::size_t i = 0; i < n; ++i) {
      if (!tensors.has(modality, i)) {
        std::fill_n(embedding.begin() + static_cast<std::ptrdiff_t>(i * width), width, kNan);
      } else if (status[i] != Status::ok) {
        fail({}, std::string(modality_name(modality)),
             fmt::format("object {}: {}", i, status_meaning(status[i])));
      }
    }
  }
}

/// fused and logits: of an object without a modality that the fusion needs NaN, and nothing where all are so.
void fuse_all(const ModalityTensors& tensors, const MultimodalEncoder& encoder, EncodedModalities& out) {
  const std::size_t n = tensors.n_objects, n_classes = encoder.class_count();
  const std::size_t width = encoder.embedding_size(), fused_width = encoder.fused_size();
  out.fused.assign(n * fused_width, kNan);
  out.logits.assign(n * n_classes, kNan);
  bool has_any = false;
  for (std::size_t i = 0; i < n; ++i) {
    ObjectEmbeddings object{};
    for (const Modality modality : kModalities) {
      const std::size_t m = index_of(modality);
      object[m] = tensors.has(modality, i) ? out.embeddings[m].data() + i * width : nullptr;
    }
    const auto fused = std::span(out.fused).subspan(i * fused_width, fused_width);
    if (encoder.fuse(object, fused) != Status::ok) {
      std::fill(fused.begin(), fused.end(), kNan);
      continue;
    }
    has_any = true;
    if (n_classes > 0) encoder.classify(fused, std::span(out.logits).subspan(i * n_classes, n_classes));
  }
  if (has_any) return;
  out.fused.clear();
  out.logits.clear();
}

/// The scaled cosines of all pairs of objects, rows by the first modality of the pair.
std::vector<float> scaled_cosines(const std::vector<float>& rows, const std::vector<float>& columns,
                                  std::size_t n, float temperature, std::size_t n_threads) {
  std::vector<float> out(n * n);
  const std::size_t width = n == 0 ? 0 : rows.size() / n;
  parallel_for(n, n_threads, [&](std::size_t i, std::size_t) {
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < width; ++k)
        sum += static_cast<double>(rows[i * width + k]) * static_cast<double>(columns[j * width + k]);
      out[i * n + j] = static_cast<float>(static_cast<double>(temperature) * sum);
    }
  });
  return out;
}

/// What goes into the output file.
std::vector<FloatTensor> named_tensors(const EncodedModalities& out, const MultimodalEncoder& encoder,
                                       std::size_t n) {
  const auto count = static_cast<std::int64_t>(n);
  std::vector<FloatTensor> tensors;
  const auto add = [&](std::string name, std::size_t width, const std::vector<float>& values) {
    if (!values.empty())
      tensors.push_back({std::move(name), {count, static_cast<std::int64_t>(width)}, values});
  };
  for (const Modality modality : kModalities)
    add(std::string(modality_name(modality).substr(0, 1)) + "_emb", encoder.embedding_size(),
        out.embeddings[index_of(modality)]);
  add("fused", encoder.fused_size(), out.fused);
  add("logits", encoder.class_count(), out.logits);
  for (std::size_t p = 0; p < kModalityPairs.size(); ++p)
    add(fmt::format("logits_{}", kModalityPairs[p].name), n, out.pair_logits[p]);
  return tensors;
}

}  // namespace

EncodedModalities encode_modalities(const ModalityTensors& tensors, const MultimodalEncoder& encoder,
                                    std::size_t n_threads) {
  n_threads = resolve_threads(n_threads);
  EncodedModalities out;
  embed_all(tensors, encoder, n_threads, out);
  fuse_all(tensors, encoder, out);
  for (std::size_t p = 0; p < kModalityPairs.size(); ++p) {
    const ModalityPair& pair = kModalityPairs[p];
    const auto &rows = out.embeddings[index_of(pair.rows)], &columns = out.embeddings[index_of(pair.columns)];
    if (rows.empty() || columns.empty()) continue;
    out.pair_logits[p] =
        scaled_cosines(rows, columns, tensors.n_objects, encoder.temperature(pair), n_threads);
  }
  return out;
}

std::size_t encode_modalities(const fs::path& input, const MultimodalEncoder& encoder, std::size_t n_threads,
                              const Identity& identity, const fs::path& output) {
  std::error_code ignored;
  if (fs::is_directory(input, ignored)) require_scaling(input, encoder.checkpoint());
  const Inputs inputs = read_inputs(input, encoder.config());
  EncodedModalities out;
  try {
    out = encode_modalities(inputs.tensors(), encoder, n_threads);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.file = input.string();
    throw Error(std::move(diagnostic));
  }
  write_safetensors(output, named_tensors(out, encoder, inputs.n_objects), {identity.begin(), identity.end()},
                    Links::followed);
  return inputs.n_objects;
}

}  // namespace astrom3
