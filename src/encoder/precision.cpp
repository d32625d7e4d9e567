// SPDX-License-Identifier: MIT
#include "astrom3/encoder/precision.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/kernels/isa.h"
#include "kernels/dispatch.h"

namespace astrom3 {

std::string_view precision_name(Precision precision) noexcept {
  return precision == Precision::int8 ? "int8" : "float32";
}

std::vector<std::string> precision_names() {
  return {"float32", "int8"};
}

Precision parse_precision(std::string_view name) {
  for (const Precision precision : {Precision::float32, Precision::int8}) {
    if (name == precision_name(precision)) return precision;
  }
  throw Error(Status::usage,
              fmt::format("unknown precision \"{}\": expected float32 or int8", escaped(name)));
}

bool precision_supported(Precision precision, Isa isa) noexcept {
  if (!isa_supported(isa)) return false;
  return precision == Precision::float32 || kernels::int8_kernels(isa).available();
}

}  // namespace astrom3
