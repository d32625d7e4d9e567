// SPDX-License-Identifier: MIT
//
// Run-time choice of the table of kernels.
#pragma once

#include <cstddef>

#include "astrom3/isa.h"
#include "kernels/int8.h"
#include "kernels/kernels.h"
#include "kernels/training.h"

namespace astrom3::kernels {

/// The functions for `isa`, which the CPU must support.
const KernelTable& kernels(Isa isa) noexcept;

/// What training needs beside them.
const TrainingTable<float>& training_kernels(Isa isa) noexcept;

/// The functions in eight bits for `isa`, which the CPU must support; for avx512 also AVX512-VNNI.
const Int8KernelTable& int8_kernels(Isa isa) noexcept;

/// Floats of scratch that AttentionArgs::scores must hold.
std::size_t attention_scratch(const KernelTable& table, std::size_t n_keys) noexcept;

}  // namespace astrom3::kernels
