// SPDX-License-Identifier: MIT
//
// The type of numbers in which an encoder multiplies its matrices.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/kernels/isa.h"

namespace astrom3 {

/// float32  everything in single precision; the default
/// int8     matrix products in eight bits: weights are quantised once, with one scale for each output;
///          activations are quantised as they are computed, with one scale for each row. Sums, softmax,
///          LayerNorm and the residual stay as they are. Faster and slightly less exact; `astrom3 study
///          precision` measures the difference. ProbSparse attention computes its scores in float32.
enum class Precision : std::uint8_t { float32, int8 };

/// "float32", "int8".
std::string_view precision_name(Precision precision) noexcept;
std::vector<std::string> precision_names();
/// The precision of that name. Throws Error usage naming both.
Precision parse_precision(std::string_view name);

/// True when this CPU can compute `precision` on `isa`: int8 on avx512 needs AVX512-VNNI. On every
/// other set it gives the same bits without further extensions.
bool precision_supported(Precision precision, Isa isa) noexcept;

}  // namespace astrom3
