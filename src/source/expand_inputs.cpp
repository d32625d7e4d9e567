// SPDX-License-Identifier: MIT
//
// The files that the inputs of the command line name: folders, @lists and globs.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/source/source.h"
#include "base/keyed_hash.h"
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

/// Files that are skipped for one reason: the first of them, and how many.
struct PassedOver {
  std::string first;
  std::size_t n = 0;

  void count(const std::string& file) {
    if (n++ == 0) first = file;
  }
  /// one, several  what it is or they are; "{}" stands for the number
  void report(Status code, const char* one, const char* several, std::vector<Diagnostic>& warnings) const {
    if (n == 0) return;
    warnings.push_back({.code = code,
                        .file = first,
                        .message = n == 1 ? std::string(one) : fmt::format(fmt::runtime(several), n)});
  }
};

std::vector<std::string> files_matching(const std::string& pattern) {
  glob_t found{};
  int flags = GLOB_NOSORT;
#ifdef GLOB_ALTDIRFUNC  // which C libraries other than glibc and that of macOS do not have
  // Lists as usual, but ends if a signal asks for it.
  found.gl_opendir = [](const char* folder) -> void* { return ::opendir(folder); };
  found.gl_closedir = [](void* folder) { ::closedir(static_cast<DIR*>(folder)); };
  found.gl_readdir = [](void* folder) -> dirent* {
    return is_stopped() ? nullptr : ::readdir(static_cast<DIR*>(folder));
  };
  found.gl_lstat = ::lstat;
  found.gl_stat = ::stat;
  flags |= GLOB_ALTDIRFUNC;
#endif
  const int result = ::glob(pattern.c_str(), flags, nullptr, &found);
  std::vector<std::string> files(found.gl_pathv, found.gl_pathv + (result == 0 ? found.gl_pathc : 0));
  ::globfree(&found);
  throw_if_stopped();
  std::sort(files.begin(), files.end());
  return files;
}

/// Whether a line of a list is a comment: it begins with '#', and no file has this name.
bool is_comment_in_list(std::string_view line) {
  std::error_code error;
  return line.front() == '#' && !fs::exists(line, error);
}

