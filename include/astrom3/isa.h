// SPDX-License-Identifier: MIT
//
// Which instruction set the vector code runs on; chosen at run time.
#pragma once

#include <cstdint>
#include <string_view>

namespace astrom3 {

enum class Isa : std::uint8_t { scalar, avx2, avx512 };

std::string_view isa_name(Isa isa) noexcept;

/// True when this CPU (and operating system) can run `isa`.
bool isa_supported(Isa isa) noexcept;

/// The best supported one; ASTROM3_ISA=scalar|avx2|avx512 overrides.
/// Throws Error unsupported_isa when the variable names one the CPU lacks, usage when unknown.
Isa default_isa();

/// "scalar", "avx2", "avx512" to the enum; throws Error usage otherwise, unsupported_isa when the
/// CPU lacks it.
Isa parse_isa(std::string_view name);

}  // namespace astrom3
