// SPDX-License-Identifier: MIT
#include "file_claims.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/astrom3.h"
#include "astrom3/base/checkpoint_files.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/part_file_names.h"
#include "astrom3/source/hats_notes.h"
#include "command_line.h"

namespace astrom3::cli {
namespace {

namespace fs = std::filesystem;

using Named = std::pair<std::string_view, FileUse>;

/// Options whose value is a text, and positionals.
constexpr std::array kUses{
    Named{"INPUT", FileUse::light_curves},
    Named{"EMBEDDINGS", FileUse::embeddings},
    Named{"CATALOGUE", FileUse::input},
    Named{"TENSORS", FileUse::input},
    Named{"ONNX", FileUse::input},
    Named{"MODEL", FileUse::model},
    Named{"REPO", FileUse::none},
    Named{"card", FileUse::output},
    Named{"classes", FileUse::embeddings},
    Named{"config", FileUse::input},
    Named{"features", FileUse::input},
    Named{"frequencies", FileUse::input},
    Named{"from", FileUse::model},
    Named{"key-samples", FileUse::input},
    Named{"labels", FileUse::input},
    Named{"light-curve", FileUse::light_curves},
    Named{"light-curves", FileUse::light_curves},
    Named{"metadata", FileUse::input},
    Named{"metadata-scaling", FileUse::input},
    Named{"model", FileUse::model},
    Named{"o", FileUse::output},
    Named{"pairs", FileUse::input},
    Named{"prototypes", FileUse::embeddings},
    Named{"query", FileUse::embeddings},
    Named{"scaling", FileUse::input},
    Named{"spectra", FileUse::light_curves},
    Named{"split", FileUse::input},
    Named{"svg", FileUse::output},
    Named{"table", FileUse::output},
    Named{"tensors", FileUse::tensors},
};

/// Texts that are no files.
constexpr std::string_view kNoFiles[] = {
    "band",
    "cache-dir",
    "class-weights",
    "columns",
    "constant",
    "decimal",
    "feature",
    "flux-unit",
    "format",
    "hdu",
    "holdout",
    "id",
    "id-column",
    "isa",
    "keep",
    "key-prefix",
    "magnitudes",
    "max-rejects",
    "memory",
    "metadata-id",
    "metadata-columns",
    "missing-error",
    "modalities",
    "model-sha256",
    "name",
    "nested",
    "null-value",
    "spectrum-columns",
    "object",
    "period-max",
    "quality-mask",
    "range",
    "sentinels",
    "set",
    "shard",
    "time-unit",
    "together",
    "units",
    "where",
    "zero-point",
};

/// A file as the system identifies it, or, if it does not exist, by its name.
struct Place {
  fs::path shown;                                     ///< as it was named
  std::string name;                                   ///< absolute, behind links
  std::optional<std::pair<dev_t, ino_t>> identity{};  ///< of a regular file that is there
};

std::optional<std::pair<dev_t, ino_t>> identity_of(const struct ::stat& info) {
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  return std::pair{info.st_dev, info.st_ino};
}

fs::path absolute_name(const fs::path& path) {
  std::error_code error;
  const fs::path parent = fs::weakly_canonical(path.has_parent_path() ? path.parent_path() : ".", error);
  return (error ? fs::absolute(path, error).parent_path() : parent) / path.filename();
}

/// The file that a link leads to, which need not exist yet.
fs::path behind_links(fs::path path) {
  constexpr int kMostLinks = 40;
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(fs::symlink_status(path, error)); ++i)
    path = path.parent_path() / fs::read_symlink(path, error);
  return path;
}

/// `path` as a command that opens it finds it.
Place place_behind_links(const fs::path& path) {
  struct ::stat info {};
  Place place{.shown = path, .name = absolute_name(behind_links(path)).string()};
  if (::stat(path.c_str(), &info) == 0) place.identity = identity_of(info);
  return place;
}

/// `path` itself, which may be a link.
Place place_itself(const fs::path& path) {
  struct ::stat info {};
  Place place{.shown = path, .name = absolute_name(path).string()};
  if (::lstat(path.c_str(), &info) == 0) place.identity = identity_of(info);
  return place;
}

Place place_of_stream(int descriptor, const char* name) {
  struct ::stat info {};
  Place place{.shown = name, .name = {}};
  if (::fstat(descriptor, &info) == 0) place.identity = identity_of(info);
  return place;
}

bool is_device(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

bool same(const Place& a, const Place& b) {
  return (a.identity && a.identity == b.identity) || (!a.name.empty() && a.name == b.name);
}

class Claims {
 public:
  void add_output(const fs::path& path) {
    if (path == "-" && std::exchange(has_stream_, true))
      throw Error(Status::usage, "two outputs would go to standard output");
    if (path.empty() || path == "-" || is_device(path)) return;
    add({place_behind_links(path), place_itself(path)});
  }
  /// A folder that files will be written into: an output where a file has its name.
  void add_folder(const fs::path& path) {
    if (is_device(path)) return;
    const Place place = place_behind_links(path.has_filename() ? path : path.parent_path());  // "FILE/", too
    const bool is_claimed = std::any_of(outputs_.begin(), outputs_.end(),
                                        [&](const Place& output) { return same(output, place); });
    if (place.identity && !is_claimed) add({place});
  }
  /// One whose name follows from another's: a link in its place is replaced.
  void add_derived(const fs::path& path) { add({place_itself(path)}); }

  void add_standard_output() {
    const Place place = place_of_stream(STDOUT_FILENO, "standard output");
    if (place.identity) add({place});
  }

  bool empty() const { return outputs_.empty(); }

  void check_input(const fs::path& path) const {
    if (path == "-") return check(place_of_stream(STDIN_FILENO, "standard input"));
    check(place_behind_links(path));
    check(place_itself(path));
  }

  /// Whether an output is there already: only then can it be found below a folder that is read.
  bool has_output_there() const {
    return std::any_of(outputs_.begin(), outputs_.end(),
                       [](const Place& o) { return o.identity.has_value(); });
  }

 private:
  void add(std::initializer_list<Place> places) {
    for (const Place& place : places) {
      for (const Place& before : outputs_) {
        if (same(before, place))
          throw Error(Status::usage,
                      fmt::format("{}: two outputs would be this file", escaped(place.shown.string(), 4096)));
      }
    }
    outputs_.insert(outputs_.end(), places);
  }

  void check(const Place& input) const {
    for (const Place& output : outputs_) {
      if (same(output, input))
        throw Error(Status::usage,
                    fmt::format("{}: the output is the input {}", escaped(output.shown.string(), 4096),
                                escaped(input.shown.string(), 4096)));
    }
  }

  std::vector<Place> outputs_;
  bool has_stream_ = false;  ///< an output goes to standard output
};

/// Of the one command that this process runs.
Claims& claims() {
  static Claims the_claims;
  return the_claims;
}

void check_model(const std::string& name) {
  if (name.starts_with("hf:")) return;  // looked at where it was found
  std::error_code error;
  const fs::path path(name);
  const fs::path folder = fs::is_directory(path, error) ? path : path.parent_path();
  claims().check_input(path);
  for (const char* file : kCheckpointNames) claims().check_input(folder / file);
}

void check_embeddings(const fs::path& path) {
  std::error_code error;
  claims().check_input(path);
  if (!fs::is_directory(path, error)) {
    fs::path base = path;
    for (const char* suffix : {".gz", ".zst", ".csv", ".parquet"}) {
      if (base.extension() == suffix) base.replace_extension();
    }
    return claims().check_input(base += kMetaSuffix);
  }
  for (const char* name : {kMeanName, kSequenceName, kObjectsName, kMetaName, kRejectsName,
                           kPartsManifestName, kPartsSummaryName, kPartsRejectsName})
    claims().check_input(path / name);
  if (!claims().has_output_there()) return;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".parquet") claims().check_input(it->path());
  }
}

