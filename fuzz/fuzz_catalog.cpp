// SPDX-License-Identifier: MIT
//
// Any text as a catalogue of features: an Error, or a catalogue that answers for any id with features or with
// a reason, never both.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/features/catalog.h"
#include "input_file.h"

namespace astrom3 {
namespace {

void look_up(const Catalog& catalog, std::string_view id) {
  FeatureOverrides overrides;
  Diagnostic diagnostic;
  const Status status = catalog.look_up(id, overrides, diagnostic);
  if (status == Status::ok) {
    for (const auto& given : overrides) require(!given.has_value() || std::isfinite(given->value));
  } else {
    require(diagnostic.code == status && !diagnostic.message.empty());
    (void)to_string(diagnostic);
  }
}

}  // namespace
}  // namespace astrom3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  if (size == 0) return 0;
  static InputFile file;
  const char* const id_column = (data[0] & 1) != 0 ? "source_id" : "";
  const auto bytes = std::as_bytes(std::span(data, size).subspan(1));
  if (size > 4 && data[1] == 'P' && data[2] == 'A' && data[3] == 'R') return 0;  // fuzz_parquet's
  try {
    const Catalog catalog = Catalog::read(file.hold(bytes), id_column, (data[0] & 2) != 0);
    require(catalog.size() > 0);
    for (const char* id : {"1", "a", "007", "AB.0", ""}) look_up(catalog, id);
    // Whatever stands at the start of the last line may be an id.
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = text.find_last_of('\n', size - 2);
    if (line != std::string_view::npos)
      look_up(catalog, text.substr(line + 1, text.find(',', line) - line - 1));
  } catch (const Error& error) {
    require(error.code() == Status::bad_catalog);
  }
  return 0;
}
