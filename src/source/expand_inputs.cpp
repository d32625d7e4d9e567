// SPDX-License-Identifier: MIT
//
// From command-line inputs to files: folders, @lists and globs.
#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "astrom3/source/source.h"
#include "formats/byte_reader.h"
#include "formats/decompressed.h"
#include "source/hats_catalog.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 11> kExtensions{".csv", ".tsv",  ".dat", ".txt", ".parquet", ".parq",
                                                       ".pq",  ".fits", ".fit", ".tbl", ".ecsv"};
constexpr const char* kKinds =
    "no .csv, .tsv, .dat, .txt, .tbl, .parquet or .fits file (or .gz or .zst of these) in this folder";

Error no_input(std::string file, std::string message, Hint hint = {}) {
  return Error(Diagnostic{.code = Status::no_input,
                          .file = std::move(file),
                          .message = std::move(message),
                          .hint = std::move(hint)});
}

/// Whether a folder's file is taken: by its name, .gz and .zst aside.
bool has_light_curve_name(const fs::path& file) {
  std::string name = file.filename().string();
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  if (name.ends_with(".zst")) name.resize(name.size() - 4);
  return !name.starts_with('.') && std::find(kExtensions.begin(), kExtensions.end(),
                                             fs::path(name).extension().string()) != kExtensions.end();
}

/// The list of objects that pyasassn writes beside its light curves.
bool is_index(const fs::path& file) {
  const std::string name = file.filename().string();
  return name == "index.csv" || name == "index.parq" || name == "index.parquet";
}

/// What is below a folder: files that are taken by their names, HATS catalogues, and the rest.
struct Listing {
  std::vector<std::string> entries;  ///< sorted; a catalogue is one entry
  std::vector<std::string> others;
};

Listing list_below(const fs::path& folder) {
  Listing listing;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) {
      if (!is_hats_catalog(it->path()) && !is_hats_collection(it->path())) continue;
      it.disable_recursion_pending();
      (is_secondary_hats(it->path()) ? listing.others : listing.entries).push_back(it->path().string());
    } else if (it->is_regular_file(ignored)) {
      const bool is_taken = has_light_curve_name(it->path()) || is_hats_partition(it->path());
      (is_taken ? listing.entries : listing.others).push_back(it->path().string());
    }
  }
  if (error) throw no_input(folder.string(), "cannot list this folder: " + error.message());
  // By bytes: the same in every locale and file system.
  std::sort(listing.entries.begin(), listing.entries.end());
  std::sort(listing.others.begin(), listing.others.end());
  return listing;
}

std::vector<std::string> files_matching(const std::string& pattern) {
  glob_t found{};
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> files(found.gl_pathv, found.gl_pathv + (result == 0 ? found.gl_pathc : 0));
  ::globfree(&found);
  std::sort(files.begin(), files.end());
  return files;
}

/// The lines of a list, without CR, blank lines and comments.
std::vector<std::string> read_list(const std::string& list) {
  std::string text;
  try {
    DecompressedReader reader(ByteReader::open(list));
    std::array<char, 65536> block{};
    for (std::size_t n; (n = reader.read(block)) > 0;) text.append(block.data(), n);
  } catch (const Error& error) {
    throw no_input(list, error.diagnostic().message);
  }
  std::vector<std::string> names;
  std::string_view rest = text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos || line.front() == '#') continue;
    names.emplace_back(line);
  }
  if (names.empty()) throw no_input(list, "this list names no file");
  return names;
}

/// A terminal would wait for somebody to type a light curve.
void require_stdin() {
  if (::isatty(STDIN_FILENO) != 0) throw no_input("stdin", "is a terminal", "pipe a table into it");
  // The command opens a closed one for writing alone, so that no file gets its number.
  const int flags = ::fcntl(STDIN_FILENO, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY) throw no_input("stdin", "is closed");
}

class Expansion {
 public:
  explicit Expansion(const InputExpansion& options) : options_(options) {}

  void add_input(const std::string& input, bool lists_allowed) {
    std::error_code error;
    const fs::file_status status = fs::status(input, error);
    if (input == "-") {
      require_stdin();
      add_file(input);
    } else if (lists_allowed && input.starts_with('@') && !fs::exists(status)) {
      for (const std::string& name : read_list(input.substr(1))) add_input(name, false);
    } else if (fs::is_directory(status)) {
      add_folder(input);
    } else if (fs::exists(status)) {
      add_file(input);
    } else if (input.find_first_of("*?[") != std::string::npos) {
      add_glob(input);
    } else {
      throw no_input(input, "no such file or folder");
    }
  }

