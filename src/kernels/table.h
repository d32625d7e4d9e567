// SPDX-License-Identifier: MIT
//
// The kernels of one instruction set by name; table.isa.cpp puts them into a KernelTable.
#pragma once

#include "kernels/kernels.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void gemm(const GemmArgs& args);
void transpose_to_panels(const float* src, std::size_t src_stride, std::size_t rows, std::size_t columns,
                         float* panels);
void attention(const AttentionArgs& args);
void layer_norm(const LayerNormArgs& args);
void pool(const PoolArgs& args);
void head(const HeadArgs& args);
void max_pool(const MaxPoolArgs& args);
void exp2_array(const float* x, float* y, std::size_t n);
void gelu_array(const float* x, float* y, std::size_t n);

extern const KernelTable kTable;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
