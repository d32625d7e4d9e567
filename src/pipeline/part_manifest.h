// SPDX-License-Identifier: MIT
//
// What a run in parts writes down of itself, so that it can be taken up again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "base/append_file.h"
#include "formats/json.h"

namespace astrom3 {

/// One finished part: where its objects come from, what it holds, how to tell that it still does.
struct PartRecord {
  std::uint64_t number = 0;
  std::string file;           ///< name within the folder
  SourcePosition begin, end;  ///< in the list of inputs
  std::string first_input;    ///< file of the first object, for people
  std::uint64_t bytes = 0;
  std::string sha256{};
  std::uint64_t rejects_begin = 0, rejects_bytes = 0;  ///< its lines in rejects.jsonl
  std::string rejects_sha256{};
  std::uint64_t n_objects = 0, n_ok = 0, n_observations = 0, n_duplicates = 0;
  DropCounts dropped{};
  std::map<Status, std::uint64_t> rejected{};
};

/// "part-000012.parquet"
std::string part_file_name(std::uint64_t number);

/// FOLDER/manifest.jsonl: one line that says what run this is, one for each finished part in order,
/// one when all are there. Lines are only ever added; a last line without its end was torn by a
/// crash and is cut off. Equal runs have equal bytes, however often they were interrupted.
class PartManifest {
 public:
  static constexpr const char* kName = "manifest.jsonl";

  /// Opens or makes the manifest. `run` is what the run is: options, model, inputs.
  /// Throws Error output_error when it is there and says another run (listing the differences), or
  /// when a line that is not the last is damaged.
  PartManifest(const std::filesystem::path& folder, const Identity& run);

  const std::vector<PartRecord>& parts() const noexcept { return parts_; }
  bool is_complete() const noexcept { return complete_; }
  /// Throws Error output_error when the manifest was removed or replaced: the folder is another run's,
  /// or nobody's.
  void require_its_place() const { file_.require_its_name(); }
  void add(const PartRecord& part);
  void complete();

 private:
  void read(const Identity& run);
  void take_line(std::string_view line, std::size_t number, const Identity& run);
  void take(const JsonValue& json, const Identity& run);

  std::filesystem::path path_;
  AppendFile file_;
  std::vector<PartRecord> parts_;
  bool has_header_ = false;
  bool complete_ = false;
};

}  // namespace astrom3
