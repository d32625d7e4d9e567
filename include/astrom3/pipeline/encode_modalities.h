// SPDX-License-Identifier: MIT
//
// Tensors of any modalities that are made already, through a checkpoint's encoders: in memory, or file to
// file.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/sink/sink.h"

namespace astrom3 {

/// The tensors of B objects, by modality; empty where there is none.
struct ModalityTensors {
  PerModality<std::span<const float>>
      values;                         ///< photo [B, T, 9], spectra [B, channels, N], metadata [B, columns]
  std::span<const float> photo_mask;  ///< [B, T]
  std::size_t n_objects = 0;          ///< B
  std::size_t n_pixels = 0;           ///< N
  /// [B] objects without the modality, whose values are not looked at; empty: all have it. What needs them is
  /// NaN.
  PerModality<std::vector<bool>> absent{};

  bool has(Modality modality, std::size_t object) const {
    const std::size_t m = index_of(modality);
    return !values[m].empty() && (absent[m].empty() || !absent[m][object]);
  }
};

/// What the encoders make of them; empty where it cannot be made.
struct EncodedModalities {
  PerModality<std::vector<float>> embeddings;  ///< [B, E]
  std::vector<float> fused;                    ///< [B, F]
  std::vector<float> logits;                   ///< [B, classes] of the fused embedding
  /// [B, B] of each pair of kModalityPairs: the cosines times their temperature
  std::array<std::vector<float>, kModalityPairs.size()> pair_logits;
};

/// Throws Error usage where sizes do not fit the checkpoint, or it has no such encoder; bad_tensors where an
/// object's embedding has no direction.
EncodedModalities encode_modalities(const ModalityTensors& tensors, const MultimodalEncoder& encoder,
                                    std::size_t n_threads = 0);

/// A safetensors file with any of photometry [B, T, 9] and photometry_mask [B, T] (also x_enc and mask),
/// spectra [B, channels, N] and metadata [B, columns], float32, that the checkpoint has encoders for, to a
/// safetensors file with, of each modality that is there,
///
///   p_emb, s_emb, m_emb [B, E]  the embedding
///   fused [B, F]                where they can be fused
///   logits [B, classes]         of the fused embedding, where there is a head
///   logits_ps, logits_sm, logits_mp [B, B]  the cosines of two modalities times their temperature
///
/// or a folder of preprocess_modalities(), or a Parquet table with the columns photometry (of whose rows the
/// middle T are read), spectra and metadata, as those of AstroM3Processed; in the outputs of both an object
/// is NaN where a modality is absent that the number needs;
///
/// and the identity as metadata: `astrom3 encode` with a checkpoint of spectra, metadata or the shared space.
///
/// Returns B. Throws Error bad_tensors naming tensor and index, where there is nothing to encode, and where
/// an object's embedding has no direction; output_error. All outputs are held in memory until they are
/// written.
std::size_t encode_modalities(const std::filesystem::path& input, const MultimodalEncoder& encoder,
                              std::size_t n_threads, const Identity& identity,
                              const std::filesystem::path& output);

}  // namespace astrom3
