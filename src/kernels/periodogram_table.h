// SPDX-License-Identifier: MIT
//
// The period search's kernels of one instruction set by name; periodogram.isa.cpp puts them into a table.
#pragma once

#include "kernels/periodogram.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void scan_dips(const DipScan& scan);

extern const PeriodogramKernels kPeriodogramTable;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
