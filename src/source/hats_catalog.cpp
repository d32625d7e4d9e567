// SPDX-License-Identifier: MIT
#include "source/hats_catalog.h"

// Source  https://www.ivoa.net/documents/Notes/HATS/

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "astrom3/base/error.h"
#include "formats/json.h"
#include "formats/parquet.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPartition = "Npix=";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error);
}

/// The notes in a file; none where it is no file, or one of a size that notes do not have.
std::ifstream open_notes(const fs::path& file) {
  constexpr std::uintmax_t kMostBytes = 16 << 20;
  std::error_code error;
  return is_there(file) && fs::file_size(file, error) <= kMostBytes ? std::ifstream(file) : std::ifstream();
}

/// The value of `key` in a file of lines "key=value"; empty where there is none.
std::string property(const fs::path& file, std::string_view key) {
  std::ifstream notes = open_notes(file);
  for (std::string line; std::getline(notes, line);) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos && trimmed(std::string_view(line).substr(0, equals)) == key)
      return std::string(trimmed(std::string_view(line).substr(equals + 1)));
  }
  return {};
}

/// HiPSCat's notes of the type of a catalogue.
std::string hipscat_type(const fs::path& catalog) {
  const fs::path file = catalog / "catalog_info.json";
  std::ifstream notes = open_notes(file);
  const std::string text{std::istreambuf_iterator<char>(notes), {}};
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
  std::array<char, 4> head{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(head.data(), head.size());
  return looks_like_parquet(std::as_bytes(std::span(head)));
}

}  // namespace

bool is_hats_catalog(const fs::path& folder) {
  if (is_there(folder / "hats.properties")) return true;
  if (!is_there(folder / "properties") && !is_there(folder / "catalog_info.json")) return false;
  std::error_code error;
  return fs::is_directory(folder / "dataset", error) || has_orders(folder);
}

bool is_secondary_hats(const fs::path& catalog) {
  std::string type;
  for (const char* const name : {"hats.properties", "properties"}) {
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
  return is_there(folder / "collection.properties");
}

fs::path hats_primary_table(const fs::path& collection) {
  const std::string table = property(collection / "collection.properties", "hats_primary_table_url");
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
