// SPDX-License-Identifier: MIT
//
// Stands in for gzip_decoder.cpp in a build without zlib: for WebAssembly, where the page decompresses files.
#include <span>

#include "astrom3/base/error.h"
#include "formats/gzip_decoder.h"

namespace astrom3 {

struct GzipDecoder::State {};

GzipDecoder::GzipDecoder() {
  throw Error(Status::bad_compression, "gzip cannot be read: this astrom3 was built without zlib",
              "decompress the file with gunzip");
}
GzipDecoder::GzipDecoder(GzipDecoder&&) noexcept = default;
GzipDecoder& GzipDecoder::operator=(GzipDecoder&&) noexcept = default;
GzipDecoder::~GzipDecoder() = default;

void GzipDecoder::start_member() {}

GzipDecoder::Step GzipDecoder::decode(std::span<const char>, std::span<char>) {
  return {.consumed = 0, .written = 0, .member_ended = true};
}

}  // namespace astrom3
