// SPDX-License-Identifier: MIT
//
// Any bytes as a blank-separated table; and what was read must be read again from its own rows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "formats/byte_reader.h"
#include "formats/decompressed.h"
#include "source/text_source.h"

namespace astrom3 {
namespace {

SourceObject read_one(std::string_view text, TextLayout& layout) {
  SourceOptions options;
  options.band = "V";
  TextSource source(DecompressedReader(ByteReader::in_memory(text)), "star.dat", options);
  SourceObject object;
  if (!source.next(object)) std::abort();
  layout = source.layout();
  return object;
}

}  // namespace
}  // namespace astrom3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  const std::string text(reinterpret_cast<const char*>(data), size);
  TextLayout layout;
  const SourceObject object = read_one(text, layout);
  const bool is_plain_dat = !object.rejection.has_value() && layout.delimiter == CsvDialect::kBlanks &&
                            !layout.plan.columns().object_id.has_value() &&
                            !object.flags.has(Flag::no_final_newline) &&
                            text.find('\r') == std::string::npos && !text.starts_with("\x1f\x8b");
  if (!is_plain_dat) return 0;
  // Comments and blank lines behind the rows change nothing.
  const SourceObject again = read_one(text + "\n# remark\n  \n", layout);
  if (again.rejection.has_value() || again.light_curve.time != object.light_curve.time ||
      again.light_curve.flux != object.light_curve.flux || again.n_raw != object.n_raw) {
    std::abort();
  }
  return 0;
}
