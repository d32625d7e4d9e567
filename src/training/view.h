// SPDX-License-Identifier: MIT
//
// A light curve as the encoder sees it in one epoch: cropped, thinned, disturbed, scaled.
#pragma once

#include <span>

#include "base/random.h"
#include "training/objects.h"

namespace astrom3::training {

/// The random numbers of one look at one object: a function of its arguments alone.
Random view_random(std::uint64_t seed, std::size_t epoch, std::string_view object_id, std::size_t view);

/// Without augmentation: what build_tensor() gives for the light curve that `object` was made of.
///
/// x_enc [T, 9], mask [T]  written
void write_view(const TrainingObject& object, const Scaling& scaling, std::span<float> x_enc,
                std::span<float> mask);

/// With it, of `star` or one of its copies. Features, and the scale of the flux, stay those of the whole
/// light curve, but for what the augmentation names. `random` is used up.
void write_view(const TrainingObject& star, const Scaling& scaling, const Augmentation& augmentation,
                Random random, std::span<float> x_enc, std::span<float> mask);

}  // namespace astrom3::training
