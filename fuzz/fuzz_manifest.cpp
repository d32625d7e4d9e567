// SPDX-License-Identifier: MIT
//
// Any bytes as the manifest of a run in parts: an Error, or parts in order; a second look finds the same and
// leaves the file as it is.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "astrom3/base/error.h"
#include "pipeline/part_manifest.h"
#include "scratch_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  static const ScratchFolder folder;
  static const Identity run{{"model", "0f"}, {"options", "--band V"}};
  folder.write(PartManifest::kName, std::as_bytes(std::span(data, size)));
  std::size_t n_parts = 0;
  bool is_complete = false;
  try {
    const PartManifest manifest(folder.path(), run);
    for (const PartRecord& part : manifest.parts()) require(part.number == n_parts++);
    is_complete = manifest.is_complete();
  } catch (const Error& error) {
    require(error.code() == Status::output_error);
    return 0;
  }
  const std::string bytes = folder.read(PartManifest::kName);
  PartManifest again(folder.path(), run);
  require(again.parts().size() == n_parts && again.is_complete() == is_complete);
  require(folder.read(PartManifest::kName) == bytes && !bytes.empty() && bytes.back() == '\n');
  return 0;
}
