// SPDX-License-Identifier: MIT
//
// Any bytes as a list of inputs, as an input and as the notes of a HATS collection: an Error, or files in a
// fixed order. Slashes are taken out, so that what is named stays in a folder of a few files.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "scratch_folder.h"

namespace astrom3 {
namespace {

/// A folder with a few names to meet, which becomes the working folder.
const ScratchFolder& working_folder() {
  static const ScratchFolder folder;
  static const bool made = [] {
    for (const char* name : {"a.csv", "b.dat.gz", "c*.csv", "[d].parquet", "@e", "index.csv", "-"})
      folder.write(name, {});
    std::filesystem::create_directories(folder.path() / "f.csv" / "dataset");
    folder.write("f.csv/g.fits", {});
    folder.write("f.csv/hats.properties", {});
    folder.write("f.csv/dataset/h.parquet", {});
    const int input = ::open("/dev/null", O_RDONLY);
    ::dup2(input, STDIN_FILENO);
    ::close(input);
    std::filesystem::current_path(folder.path());
    return true;
  }();
  require(made);
  return folder;
}

void expand(const std::vector<std::string>& inputs, bool is_recursive) {
  InputExpansion options;
  options.recursive = is_recursive;
  try {
    std::vector<Diagnostic> warnings, again;
    const auto files = expand_inputs(inputs, options, warnings);
    require(files == expand_inputs(inputs, options, again) && warnings.size() == again.size());
    for (const auto& file : files) require(!file.empty());
  } catch (const Error& error) {
    require(error.code() == Status::no_input || error.code() == Status::usage);
  }
}

}  // namespace
}  // namespace astrom3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  if (size == 0) return 0;
  const ScratchFolder& folder = working_folder();
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::replace(text.begin(), text.end(), '/', '_');
  if (text.find("..") != std::string::npos) return 0;
  const bool is_recursive = (data[0] & 1) != 0;
  if ((data[0] & 2) != 0) {
    folder.write("f.csv/collection.properties", std::as_bytes(std::span(text)));
    expand({"f.csv"}, is_recursive);
    folder.write("f.csv/collection.properties", {});
    return 0;
  }
  folder.write("list", std::as_bytes(std::span(text)));
  expand({"@list"}, is_recursive);
  const std::string line = text.substr(0, text.find('\n'));
  if (line != "@list") expand({line}, is_recursive);
  return 0;
}
