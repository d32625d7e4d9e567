// SPDX-License-Identifier: MIT
#include "astrom3/kernels/isa.h"

#include <fmt/format.h>

#include <cstdlib>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "kernels/isa_list.h"

namespace astrom3 {
namespace {

#define ASTROM3_ENUMERATOR(name, test, flags) Isa::name,
constexpr Isa kCompiled[] = {ASTROM3_ISA_LIST(ASTROM3_ENUMERATOR)};
#undef ASTROM3_ENUMERATOR

}  // namespace

std::span<const Isa> compiled_isas() noexcept {
  return kCompiled;
}

std::string_view isa_name(Isa isa) noexcept {
  switch (isa) {
#define ASTROM3_NAME(name, test, flags) \
  case Isa::name:                       \
    return #name;
    ASTROM3_ISA_LIST(ASTROM3_NAME)
#undef ASTROM3_NAME
    default:
      return "unknown";
  }
}

std::string isa_choice() {
  std::string choice;
  for (const Isa isa : kCompiled) {
    const bool last = isa == std::end(kCompiled)[-1];
    choice += fmt::format("{}{}", choice.empty() ? "" : last ? " or " : ", ", isa_name(isa));
  }
  return choice;
}

bool isa_supported(Isa isa) noexcept {
  switch (isa) {
#define ASTROM3_TEST(name, test, flags) \
  case Isa::name:                       \
    return test;
    ASTROM3_ISA_LIST(ASTROM3_TEST)
#undef ASTROM3_TEST
    default:
      return false;
  }
}

Isa default_isa() {
  if (const char* name = std::getenv("ASTROM3_ISA"); name != nullptr && *name != '\0') return parse_isa(name);
  Isa best = kCompiled[0];
  for (const Isa isa : kCompiled) {
    if (isa_supported(isa)) best = isa;
  }
  return best;
}

Isa parse_isa(std::string_view name) {
  for (const Isa isa : kCompiled) {
    if (name != isa_name(isa)) continue;
    if (!isa_supported(isa)) {
      throw Error(Status::unsupported_isa, fmt::format("this CPU does not have {}", name),
                  {"leave {} and ASTROM3_ISA away to use the best instruction set there is", {{"isa"}}});
    }
    return isa;
  }
  throw Error(Status::usage,
              fmt::format("unknown instruction set \"{}\": expected {}", escaped(name), isa_choice()));
}

}  // namespace astrom3
