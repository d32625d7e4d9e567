// SPDX-License-Identifier: MIT
//
// Any bytes as a FITS file: objects and rejections come out, nothing else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "formats/byte_reader.h"
#include "source/fits_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  SourceOptions options;
  if (data[0] & 1) options.nonfinite = NonfinitePolicy::drop;
  if (data[0] & 2) options.split_bands = true;
  if (data[0] & 4) options.hdu = 1;
  if (data[0] & 8) options.memory_bytes = 2000;
  if (data[0] & 16) options.missing_error = 0.1;
  FitsSource source(ByteReader::in_memory(bytes), "fuzz.fits", options);
  std::size_t n_objects = 0;
  for (SourceObject object; source.next(object); ++n_objects) {
    const bool is_whole = object.light_curve.size() + object.dropped.total() == object.n_raw;
    if (!object.rejection.has_value() && !is_whole) std::abort();
    if (object.rejection.has_value() && object.light_curve.size() != 0) std::abort();
  }
  if (n_objects == 0) std::abort();  // every file leaves a trace
  return 0;
}