  std::vector<fs::path> take(std::vector<Diagnostic>& warnings) {
    if (n_repeated_ > 0) {
      warnings.push_back(
          {.code = Status::duplicate_id,
           .file = first_repeated_,
           .message =
               fmt::format("{} named more than once; read once",
                           n_repeated_ == 1 ? "this input is"
                                            : fmt::format("{} inputs, this one first, are", n_repeated_))});
    }
    if (n_indices_ > 0) {
      warnings.push_back(
          {.code = Status::no_input,
           .file = first_index_,
           .message = fmt::format(
               "{} taken for an index of objects and passed over; to read one, "
               "name it by itself",
               n_indices_ == 1 ? "this file is" : fmt::format("{} files, this one first, are", n_indices_))});
    }
    if (n_others_ > 0) {
      warnings.push_back(
          {.code = Status::no_input,
           .file = first_other_,
           .message = fmt::format(
               "{} no table by name, or a margin or index of a catalogue, and passed over; to read one, "
               "name it by itself",
               n_others_ == 1 ? "this is" : fmt::format("{} files, this one first, are", n_others_))});
    }
    return std::move(files_);
  }

 private:
  void add_file(const std::string& file) {
    if (seen_.insert(fs::path(file).lexically_normal().string()).second) {
      files_.emplace_back(file);
    } else if (n_repeated_++ == 0) {
      first_repeated_ = file;
    }
  }

  void add_folder(const std::string& folder) {
    if (const fs::path table = hats_primary_table(folder); !table.empty()) {
      if (!is_hats_catalog(table))
        throw no_input(folder, fmt::format("a HATS collection whose catalogue \"{}\" is not here",
                                           escaped(table.string())));
      return add_hats(table);  // not as any folder: it may name itself
    }
    if (is_hats_catalog(folder)) return add_hats(folder);
    if (!options_.recursive)
      throw no_input(folder, "this is a folder",
                     {"read everything below it with {}", {{"recursive", "true"}}});
    const Listing listing = list_below(folder);
    if (listing.entries.empty()) throw no_input(folder, kKinds);
    for (const std::string& other : listing.others) pass_over(other);
    for (const std::string& file : listing.entries) {
      std::error_code error;
      if (fs::is_directory(file, error)) {
        add_folder(file);
      } else if (!is_index(file)) {
        add_file(file);
      } else if (n_indices_++ == 0) {
        first_index_ = file;
      }
    }
  }

  void add_hats(const fs::path& catalog) {
    const fs::path data = hats_data_folder(catalog);
    const Listing listing = list_below(data);
    bool has_data = false;
    for (const std::string& file : listing.entries) {
      // Beside HiPSCat's partitions are notes, some of them tables.
      if (is_hats_note(file) || (data == catalog && !is_hats_partition(file))) continue;
      has_data = true;
      add_file(file);
    }
    if (!has_data)
      throw no_input(
          catalog.string(),
          "a HATS catalogue without partitions: no Parquet file below it is called Npix=..., or is in a "
          "folder called so");
    for (const std::string& other : listing.others) {
      if (data != catalog && !is_hats_note(other)) pass_over(other);
    }
  }

  void pass_over(const std::string& file) {
    if (n_others_++ == 0) first_other_ = file;
  }

  void add_glob(const std::string& pattern) {
    const std::vector<std::string> matches = files_matching(pattern);
    if (matches.empty()) throw no_input(pattern, "no file matches");
    for (const std::string& match : matches) {
      std::error_code error;
      if (fs::is_directory(match, error)) {
        add_folder(match);
      } else {
        add_file(match);
      }
    }
  }

  InputExpansion options_;
  std::vector<fs::path> files_;
  std::unordered_set<std::string> seen_;
  std::size_t n_repeated_ = 0, n_indices_ = 0, n_others_ = 0;
  std::string first_repeated_, first_index_, first_other_;
};

/// FNV-1a: a name's share must not depend on the machine or the library.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash ^ hash >> 32;  // the low bits of FNV are its weakest
}

}  // namespace

std::vector<std::filesystem::path> files_of_shard(std::vector<std::filesystem::path> files,
                                                  InputShard shard) {
  if (shard.count <= 1) return files;
  std::erase_if(files, [&](const fs::path& file) {
    return hash_of(file.lexically_normal().string()) % shard.count != shard.index;
  });
  return files;
}

std::vector<std::filesystem::path> expand_inputs(const std::vector<std::string>& inputs,
                                                 const InputExpansion& options,
                                                 std::vector<Diagnostic>& warnings) {
  if (inputs.empty()) throw Error(Status::no_input, "no input given");
  Expansion expansion(options);
  for (const std::string& input : inputs) expansion.add_input(input, true);
  std::vector<fs::path> files = expansion.take(warnings);
  if (files.empty() && !warnings.empty()) {  // they say why
    Diagnostic why = warnings.back();
    warnings.pop_back();
    throw Error(std::move(why));
  }
  return files;
}

}  // namespace astrom3
