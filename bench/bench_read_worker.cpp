// SPDX-License-Identifier: MIT
//
// Our side of compare_readers.py, a process that answers lines of stdin on one thread:
//
//   bench_read_worker                first prints "ready VERSION"
//     read BAND FILE                 reads every light curve of the file; prints CPU seconds and observations
//     records FILE                   splits its text into fields and no more; prints CPU seconds and fields
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/base/version.h"
#include "astrom3/source/source.h"
#include "formats/byte_reader.h"
#include "formats/csv.h"
#include "formats/decompressed.h"

namespace {

using namespace astrom3;

std::uint64_t count_observations(const std::string& file, const std::string& band) {
  SourceOptions options;
  options.band = band;
  options.memory_bytes = std::uint64_t{1} << 30;
  std::uint64_t n = 0;
  const auto source = open_source({file}, options);
  for (SourceObject object; source->next(object);) {
    if (object.rejection.has_value()) throw Error(*object.rejection);
    n += object.light_curve.size();
  }
  return n;
}

std::uint64_t count_fields(const std::string& file) {
  CsvReader reader{DecompressedReader(ByteReader::open(file))};
  std::uint64_t n = 0;
  for (CsvRecord record; reader.next(record);) n += record.fields.size();
  return n;
}

/// What a line asks for: its first word, and the rest.
std::pair<std::string, std::string> split_word(std::string_view line) {
  const std::size_t end = line.find(' ');
  if (end == std::string_view::npos) return {std::string(line), {}};
  return {std::string(line.substr(0, end)), std::string(line.substr(end + 1))};
}

}  // namespace

int main() try {
  fmt::print("ready {}\n", kVersion);
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    const auto [task, argument] = split_word(line);
    const std::clock_t start = std::clock();
    std::uint64_t n = 0;
    if (task == "records") {
      n = count_fields(argument);
    } else {
      const auto [band, file] = split_word(argument);
      n = count_observations(file, band);
    }
    fmt::print("{} {}\n", static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, n);
    std::fflush(stdout);
  }
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
