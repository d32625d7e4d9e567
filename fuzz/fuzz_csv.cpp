// SPDX-License-Identifier: MIT
//
// Any bytes as a text table, under any options: objects and rejections come out, nothing else.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "formats/byte_reader.h"
#include "formats/decompressed.h"
#include "require.h"
#include "source/text_source.h"

namespace astrom3 {
namespace {

/// The first byte chooses the options, so that the fuzzer can reach them all.
SourceOptions options_from(std::uint8_t bits) {
  SourceOptions options;
  if (bits & 1) options.band = "V";
  if (bits & 2) options.nonfinite = NonfinitePolicy::drop;
  if (bits & 4) options.upper_limits = UpperLimitPolicy::drop;
  if (bits & 8) options.memory_bytes = 2000;  // long tables are streamed
  if (bits & 16) options.decimal = ',';
  if (bits & 32) options.d_exponent = true;
  if (bits & 64) options.missing_error = 0.1;
  if (bits & 128) options.columns = {{"time", "1"}, {"mag", "2"}, {"mag_err", "3"}};
  options.null_values = {99.99};
  return options;
}

void check(const SourceObject& object) {
  const LightCurve& light_curve = object.light_curve;
  require(light_curve.flux.size() == light_curve.size() && light_curve.flux_err.size() == light_curve.size());
  require(light_curve.size() + object.dropped.total() <= object.n_raw);
  if (object.rejection.has_value()) {
    require(light_curve.size() == 0 && object.rejection->code != Status::ok);
    require(object.rejection->value.size() <= 80);
    (void)to_string(*object.rejection);
    return;
  }
  require(light_curve.size() + object.dropped.total() == object.n_raw);
  for (const double t : light_curve.time) require(std::isfinite(t));
}

}  // namespace
}  // namespace astrom3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  TextSource source(DecompressedReader(ByteReader::in_memory(text)), "fuzz.csv", options_from(data[0]));
  std::size_t n_objects = 0;
  for (SourceObject object; source.next(object); ++n_objects) check(object);
  require(n_objects > 0);  // every file leaves a trace
  (void)source.take_warnings();
  return 0;
}
