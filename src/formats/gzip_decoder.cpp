// SPDX-License-Identifier: MIT
#include "formats/gzip_decoder.h"

#include <zconf.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string>

#include "astrom3/base/error.h"

namespace astrom3 {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // zlib: largest window, gzip wrapper with its CRC

[[noreturn]] void fail_gzip(const std::string& message) {
  throw Error(Status::bad_compression, message);
}

}  // namespace

struct GzipDecoder::State {
  z_stream stream{};

  State() {
    if (inflateInit2(&stream, kGzipWindowBits) != Z_OK) throw std::bad_alloc();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { inflateEnd(&stream); }
};

GzipDecoder::GzipDecoder() : state_(std::make_unique<State>()) {}
GzipDecoder::GzipDecoder(GzipDecoder&&) noexcept = default;
GzipDecoder& GzipDecoder::operator=(GzipDecoder&&) noexcept = default;
GzipDecoder::~GzipDecoder() = default;

void GzipDecoder::start_member() {
  if (inflateReset(&state_->stream) != Z_OK) fail_gzip("zlib cannot go on");
}

GzipDecoder::Step GzipDecoder::decode(std::span<const char> from, std::span<char> into) {
  constexpr std::size_t kMostBytes = 1u << 30;  // zlib's lengths have 32 bits
  z_stream& gzip = state_->stream;
  const uInt given = static_cast<uInt>(std::min(from.size(), kMostBytes));
  const uInt room = static_cast<uInt>(std::min(into.size(), kMostBytes));
  gzip.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));  // it is only read
  gzip.avail_in = given;
  gzip.next_out = reinterpret_cast<Bytef*>(into.data());
  gzip.avail_out = room;
  const int result = inflate(&gzip, Z_NO_FLUSH);
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END) {
    fail_gzip(std::string("the compressed data is corrupt") +
              (gzip.msg != nullptr ? std::string(" (") + gzip.msg + ")" : std::string()));
  }
  return {.consumed = given - gzip.avail_in,
          .written = room - gzip.avail_out,
          .member_ended = result == Z_STREAM_END};
}

}  // namespace astrom3
