// SPDX-License-Identifier: MIT
//
// From command-line inputs to files: folders, @lists and globs.
#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "astrom3/source.h"
#include "formats/byte_reader.h"
#include "formats/gzip.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kExtensions{".csv", ".tsv", ".dat", ".txt"};

Error no_input(std::string file, std::string message, std::string hint = {}) {
  return Error(Diagnostic{.code = Status::no_input,
                          .file = std::move(file),
                          .message = std::move(message),
                          .hint = std::move(hint)});
}

/// Whether a folder's file is taken: by its name, .gz aside.
bool has_light_curve_name(const fs::path& file) {
  fs::path name = file.filename();
  if (name.extension() == ".gz") name = name.stem();
  return std::find(kExtensions.begin(), kExtensions.end(), name.extension().string()) != kExtensions.end();
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && has_light_curve_name(it->path()))
      files.push_back(it->path().string());
  }
  if (error) throw no_input(folder.string(), "cannot list this folder: " + error.message());
  std::sort(files.begin(), files.end());  // by bytes: the same in every locale and file system
  return files;
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
    GzipReader reader(ByteReader::open(list));
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

class Expansion {
 public:
  explicit Expansion(const InputExpansion& options) : options_(options) {}

  void add_input(const std::string& input, bool lists_allowed) {
    std::error_code error;
    const fs::file_status status = fs::status(input, error);
    if (lists_allowed && input.starts_with('@') && !fs::exists(status)) {
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
    if (!options_.recursive) throw no_input(folder, "this is a folder", "read everything below it with -r");
    const std::vector<std::string> files = files_in(folder);
    if (files.empty())
      throw no_input(folder, "no .csv, .tsv, .dat or .txt file (or .gz of these) in this folder");
    for (const std::string& file : files) add_file(file);
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
  std::size_t n_repeated_ = 0;
  std::string first_repeated_;
};

}  // namespace

std::vector<std::filesystem::path> expand_inputs(const std::vector<std::string>& inputs,
                                                 const InputExpansion& options,
                                                 std::vector<Diagnostic>& warnings) {
  if (inputs.empty()) throw Error(Status::no_input, "no input given");
  Expansion expansion(options);
  for (const std::string& input : inputs) expansion.add_input(input, true);
  return expansion.take(warnings);
}

}  // namespace astrom3
