// SPDX-License-Identifier: MIT
//
// The int8 kernels of one instruction set by name; int8_gemm.isa.cpp puts them into a table.
#pragma once

#include "kernels/int8.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void int8_quantise(const QuantiseArgs& args);
void int8_gemm(const Int8GemmArgs& args);
void int8_quantise_head(const Int8HeadArgs& args);
void int8_attention(const Int8AttentionArgs& args);

extern const Int8KernelTable kInt8Table;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
