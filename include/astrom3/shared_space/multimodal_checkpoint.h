// SPDX-License-Identifier: MIT
//
// Checkpoints of every published kind beside the photo encoder: spectra, metadata, and the shared space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/metadata_encoder/metadata_encoder.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"

namespace astrom3 {

/// Told by the keys of config.json.
///
/// photo, spectra, metadata  one encoder, with or without a head
/// shared                    all three, or the two that config.json's `modalities` (ours) names, with the
///                           projections into one space (CLIP); with a head of the fused embedding where
///                           config.json says `classification` (CLIP-all)
enum class CheckpointKind : std::uint8_t { photo, spectra, metadata, shared };

/// "photo", "spectra", "metadata", "shared".
std::string_view checkpoint_kind_name(CheckpointKind kind) noexcept;

/// How the embeddings of an object become one, which the head is given: their mean, which is not normalised
/// again, or one after the other in the order photo, spectra, metadata.
enum class Fusion : std::uint8_t { avg, concat };

struct MultimodalConfig {
  CheckpointKind kind = CheckpointKind::shared;
  bool classification = false;
  std::int64_t num_classes = 10;
  std::vector<std::string> class_names;  ///< empty: class_names() of checkpoint.h says what they are called
  std::int64_t hidden_dim = 512;         ///< of the shared space
  Fusion fusion = Fusion::avg;
  PerModality<bool> modalities{true, true, true};  ///< of kind shared: those it has, two at least
  EncoderConfig photo;                             ///< of kinds photo and shared, as the two below
  SpectraConfig spectra;
  MetadataConfig metadata;

  bool has(Modality modality) const noexcept;
};

/// Reads a config.json of any kind; unknown keys are reported in `warnings`. Throws Error bad_config.
MultimodalConfig read_multimodal_config(const std::filesystem::path& file, std::vector<Diagnostic>& warnings);

/// The kind of the checkpoint that --model names: a directory or a file, with config.json beside it or
/// `config`. Throws Error bad_config.
CheckpointKind checkpoint_kind(const std::filesystem::path& model, const std::filesystem::path& config = {});

/// The part of config.json that decides a number or the name of a class, as JSON on one line.
std::string deciding_config(const MultimodalConfig& config);

/// Immutable after loading; share it freely between threads.
struct MultimodalCheckpoint {
  std::filesystem::path directory;
  std::filesystem::path weights_file;
  MultimodalConfig config;
  std::shared_ptr<const Checkpoint> photo;  ///< the photo encoder's part; null where there is none
  TensorMap spectra;                        ///< the spectra encoder's part, names without prefix
  TensorMap metadata;                       ///< the metadata encoder's
  TensorMap space;                          ///< projections, temperatures, the head
  std::size_t spectra_positions =
      0;  ///< of the flattened spectrum, as the weights behind it say; 0: not said
  std::map<std::string, std::string> file_metadata;  ///< safetensors __metadata__
  std::optional<Scaling> scaling;                    ///< of the light curves' features
  std::string sha256;                                ///< of model.safetensors, lower-case hex
  std::string key_prefix;
  std::uint64_t parameter_count = 0;  ///< without the position buffer
  std::size_t tensor_count = 0;
  std::vector<std::string> extra_tensors;  ///< present, not used
  std::vector<Diagnostic> warnings;

  bool has_head() const noexcept { return config.classification; }
  bool is_trained() const;                 ///< false when metadata says `astrom3.trained = false`
  std::string training_attention() const;  ///< metadata `astrom3.attention`, else "probsparse"
};

/// Loads and validates a checkpoint of kind spectra, metadata or shared: a directory, or a `.safetensors`
/// file with config.json beside it. Nothing is trusted. Throws Error bad_model, bad_config or bad_scaling
/// naming file, tensor or JSON pointer; also where there is a head and `classification` is false, or the
/// other way round, and where the size of the flattened spectrum is none that any number of pixels gives.
std::shared_ptr<const MultimodalCheckpoint> load_multimodal_checkpoint(const std::filesystem::path& model,
                                                                       const CheckpointOptions& options = {});

}  // namespace astrom3
