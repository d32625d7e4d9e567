// SPDX-License-Identifier: MIT
//
// Any bytes as gzip or Zstandard: the same bytes come out whatever the read size, or an Error.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "formats/byte_reader.h"
#include "formats/decompressed.h"

namespace {

constexpr std::size_t kMostBytes = 1 << 16;

/// Everything that can be read in steps of `step`; nothing when an Error ends it.
std::optional<std::string> read_all(std::string_view bytes, std::size_t step) {
  std::string out;
  std::array<char, 4096> block{};
  try {
    astrom3::DecompressedReader reader(astrom3::ByteReader::in_memory(bytes));
    for (std::size_t n; (n = reader.read(std::span(block).first(step))) > 0 && out.size() < kMostBytes;) {
      out.append(block.data(), n);
    }
  } catch (const astrom3::Error& error) {
    if (error.code() != astrom3::Status::bad_compression) std::abort();
    return std::nullopt;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = read_all(bytes, 4096);
  const auto pieces = read_all(bytes, 61);
  if (whole.has_value() != pieces.has_value()) {
    // Only beyond the limit may one of them have stopped before it met the damage.
    if (std::max(whole.value_or("").size(), pieces.value_or("").size()) < kMostBytes) std::abort();
  } else if (whole.has_value() && whole->substr(0, kMostBytes) != pieces->substr(0, kMostBytes)) {
    std::abort();
  }
  return 0;
}
