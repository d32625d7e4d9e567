// SPDX-License-Identifier: MIT
//
// Any bytes as a file of frequencies: an Error that names the option, or numbers that read back when they are
// written anew.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/period_statistics.h"
#include "input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  static InputFile file;
  std::vector<double> frequency;
  try {
    frequency = read_frequencies(file.hold(std::as_bytes(std::span(data, size))));
  } catch (const Error& error) {
    require(error.code() == Status::usage && error.diagnostic().option == "frequencies");
    return 0;
  }
  require(!frequency.empty());
  std::string text;
  for (const double f : frequency) {
    require(std::isfinite(f));
    text += fmt::format("{}\n", f);
  }
  require(read_frequencies(file.hold(std::as_bytes(std::span(text)))) == frequency);
  return 0;
}