void check_light_curves(const std::string& input) {
  std::error_code error;
  if (input.starts_with('@') && !fs::exists(input, error)) claims().check_input(input.substr(1));
  claims().check_input(input);
}

void check_tensors(const fs::path& path) {
  claims().check_input(path);
  for (const char* name : {kObjectsName, kScalingName, kTensorName, kMaskName, kSpectraName, kMetadataName})
    claims().check_input(path / name);
}

void check(FileUse use, const std::string& text) {
  switch (use) {
    case FileUse::none:
    case FileUse::output:
      return;
    case FileUse::input:
      return claims().check_input(text);
    case FileUse::embeddings:
      return check_embeddings(text);
    case FileUse::model:
      return check_model(text);
    case FileUse::light_curves:
      return check_light_curves(text);
    case FileUse::tensors:
      return check_tensors(text);
  }
}

/// The notes of catalogues: which of the folders above a file is one is not asked.
void check_notes_above(const std::vector<fs::path>& files) {
  std::set<fs::path> seen;
  for (const fs::path& file : files) {
    std::error_code error;
    fs::path folder = fs::absolute(file, error).parent_path();
    while (!error && seen.insert(folder).second) {
      for (const char* note : kHatsNotes) claims().check_input(folder / note);
      folder = folder.parent_path();
    }
  }
}

