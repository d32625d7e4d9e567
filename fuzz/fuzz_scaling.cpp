// SPDX-License-Identifier: MIT
//
// Any text as a preprocessor_config.json or info.json: an Error or a scaling that its own JSON gives back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "astrom3/base/error.h"
#include "features/scaling_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  astrom3::Scaling scaling;
  try {
    scaling = astrom3::parse_scaling(text, "fuzz");
  } catch (const astrom3::Error&) {
    return 0;
  }
  const astrom3::Scaling back = astrom3::parse_scaling(to_json(scaling), "again");
  if (back.none != scaling.none || back.mean != scaling.mean || back.std != scaling.std ||
      (!scaling.none && back.log10 != scaling.log10)) {
    std::abort();
  }
  return 0;
}
