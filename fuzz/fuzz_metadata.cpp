// SPDX-License-Identifier: MIT
//
// Any text as a scaling of metadata, then as a catalogue: an Error, or rows that are whole and finite or say
// why not.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "astrom3/base/error.h"
#include "input_file.h"
#include "metadata/scaling_text.h"

namespace {

using namespace astrom3;

void read_scaling_text(std::string_view text) {
  try {
    const MetadataScaling scaling = parse_metadata_scaling(text, "fuzz");
    const std::size_t n = scaling.columns.size();
    require(n > 0 && scaling.transforms.size() == n && scaling.mean.size() == n && scaling.std.size() == n);
    for (const double std : scaling.std) require(std > 0);
  } catch (const Error& error) {
    require(error.code() == Status::bad_scaling);
  }
}

MetadataScaling some_columns() {
  return {.columns = {"j_mag", "bp_rp", "parallax", "l", "b", "pm"},
          .transforms = {Transform::absolute, Transform::plain, Transform::plain, Transform::cosine,
                         Transform::sine, Transform::plain},
          .mean = {1, 0, 2, 0, 0, 3},
          .std = {2, 1, 1e-30, 1, 1, 1},
          .source = "fuzz"};
}

void read_table(std::span<const std::byte> bytes, bool imputes) {
  static InputFile file;
  try {
    const MetadataTable table(file.hold(bytes), some_columns(), {.id_column = {}, .impute_mean = imputes});
    require(table.ids().size() == table.size());
    for (const std::string& id : table.ids()) {
      const MetadataRow* row = table.find(id);
      require(row != nullptr);
      require(row->x.size() == (row->status == Status::ok ? 6u : 0u));
      require(row->status == Status::ok || !row->message.empty());
      for (const float x : row->x) require(std::isfinite(x));
    }
  } catch (const Error& error) {
    require(error.code() == Status::bad_metadata);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) != 0) {
    read_scaling_text(text);
  } else {
    read_table(std::as_bytes(std::span(text)), (data[0] & 2) != 0);
  }
  return 0;
}
