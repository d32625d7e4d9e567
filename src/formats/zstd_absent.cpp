// SPDX-License-Identifier: MIT
//
// Stands in for zstd_decoder.cpp in a build without libzstd.
#include <span>

#include "astrom3/base/error.h"
#include "formats/zstd_decoder.h"

namespace astrom3 {

struct ZstdDecoder::State {};

ZstdDecoder::ZstdDecoder() {
  throw Error(
      Status::bad_compression, "Zstandard cannot be read: this astrom3 was built without libzstd",
      "build with libzstd (sudo apt-get install -y libzstd-dev, then make build), or decompress with unzstd");
}
ZstdDecoder::ZstdDecoder(ZstdDecoder&&) noexcept = default;
ZstdDecoder& ZstdDecoder::operator=(ZstdDecoder&&) noexcept = default;
ZstdDecoder::~ZstdDecoder() = default;

void ZstdDecoder::start_frame(std::span<const char>) {}

ZstdDecoder::Step ZstdDecoder::decode(std::span<const char>, std::span<char>) {
  return {.consumed = 0, .written = 0, .frame_ended = true};
}

}  // namespace astrom3
