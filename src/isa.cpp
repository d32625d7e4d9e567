// SPDX-License-Identifier: MIT
#include "astrom3/isa.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "astrom3/error.h"

namespace astrom3 {

std::string_view isa_name(Isa isa) noexcept {
  switch (isa) {
    case Isa::scalar:
      return "scalar";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
  }
  return "unknown";
}

bool isa_supported(Isa isa) noexcept {
  // __builtin_cpu_supports also asks whether the operating system saves the registers.
  switch (isa) {
    case Isa::scalar:
      return true;
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case Isa::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
             isa_supported(Isa::avx2);
  }
  return false;
}

Isa default_isa() {
  if (const char* name = std::getenv("ASTROM3_ISA"); name != nullptr && *name != '\0') return parse_isa(name);
  for (const Isa isa : {Isa::avx512, Isa::avx2}) {
    if (isa_supported(isa)) return isa;
  }
  return Isa::scalar;
}

Isa parse_isa(std::string_view name) {
  for (const Isa isa : {Isa::scalar, Isa::avx2, Isa::avx512}) {
    if (name != isa_name(isa)) continue;
    if (!isa_supported(isa)) {
      throw Error(Status::unsupported_isa, fmt::format("this CPU does not have {}", name),
                  {"leave {} and ASTROM3_ISA away to use the best instruction set there is", {{"isa"}}});
    }
    return isa;
  }
  throw Error(Status::usage,
              fmt::format("unknown instruction set \"{}\": expected scalar, avx2 or avx512", escaped(name)));
}

}  // namespace astrom3
