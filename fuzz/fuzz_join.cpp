// SPDX-License-Identifier: MIT
//
// Any text as a catalogue, joined with a fixed one before and behind it: an Error, or objects whose values
// are finite or say why there are none.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/metadata/join_catalogues.h"
#include "input_file.h"

namespace {

using namespace astrom3;

constexpr std::string_view kFixed =
    "object_id,source_id,2MASS,AllWISE,ra,dec,parallax,j_mag\n"
    "a,11,16575078-2129187,J165750.78-212918.9,254.4616,-21.4885,1.5,10.5\n"
    "b,12,16575078-2129187,,254.4616,-21.4885,,99.999\n";

void check(const std::vector<std::filesystem::path>& files, OnConflict on_conflict) {
  try {
    const JoinedCatalogues joined(
        files,
        {.id_column = {}, .columns = {"parallax", "j_mag", "bp_rp", "l", "b"}, .on_conflict = on_conflict});
    std::size_t n = 0;
    joined.for_each([&](const JoinedObject& object) {
      ++n;
      require(!object.object_id.empty());
      require(object.values.size() == joined.columns().size());
      require(object.ids.size() == joined.id_names().size());
      require((object.status == Status::ok) == object.problems.empty());
      for (const double value : object.values) require(std::isfinite(value) || object.status != Status::ok);
    });
    require(n == joined.size());
  } catch (const Error& error) {
    require(error.code() == Status::bad_metadata);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static InputFile any, fixed;
  if (size == 0) return 0;
  const auto path = any.hold(std::as_bytes(std::span(data + 1, size - 1)));
  const auto known = fixed.hold(std::as_bytes(std::span(kFixed)));
  const OnConflict on_conflict = (data[0] & 1) != 0 ? OnConflict::first : OnConflict::reject;
  check((data[0] & 2) != 0 ? std::vector<std::filesystem::path>{path, known}
                           : std::vector<std::filesystem::path>{known, path},
        on_conflict);
  return 0;
}
