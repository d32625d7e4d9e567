// SPDX-License-Identifier: MIT
//
// In which numbers an encoder multiplies its matrices.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/kernels/isa.h"

namespace astrom3 {

/// float32  everything in single precision; the default
/// int8     matrix products in eight bits: weights quantised once, one scale for each output; activations
/// while
///          they are computed, one scale for each row. Sums, softmax, LayerNorm and the residual stay as they
///          are. Faster and a little off: `astrom3 study precision` measures how much on any light curves.
///          ProbSparse attention takes its scores in float32.
enum class Precision : std::uint8_t { float32, int8 };

/// "float32", "int8".
std::string_view precision_name(Precision precision) noexcept;
std::vector<std::string> precision_names();
/// The precision of that name. Throws Error usage naming both.
Precision parse_precision(std::string_view name);

/// True when this CPU can compute `precision` on `isa`: int8 on avx512 needs AVX512-VNNI. On avx2 and scalar
/// it gives the same bits without.
bool precision_supported(Precision precision, Isa isa) noexcept;

}  // namespace astrom3
