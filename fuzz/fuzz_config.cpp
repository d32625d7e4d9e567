// SPDX-License-Identifier: MIT
//
// Any text as a config.json: an Error or a config that its own JSON gives back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "encoder/config.h"
#include "shared_space/multimodal_config.h"

/// A configuration of any kind gives itself back from its own text.
void read_any_kind(std::string_view text) {
  std::vector<astrom3::Diagnostic> warnings;
  try {
    const std::string json = to_json(astrom3::parse_multimodal_config(text, "fuzz", warnings));
    if (to_json(astrom3::parse_multimodal_config(json, "again", warnings)) != json) std::abort();
  } catch (const astrom3::Error&) {
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_any_kind(text);
  std::vector<astrom3::Diagnostic> warnings;
  astrom3::EncoderConfig config;
  try {
    config = astrom3::parse_encoder_config(text, "fuzz", warnings);
  } catch (const astrom3::Error&) {
    return 0;
  }
  const std::string json = to_json(config);
  if (to_json(astrom3::parse_encoder_config(json, "again", warnings)) != json) std::abort();
  return 0;
}
