// SPDX-License-Identifier: MIT
//
// The encoder's sizes, without and with padding to whole vectors. Padding holds zeros and changes no result.
#pragma once

#include <cstddef>

#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "base/aligned_buffer.h"

namespace astrom3 {

inline constexpr std::size_t kVectorLanes = 16;
inline constexpr std::size_t kKernelWidth = 3;  ///< the width of the token embedding's convolution
inline constexpr float kLayerNormEpsilon = 1e-5f;
inline constexpr std::size_t kProbeRows = 16;  ///< queries whose sparsity is measured together

struct EncoderSizes {
  std::size_t T, C, D, H, d_head, d_ff, layers, classes;
  std::size_t D_padded, head_padded, ff_padded, T_padded;
  std::size_t ff_stride;  ///< ff_padded and one cache line: rows that lie a power of two apart would use the
                          ///< same cache sets
  std::size_t heads_width;  ///< H * head_padded: all heads side by side, each of them padded
  std::size_t sampled;      ///< u of ProbSparse attention

  explicit EncoderSizes(const EncoderConfig& config, std::size_t n_classes)
      : T(static_cast<std::size_t>(config.seq_len)),
        C(static_cast<std::size_t>(config.enc_in)),
        D(static_cast<std::size_t>(config.d_model)),
        H(static_cast<std::size_t>(config.n_heads)),
        d_head(D / H),
        d_ff(static_cast<std::size_t>(config.d_ff)),
        layers(static_cast<std::size_t>(config.e_layers)),
        classes(n_classes),
        D_padded(round_up(D, kVectorLanes)),
        head_padded(round_up(d_head, kVectorLanes)),
        ff_padded(round_up(d_ff, kVectorLanes)),
        T_padded(round_up(T, kVectorLanes)),
        ff_stride(ff_padded + kVectorLanes),
        heads_width(H * head_padded),
        sampled(probsparse_count(config)) {}
};

}  // namespace astrom3
