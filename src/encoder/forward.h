// SPDX-License-Identifier: MIT
//
// The forward pass of one light curve, in the order of the layers.
#pragma once

#include <cstdint>
#include <span>

#include "astrom3/encoder/attention.h"
#include "encoder/packed_weights.h"
#include "encoder/padded_steps.h"
#include "encoder/sizes.h"
#include "encoder/workspace.h"
#include "kernels/kernels.h"

namespace astrom3 {

/// The data that every step of the forward pass needs.
struct Forward {
  const EncoderSizes& sizes;
  const PackedWeights& weights;
  const kernels::KernelTable& kernels;
  const kernels::Int8KernelTable* int8;  ///< null where the precision is float32
  kernels::Epilogue activation;          ///< between the two layers of the feed-forward block
  Attention attention;
  const PaddedSteps* padded;         ///< null where padding is computed like all other steps
  const std::uint32_t* key_samples;  ///< [layers, T, u]; null unless attention is probsparse
  Workspace& scratch;
};

/// The outputs of one light curve. An output whose span is empty is not computed.
struct ForwardOutput {
  std::span<float> mean;      ///< [D]
  std::span<float> sequence;  ///< [T, D]
  std::span<float> logits;    ///< [classes]
};

/// x_enc [T, C], mask [T]. Unless the sequence is asked for, rows that cannot change the mean and the logits
/// are not computed; mean and logits have the same bits in both cases. Throws Stopped between layers.
void run_forward(const Forward& forward, std::span<const float> x_enc, std::span<const float> mask,
                 const ForwardOutput& output);

/// Rows as a matrix product reads them: in float32, or in eight bits.
struct Rows {
  const float* x;
  std::size_t stride;
  std::size_t count;
  kernels::QuantisedRows bytes = {};  ///< int8 only
};

/// The rows x [count, width] with `stride` for apply_linear(). In int8 they are quantised into `bytes`.
Rows as_rows(const Forward& forward, const float* x, std::size_t stride, std::size_t count, std::size_t width,
             const kernels::QuantisedRows& bytes) noexcept;

/// y [rows, linear.n] = epilogue(x W^T + b). With y_stride 0, y is written in panels.
void apply_linear(const Forward& forward, const PackedLinear& linear, const Rows& x, float* y,
                  std::size_t y_stride, kernels::Epilogue epilogue = kernels::Epilogue::none) noexcept;

}  // namespace astrom3
