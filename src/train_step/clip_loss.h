// SPDX-License-Identifier: MIT
//
// CLIP between every pair of modalities: the loss, its gradients, and how many objects find their own.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "astrom3/shared_space/modality.h"
#include "train_step/unit_rows.h"

namespace astrom3::train {

/// One number for each pair of kModalityPairs.
using PerPair = std::array<double, kModalityPairs.size()>;

struct ClipResult {
  double loss = 0;
  std::size_t correct = 0;  ///< objects that are their own likeliest, see clip_loss()
  PerPair pair_loss{};      ///< 0 where a side is absent
};

/// Sums over the pairs whose two modalities are there:
///
///   L = tau A B^T,  tau = clamp(exp(logit_scale), 1, 100),  loss = matched_pairs(L)
///   p = the mean over pairs of (softmax of the rows of L + softmax of the rows of L^T) / 2
///
/// and counts the objects i whose row of p is largest at i. sides: embeddings [n, width], empty where
/// a modality is absent. Gradients are written; that of a clamped logit_scale is 0. Source  Radford et
/// al. 2021; upstream's reported accuracy.
ClipResult clip_loss(const PerModality<UnitRows>& sides, std::size_t width, const PerPair& logit_scale,
                     PerModality<std::vector<double>>& unit_gradient, PerPair& scale_gradient);

}  // namespace astrom3::train