/// The lines of a list, without CR, blank lines and comments.
std::vector<std::string> read_list(const std::string& list) {
  constexpr std::size_t kMostBytes = 256 << 20;
  std::string text;
  try {
    DecompressedReader reader(ByteReader::open(list));
    std::array<char, 65536> block{};
    for (std::size_t n; (n = reader.read(block)) > 0;) {
      if (text.size() + n > kMostBytes)
        throw Error(
            Status::no_input,
            fmt::format("a list has at most {} MiB; name folders, or use several lists", kMostBytes >> 20));
      text.append(block.data(), n);
    }
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
    if (line.find_first_not_of(" \t") == std::string_view::npos || is_comment_in_list(line)) continue;
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
    visited_.clear();  // inputs that are named twice are reported file by file
    const fs::file_status status = fs::status(input, error);
    if (input == "-") {
      require_stdin();
      add_file(input);
    } else if (lists_allowed && input == "@" && !fs::exists(status)) {
      throw no_input(input, "the name of a list is needed after @");
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
    repeated_.report(Status::duplicate_id, "this input is named more than once; read once",
                     "{} inputs, this one first, are named more than once; read once", warnings);
    indices_.report(
        Status::no_input,
        "this file is taken for an index of objects and passed over; to read one, name it by itself",
        "{} files, this one first, are taken for an index of objects and passed over; to read one, "
        "name it by itself",
        warnings);
    others_.report(
        Status::no_input,
        "this is no table by name, or a margin or index of a catalogue, and passed over; to read one, "
        "name it by itself",
        "{} files, this one first, are no table by name, or a margin or index of a catalogue, and "
        "passed over; to read one, name it by itself",
        warnings);
    irregular_.report(Status::no_input, "this is no regular file and passed over",
                      "{} of these, this one first, are no regular files and passed over", warnings);
    links_.report(
        Status::no_input,
        "this is a link to a folder, which is not followed; to read what is in it, name it by itself",
        "{} links to folders, this one first, are not followed; to read what is in one, name it by "
        "itself",
        warnings);
    visited_again_.report(Status::no_input, "this folder was read under another name; read once",
                          "{} folders, this one first, were read under other names; read once", warnings);
    too_deep_.report(Status::no_input, "folders are this deep only by mistake; passed over",
                     "{} folders, this one first, are so deep only by mistake; passed over", warnings);
    return std::move(files_);
  }

 private:
  /// The inputs below a folder, in order: files that are chosen by their names, and HATS catalogues.
  struct Listing {
    std::vector<std::string> entries;  ///< a catalogue is one entry
    std::vector<std::string> others;
  };

  /// Whether the folder was not read before. Links and mounts may lead to one again and again.
  bool visit(const fs::path& folder) {
    struct ::stat status {};
    return ::stat(folder.c_str(), &status) != 0 || visited_.emplace(status.st_dev, status.st_ino).second;
  }

  void list_folder(fs::recursive_directory_iterator& it, Listing& listing) {
    constexpr int kMostFolders = 100;
    const std::string name = it->path().string();
    std::error_code ignored;
    if (is_hats_catalog(it->path()) || is_hats_collection(it->path())) {
      it.disable_recursion_pending();
      (is_secondary_hats(it->path()) ? listing.others : listing.entries).push_back(name);
    } else if (it->is_symlink(ignored)) {  // the iterator does not follow it
      links_.count(name);
    } else if (!visit(it->path())) {
      it.disable_recursion_pending();
      visited_again_.count(name);
    } else if (it.depth() >= kMostFolders) {
      it.disable_recursion_pending();
      too_deep_.count(name);
    }
  }

  Listing list_below(const fs::path& folder) {
    Listing listing;
    std::error_code error;
    fs::path last = folder;  // that the iterator entered, or could not
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      throw_if_stopped();
      std::error_code ignored;
      if (it->is_directory(ignored)) {
        last = it->path();
        list_folder(it, listing);
      } else if (it->is_regular_file(ignored)) {
        const bool is_taken = has_light_curve_name(it->path()) || is_hats_partition(it->path());
        (is_taken ? listing.entries : listing.others).push_back(it->path().string());
      } else {
        irregular_.count(it->path().string());
      }
    }
    if (error) throw no_input(last.string(), "cannot list this folder: " + error.message());
    // By bytes: the same in every locale and file system.
    std::sort(listing.entries.begin(), listing.entries.end());
    std::sort(listing.others.begin(), listing.others.end());
    return listing;
  }

  /// The path without links, as far as the system finds it.
  std::string resolved(const fs::path& file) {
    std::error_code error;
    const std::string folder = file.parent_path().string();
    auto parent = real_folders_.find(folder);
    if (parent == real_folders_.end())
      parent = real_folders_.emplace(folder, fs::canonical(folder.empty() ? "." : folder, error)).first;
    if (fs::is_symlink(fs::symlink_status(file, error))) {
      if (const fs::path real = fs::canonical(file, error); !error) return real.string();
    }
    if (parent->second.empty()) return file.lexically_normal().string();
    return (parent->second / file.filename()).string();
  }

  void add_file(const std::string& file) {
    if (seen_.insert(file == "-" ? file : resolved(file)).second) {
      files_.emplace_back(file);
    } else {
      repeated_.count(file);
    }
  }

  void add_folder(const std::string& folder) {
    if (!visit(folder)) return visited_again_.count(folder);
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
    for (const std::string& other : listing.others) others_.count(other);
    for (const std::string& file : listing.entries) {
      std::error_code error;
      if (fs::is_directory(file, error)) {
        add_folder(file);
      } else if (is_index(file)) {
        indices_.count(file);
      } else {
        add_file(file);
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
      if (std::error_code error; fs::is_directory(file, error)) {  // another catalogue
        others_.count(file);
        continue;
      }
      has_data = true;
      add_file(file);
    }
    if (!has_data)
      throw no_input(
          catalog.string(),
          "a HATS catalogue without partitions: no Parquet file below it is called Npix=..., or is in a "
          "folder called so");
    for (const std::string& other : listing.others) {
      if (data != catalog && !is_hats_note(other)) others_.count(other);
    }
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
  TextSet seen_;                    ///< by resolved()
  TextMap<fs::path> real_folders_;  ///< canonical, by how they were named
  std::set<std::pair<dev_t, ino_t>> visited_;
  PassedOver repeated_, indices_, others_, irregular_, links_, visited_again_, too_deep_;
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
