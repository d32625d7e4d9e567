// SPDX-License-Identifier: MIT
//
// Run-time choice of the table of kernels. Every function takes an instruction set that the CPU must support.
#pragma once

#include <cstddef>

#include "astrom3/kernels/isa.h"
#include "kernels/convolution.h"
#include "kernels/int8.h"
#include "kernels/kernels.h"
#include "kernels/periodogram.h"
#include "kernels/spectra.h"
#include "kernels/training.h"

namespace astrom3::kernels {

/// The encoder's functions.
const KernelTable& kernels(Isa isa) noexcept;

/// What training needs beside them.
const TrainingTable<float>& training_kernels(Isa isa) noexcept;

/// The encoder's functions in eight bits; to be called where the table says that the CPU can.
const Int8KernelTable& int8_kernels(Isa isa) noexcept;

/// Those of the spectra encoder.
const ConvolutionKernels& convolution_kernels(Isa isa) noexcept;

/// The period search's functions.
const PeriodogramKernels& periodogram_kernels(Isa isa) noexcept;

/// Those of the other period statistics.
const SpectrumKernels& spectrum_kernels(Isa isa) noexcept;

/// Floats of scratch that AttentionArgs::scores must hold.
std::size_t attention_scratch(const KernelTable& table, std::size_t n_keys) noexcept;

}  // namespace astrom3::kernels
