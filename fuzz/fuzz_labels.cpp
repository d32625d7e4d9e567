// SPDX-License-Identifier: MIT
//
// Any text as a table of labels: an Error, or labels without an empty class, that read back when they are
// written anew.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "astrom3/classes/labels.h"
#include "input_file.h"

namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  if (size == 0) return 0;
  static InputFile file;
  const auto bytes = std::as_bytes(std::span(data, size).subspan(1));
  if (size > 4 && data[1] == 'P' && data[2] == 'A' && data[3] == 'R') return 0;  // fuzz_parquet's
  Labels labels;
  try {
    labels = read_labels(file.hold(bytes), (data[0] & 1) != 0 ? "source_id" : "", (data[0] & 2) != 0);
  } catch (const Error& error) {
    require(error.code() == Status::bad_catalog);
    return 0;
  }
  std::string table = "object_id,class\n";
  for (const auto& [id, label] : labels) {
    require(!label.empty());
    table += quoted(id) + ',' + quoted(label) + '\n';
  }
  // A lone carriage return, as old Macintosh files have, is the end of a line in one file and text in
  // another.
  if (table.find('\r') != std::string::npos) return 0;
  // Nor does a short table of ids that are mostly control characters look like text.
  const auto n_control = std::count_if(table.begin(), table.end(), [](char c) { return c >= 0 && c < ' '; });
  if (10 * static_cast<std::size_t>(n_control) > table.size()) return 0;
  require(read_labels(file.hold(std::as_bytes(std::span(table))), {}, true) == labels);
  return 0;
}
