// SPDX-License-Identifier: MIT
//
// The kernels of the period statistics of one instruction set by name; fold.isa.cpp puts them into a table.
#pragma once

#include "kernels/spectra.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void sum_by_nufft(const NufftSums& block);
void solve_normal_equations(const NormalBlock& block);
void find_boxes(const BoxBlock& block);

extern const SpectrumKernels kSpectrumTable;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
