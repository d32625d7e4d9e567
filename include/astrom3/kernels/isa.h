// SPDX-License-Identifier: MIT
//
// Which instruction set the vector code runs on; chosen at run time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace astrom3 {

/// avx2 and avx512 are of x86-64; neon and dotprod (NEON with dot products of bytes, Armv8.2) of aarch64;
/// simd128 of WebAssembly.
enum class Isa : std::uint8_t { scalar, avx2, avx512, neon, dotprod, simd128 };

/// The instruction sets that this library is compiled for, the simplest first.
std::span<const Isa> compiled_isas() noexcept;

/// "scalar", "avx2", "avx512", "neon", "dotprod", "simd128"; "unknown" where this library is not compiled for
/// it.
std::string_view isa_name(Isa isa) noexcept;

/// The names of the compiled ones in a sentence: "scalar, avx2 or avx512" on x86-64.
std::string isa_choice();

/// True when this library is compiled for `isa` and this CPU (and operating system) can run it.
bool isa_supported(Isa isa) noexcept;

/// The best supported instruction set, or the one that the environment variable ASTROM3_ISA names. Throws as
/// parse_isa() does.
Isa default_isa();

/// The instruction set of that name. Throws Error usage when none has it, unsupported_isa when the CPU lacks
/// it.
Isa parse_isa(std::string_view name);

}  // namespace astrom3
