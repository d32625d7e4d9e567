// SPDX-License-Identifier: MIT
//
// The training kernels of one instruction set by name; training.isa.cpp puts them into a TrainingTable.
#pragma once

#include "kernels/training.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void outer(const OuterArgs<float>& args);
void dropout(const DropoutArgs<float>& args);
void softmax(const SoftmaxArgs<float>& args);
void softmax_gradient(const SoftmaxGradientArgs<float>& args);
void norm(const NormArgs<float>& args);
void norm_gradient(const NormGradientArgs<float>& args);
void activate(const ActivateArgs<float>& args);

extern const TrainingTable<float> kTraining;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
