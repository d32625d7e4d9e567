// SPDX-License-Identifier: MIT
#include "source/hats_catalog.h"

// Source  https://www.ivoa.net/documents/Notes/HATS/

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "astrom3/base/error.h"
#include "astrom3/source/hats_notes.h"
#include "base/regular_file.h"
#include "formats/json.h"
#include "formats/parquet.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPartition = "Npix=";

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error);
}

/// The notes in a file; none if there is no such file. Throws Error no_input if it cannot be read, or is too
/// large for notes.
std::string read_notes(const fs::path& file) {
  constexpr std::size_t kMostBytes = 16 << 20;
  return is_there(file) ? read_text_file(file, kMostBytes, Status::no_input) : std::string{};
}

/// The value of `key` in a file of lines "key=value"; empty where there is none.
std::string property(const fs::path& file, std::string_view key) {
  const std::string notes = read_notes(file);
  for (std::string_view rest = notes; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos && without_blanks(line.substr(0, equals)) == key)
      return std::string(without_blanks(line.substr(equals + 1)));
  }
  return {};
}

/// HiPSCat's notes of the type of a catalogue.
std::string hipscat_type(const fs::path& catalog) {
  const fs::path file = catalog / kHipscatNote;
  const std::string text = read_notes(file);
  try {
    const JsonValue value = parse_json(text, {.file = file.string()});
    const JsonValue* const type = value.find("catalog_type");
    return type != nullptr ? type->text : std::string{};
  } catch (const Error&) {
    return {};
  }
}

bool has_orders(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->path().filename().string().starts_with("Norder=") && it->is_directory(ignored)) return true;
  }
  return false;
}

bool starts_like_parquet(const fs::path& file) {
  std::array<std::byte, 4> head{};
  try {
    RegularFile(file, Status::no_input).read_at(0, head);
  } catch (const Error&) {  // too short, or not to be read: who opens it says so
  }
  return looks_like_parquet(head);
}

}  // namespace

bool is_hats_catalog(const fs::path& folder) {
  if (is_there(folder / kHatsCatalogueNote)) return true;
  if (!is_there(folder / kOlderHatsNote) && !is_there(folder / kHipscatNote)) return false;
  std::error_code error;
  return fs::is_directory(folder / "dataset", error) || has_orders(folder);
}

bool is_secondary_hats(const fs::path& catalog) {
  std::string type;
  for (const char* const name : {kHatsCatalogueNote, kOlderHatsNote}) {
    if (type.empty()) type = property(catalog / name, "dataproduct_type");
  }
  if (type.empty()) type = hipscat_type(catalog);
  return type.starts_with("margin") || type.starts_with("index") || type.starts_with("association");
}

fs::path hats_data_folder(const fs::path& catalog) {
  std::error_code error;
  return fs::is_directory(catalog / "dataset", error) ? catalog / "dataset" : catalog;
}

bool is_hats_partition(const fs::path& file) {
  if (is_hats_note(file)) return false;
  if (std::none_of(file.begin(), file.end(),
                   [](const fs::path& part) { return part.string().starts_with(kPartition); }))
    return false;
  std::string extension = file.extension().string();
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return extension == ".parquet" || extension == ".parq" || extension == ".pq" || starts_like_parquet(file);
}

bool is_hats_note(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with('_') || name.starts_with('.') || name == "data_thumbnail.parquet";
}

bool is_hats_collection(const fs::path& folder) {
  return is_there(folder / kHatsCollectionNote);
}

fs::path hats_primary_table(const fs::path& collection) {
  const std::string table = property(collection / kHatsCollectionNote, "hats_primary_table_url");
  if (table.empty()) return {};
  const fs::path inside(table);
  if (inside.is_absolute() || table.find("://") != std::string::npos ||
      std::find(inside.begin(), inside.end(), "..") != inside.end()) {
    throw Error(
        Diagnostic{.code = Status::no_input,
                   .file = collection.string(),
                   .message = fmt::format("this HATS collection names the catalogue \"{}\", which is not in "
                                          "its folder",
                                          escaped(table)),
                   .hint = "name the folder of the catalogue itself"});
  }
  const fs::path folder = collection / inside;
  return inside.has_filename() ? folder : folder.parent_path();  // without the slash at its end
}

}  // namespace astrom3
