// SPDX-License-Identifier: MIT
//
// Chooses the table of kernels at run time. The CPU must support the instruction set that a function is
// given.
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

/// The functions of the encoder.
const KernelTable& kernels(Isa isa) noexcept;

/// The functions that training needs beside those of the encoder.
const TrainingTable<float>& training_kernels(Isa isa) noexcept;

/// The functions of the encoder in eight bits. Ask `available` of the table before the first call of a
/// kernel.
const Int8KernelTable& int8_kernels(Isa isa) noexcept;

/// The functions of the spectra encoder.
const ConvolutionKernels& convolution_kernels(Isa isa) noexcept;

/// The functions of the period search.
const PeriodogramKernels& periodogram_kernels(Isa isa) noexcept;

/// The functions of the other period statistics.
const SpectrumKernels& spectrum_kernels(Isa isa) noexcept;

/// The number of floats that AttentionArgs::scores must hold.
std::size_t attention_scratch(const KernelTable& table, std::size_t n_keys) noexcept;

}  // namespace astrom3::kernels
