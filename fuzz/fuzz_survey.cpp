// SPDX-License-Identifier: MIT
//
// Any bytes as the table of a survey, recognised or named: objects and rejections come out, nothing
// else, and no observation is lost.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "formats/byte_reader.h"
#include "formats/decompressed.h"
#include "source/survey_formats.h"
#include "source/text_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  SourceOptions options;
  // The lowest two bits choose bands; the others a format, or none.
  if ((data[0] & 3) == 1) options.split_bands = true;
  if ((data[0] & 3) == 2) options.band = "g";
  if ((data[0] & 3) == 3) options.quality_mask = 1;
  const std::size_t format = data[0] >> 2;
  if (format >= 1 && format <= survey_formats().size()) options.format = survey_formats()[format - 1].name;
  TextSource source(DecompressedReader(ByteReader::in_memory(text)), "fuzz.csv", options);
  std::size_t n_objects = 0;
  for (SourceObject object; source.next(object); ++n_objects) {
    const bool is_whole = object.light_curve.size() + object.dropped.total() == object.n_raw;
    if (!object.rejection.has_value() && !is_whole) std::abort();
    if (object.rejection.has_value() && object.light_curve.size() != 0) std::abort();
  }
  if (n_objects == 0) std::abort();  // every file leaves a trace
  (void)source.describe();
  return 0;
}
