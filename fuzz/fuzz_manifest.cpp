// SPDX-License-Identifier: MIT
//
// Any bytes as the manifest of a run in parts: an Error, or parts in order; a second look finds the same and
// leaves the file as it is.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "pipeline/part_manifest.h"
#include "scratch_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  static const ScratchFolder folder;
  static const Identity run{{"model", "0f"}, {"options", "--band V"}};
  static const std::vector<std::filesystem::path> inputs{"a.csv", "b.csv"};  // which are not there
  static const InputDigests digests = digest_inputs(inputs, false);
  folder.write(PartManifest::kName, std::as_bytes(std::span(data, size)));
  std::size_t n_parts = 0;
  bool is_complete = false;
  try {
    const PartManifest manifest(std::make_shared<OpenFolder>(folder.path()), run, inputs, digests);
    for (const PartRecord& part : manifest.parts())
      require(part.number == n_parts && part.file == part_file_name(n_parts++));
    is_complete = manifest.is_complete();
  } catch (const Error& error) {
    require(error.code() == Status::output_error);
    return 0;
  }
  const std::string bytes = folder.read(PartManifest::kName);
  PartManifest again(std::make_shared<OpenFolder>(folder.path()), run, inputs, digests);
  require(again.parts().size() == n_parts && again.is_complete() == is_complete);
  require(folder.read(PartManifest::kName) == bytes && !bytes.empty() && bytes.back() == '\n');
  return 0;
}
