// SPDX-License-Identifier: MIT
//
// The manifest of a run in parts, by which the run can be resumed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/sink/part_file_names.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "base/append_file.h"
#include "formats/json.h"
#include "pipeline/input_digests.h"
#include "sink/part_names.h"

namespace astrom3 {

/// One finished part: where its objects come from, how many rows it has, its size and its SHA-256.
struct PartRecord {
  std::uint64_t number = 0;
  std::string file;           ///< name within the folder
  SourcePosition begin, end;  ///< in the list of inputs
  std::string first_input;    ///< file of the first object, for people
  std::uint64_t bytes = 0;
  std::string sha256{};
  std::uint64_t rejects_begin = 0, rejects_bytes = 0;  ///< its lines in _rejects.jsonl
  std::string rejects_sha256{};
  std::uint64_t n_objects = 0, n_ok = 0, n_observations = 0, n_duplicates = 0;
  DropCounts dropped{};
  std::map<Status, std::uint64_t> rejected{};
  std::map<std::string, std::uint64_t> modalities{};  ///< RunSummary::modalities of this part
};

/// FOLDER/_manifest.jsonl: one line that identifies the run, one for each finished part in order, and
/// one when all parts are finished. Lines are only added; a last line without its end was cut by a
/// crash and is removed. Equal runs have equal bytes, however often they were interrupted.
class PartManifest {
 public:
  static constexpr const char* kName = kPartsManifestName;

  /// Opens or makes the manifest.
  ///
  /// run     the identity of the run: options, model
  /// inputs  the digests of its files as they are now
  /// Throws Error output_error if there is a manifest of another run or of other inputs (naming the
  /// differences), or if a line that is not the last is damaged or could not come from a run; the file is
  /// then not changed.
  PartManifest(std::shared_ptr<const OpenFolder> folder, const Identity& run,
               const std::vector<std::filesystem::path>& files, InputDigests inputs);

  const std::vector<PartRecord>& parts() const noexcept { return parts_; }
  bool is_complete() const noexcept { return complete_; }
  /// Numbers of inputs that could not be read when the run began, and can be now.
  const std::vector<std::size_t>& now_readable() const noexcept { return now_readable_; }
  /// Removes the parts from `n_parts` on and records the inputs as they are now, in one step.
  void rewind(std::size_t n_parts);
  /// Throws Error output_error if the manifest was removed or replaced: the folder then belongs to another
  /// run, or to none.
  void require_its_place() const { file_->require_its_name(); }
  void add(const PartRecord& part);
  void complete();

 private:
  std::string header_line() const;
  void read();
  void take_line(std::string_view line, std::size_t number);
  void take(const JsonValue& json);
  void take_header(const JsonValue& json);
  void require_next(const PartRecord& part) const;

  std::shared_ptr<const OpenFolder> folder_;
  std::optional<AppendFile> file_;
  Identity run_;
  std::vector<std::filesystem::path> inputs_;
  InputDigests digests_;
  std::vector<std::size_t> now_readable_;
  std::vector<PartRecord> parts_;
  bool has_header_ = false;
  bool complete_ = false;
};

}  // namespace astrom3
