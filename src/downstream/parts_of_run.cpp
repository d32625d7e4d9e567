// SPDX-License-Identifier: MIT
#include "downstream/parts_of_run.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/sink/part_file_names.h"
#include "base/regular_file.h"
#include "formats/json.h"
#include "sink/part_names.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

Diagnostic about(const fs::path& file, std::string message) {
  return {.code = Status::bad_tensors, .file = file.string(), .message = std::move(message)};
}

class ManifestReader {
 public:
  explicit ManifestReader(const fs::path& folder)
      : folder_(folder),
        path_(folder / kPartsManifestName),
        text_(read_text_file(path_, kMaxManifestBytes, Status::bad_tensors)) {}

  bool next(JsonValue& value) {
    const std::size_t end = text_.find('\n', at_);
    if (end == std::string::npos) return false;  // a last line without its end was torn by a crash
    ++line_;
    try {
      value = parse_json(std::string_view(text_).substr(at_, end - at_), JsonSource{});
    } catch (const Error&) {
      fail("a damaged line");
    }
    at_ = end + 1;
    return true;
  }

  fs::path part_in(const JsonValue& value) {
    const JsonValue *const name = value.find("file"), *const bytes = value.find("bytes");
    if (name == nullptr || bytes == nullptr || !bytes->is(JsonKind::unsigned_integer) ||
        !is_part_file_name(name->text))
      fail("names a part that no run writes");
    if (!named_.insert(name->text).second) fail("names a part for the second time");
    const fs::path part = folder_ / name->text;
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(part, error)))
      throw Error(about(part, "the manifest names this part, and it is not there"));
    if (fs::file_size(part, error) != bytes->unsigned_value)
      throw Error(about(part, "is not the file that the run made: the manifest says another size"));
    return part;
  }

 private:
  [[noreturn]] void fail(std::string message) const {
    Diagnostic diagnostic = about(path_, std::move(message));
    diagnostic.line = line_;
    throw Error(std::move(diagnostic));
  }

  fs::path folder_, path_;
  std::string text_;
  std::set<std::string> named_;
  std::size_t at_ = 0;
  std::int64_t line_ = 0;
};

/// Warns of the tables beside the parts.
void report_others(const fs::path& folder, const std::vector<fs::path>& parts,
                   std::vector<Diagnostic>& warnings) {
  const std::set<fs::path> named(parts.begin(), parts.end());
  std::size_t n = 0;
  fs::path first;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const bool is_table = it->path().extension() == ".parquet";
    if (!is_table || named.contains(it->path())) continue;
    if (++n == 1 || it->path() < first) first = it->path();
  }
  if (n > 0)
    warnings.push_back(about(
        first, n == 1
                   ? std::string("the manifest of this run does not name this file; it is left out")
                   : fmt::format("the manifest of this run does not name {} files, this one first; they are "
                                 "left out",
                                 n)));
}

}  // namespace

std::optional<std::vector<fs::path>> parts_of_run(const fs::path& folder, std::vector<Diagnostic>& warnings) {
  ManifestReader manifest(folder);
  JsonValue value;
  if (!manifest.next(value) || value.find("astrom3_manifest") == nullptr) return std::nullopt;
  std::vector<fs::path> parts;
  bool is_complete = false;
  while (manifest.next(value)) {
    is_complete = value.find("complete") != nullptr;
    if (!is_complete) parts.push_back(manifest.part_in(value));
  }
  if (!is_complete) warnings.push_back(about(folder, "this run is not complete"));
  report_others(folder, parts, warnings);
  return parts;
}

}  // namespace astrom3