bool is_scaling_word(std::string_view text) {
  return text == "checkpoint" || text == "published" || text == "none" || text == "fit";
}

bool has_model_option(const Command& command) {
  return command.options.find("model") != nullptr;
}

}  // namespace

FileUse file_use(std::string_view name) {
  for (const auto& [known, use] : kUses) {
    if (known == name) return use;
  }
  if (std::find(std::begin(kNoFiles), std::end(kNoFiles), name) != std::end(kNoFiles)) return FileUse::none;
  throw Error(Status::internal, fmt::format("file_claims.cpp does not say whether {} names a file", name));
}

void claim_files(const Command& command) {
  Claims& all = claims();
  const std::vector<GivenText> given = command.given();
  for (const GivenText& text : given) {
    if (text.text == "-" && command.has_files_only() && file_use(text.name) == FileUse::output)
      throw Error(Status::usage, fmt::format("{} -: this cannot be written to standard output",
                                             text.name == "o" ? "-o" : "--" + text.name));
    const bool is_derived_from = text.name == "o" && command.derived_outputs() != nullptr;
    if (file_use(text.name) == FileUse::output && !is_derived_from) all.add_output(text.text);
  }
  if (command.derived_outputs() != nullptr) {
    for (const OutputFile& output : command.derived_outputs()())
      output.is_named ? all.add_output(output.path) : all.add_derived(output.path);
    for (const GivenText& text : given) {
      if (text.name == "o" && text.text != "-") all.add_folder(text.text);
    }
  }
  all.add_standard_output();
  if (all.empty()) return;
  bool names_model = false;
  for (const GivenText& text : given) {
    if (text.name == "scaling" && is_scaling_word(text.text)) continue;
    const FileUse use = file_use(text.name);
    names_model = names_model || use == FileUse::model;
    check(use, text.text);
  }
  if (names_model || !has_model_option(command)) return;
  if (const auto model = default_model()) check_model(model->model);
}

void check_checkpoint(const fs::path& weights, const fs::path& directory,
                      const std::optional<fs::path>& scaling) {
  if (claims().empty()) return;
  claims().check_input(weights);
  for (const char* file : kCheckpointNames) claims().check_input(directory / file);
  if (scaling) claims().check_input(*scaling);
}

void check_inputs(const std::vector<fs::path>& files) {
  if (claims().empty()) return;
  for (const fs::path& file : files) claims().check_input(file);
}

std::vector<fs::path> light_curve_files(const std::vector<std::string>& inputs, bool recursive,
                                        std::vector<Diagnostic>& warnings) {
  std::vector<fs::path> files = expand_inputs(inputs, {.recursive = recursive}, warnings);
  if (!claims().has_output_there()) return files;
  check_inputs(files);
  check_notes_above(files);
  return files;
}

void refuse_standard_input(const std::vector<fs::path>& files, const char* message) {
  if (std::find(files.begin(), files.end(), "-") != files.end())
    throw Error(Status::usage, message, "name files");
}

}  // namespace astrom3::cli
