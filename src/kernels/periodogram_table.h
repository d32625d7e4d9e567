// SPDX-License-Identifier: MIT
//
// The period search's kernels of one instruction set by name; periodogram.isa.cpp puts them into a table.
#pragma once

#include "kernels/periodogram.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void fit_harmonics(const HarmonicFit& fit);
void scan_dips(const DipScan& scan);
void find_in_window(const PhaseWindow& window);
void sum_eclipses(const EclipseSums& sums);

extern const PeriodogramKernels kPeriodogramTable;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
