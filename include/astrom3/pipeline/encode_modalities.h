// SPDX-License-Identifier: MIT
//
// Tensors of any modalities that are made already, through a checkpoint's encoders: file to file.
#pragma once

#include <cstddef>
#include <filesystem>

#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/sink/sink.h"

namespace astrom3 {

/// A safetensors file with any of photometry [B, T, 9] and photometry_mask [B, T] (also x_enc and mask),
/// spectra [B, channels, N] and metadata [B, columns], float32, that the checkpoint has encoders for, to a
/// safetensors file with, of each modality that is there,
///
///   p_emb, s_emb, m_emb [B, E]  the embedding
///   fused [B, F]                where they can be fused
///   logits [B, classes]         of the fused embedding, where there is a head
///   logits_ps, logits_sm, logits_mp [B, B]  the cosines of two modalities times their temperature
///
/// or a folder of preprocess_modalities(), in whose outputs an object is NaN where a modality is absent that
/// the number needs;
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
