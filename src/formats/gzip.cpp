// SPDX-License-Identifier: MIT
#include "formats/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/error.h"

namespace astrom3 {
namespace {

constexpr std::size_t kInputBytes = 64 << 10;
constexpr int kGzipWindowBits = 15 + 16;  // zlib: largest window, gzip wrapper with its CRC
constexpr char kMagic[] = {'\x1f', '\x8b'};

[[noreturn]] void fail(const std::string& message) {
  throw Error(Status::bad_compression, message);
}

}  // namespace

struct GzipReader::State {
  explicit State(ByteReader reader) : bytes(std::move(reader)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (is_gzip) inflateEnd(&stream);
  }

  ByteReader bytes;
  bool is_gzip = false;
  bool in_member = false;
  bool finished = false;
  std::uint64_t bytes_out = 0;
  std::vector<char> input;
  std::size_t input_begin = 0;
  std::size_t input_end = 0;
  z_stream stream{};

  /// Makes at least `wanted` bytes of input available, fewer only at the end of the file.
  std::size_t available(std::size_t wanted) {
    while (input_end - input_begin < wanted) {
      std::memmove(input.data(), input.data() + input_begin, input_end - input_begin);
      input_end -= input_begin;
      input_begin = 0;
      const std::size_t n = bytes.read(std::span(input).subspan(input_end));
      if (n == 0) break;
      input_end += n;
    }
    return input_end - input_begin;
  }

  bool at_magic() {
    return available(2) >= 2 && std::memcmp(input.data() + input_begin, kMagic, sizeof kMagic) == 0;
  }

  void start() {
    input.resize(std::min<std::size_t>(kInputBytes, std::max<std::uint64_t>(bytes.size(), 16)));
    is_gzip = at_magic();
    if (!is_gzip) return;
    if (inflateInit2(&stream, kGzipWindowBits) != Z_OK) {
      is_gzip = false;  // nothing for the destructor to end
      throw std::bad_alloc();
    }
    in_member = true;
  }

  /// After a member: the end of the file, another member, or junk.
  void next_member() {
    if (available(1) == 0) {
      finished = true;
      return;
    }
    if (!at_magic()) fail("bytes that are not gzip follow the compressed data");
    if (inflateReset(&stream) != Z_OK) fail("zlib cannot go on");
    in_member = true;
  }

  std::size_t inflate_into(std::span<char> into) {
    const std::size_t n_in = available(1);
    if (n_in == 0) fail("the compressed data is cut off");
    stream.next_in = reinterpret_cast<Bytef*>(input.data() + input_begin);
    stream.avail_in = static_cast<uInt>(n_in);
    stream.next_out = reinterpret_cast<Bytef*>(into.data());
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1u << 30));
    const uInt room = stream.avail_out;
    const int result = inflate(&stream, Z_NO_FLUSH);
    input_begin = input_end - stream.avail_in;
    const std::size_t n_out = room - stream.avail_out;
    bytes_out += n_out;
    if (result == Z_STREAM_END) {
      in_member = false;
    } else if (result == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      fail(std::string("the compressed data is corrupt") +
           (stream.msg != nullptr ? std::string(" (") + stream.msg + ")" : std::string()));
    }
    if (bytes_out > kRatioFreeBytes && bytes_out / kMaxRatio > consumed()) {
      fail("expands more than 200 times: refused as a decompression bomb");
    }
    return n_out;
  }

  std::uint64_t consumed() const { return bytes.position() - (input_end - input_begin); }
};

GzipReader::GzipReader(ByteReader bytes) : state_(std::make_unique<State>(std::move(bytes))) {
  state_->start();
}
GzipReader::GzipReader(GzipReader&&) noexcept = default;
GzipReader& GzipReader::operator=(GzipReader&&) noexcept = default;
GzipReader::~GzipReader() = default;

bool GzipReader::is_gzip() const noexcept {
  return state_->is_gzip;
}

std::size_t GzipReader::read(std::span<char> into) {
  State& s = *state_;
  if (into.empty()) return 0;
  if (!s.is_gzip) {
    const std::size_t held = std::min(into.size(), s.input_end - s.input_begin);
    if (held == 0) return s.bytes.read(into);
    std::memcpy(into.data(), s.input.data() + s.input_begin, held);
    s.input_begin += held;
    return held;
  }
  while (!s.finished) {
    if (!s.in_member) {
      s.next_member();
      continue;
    }
    if (const std::size_t n = s.inflate_into(into); n > 0) return n;
  }
  return 0;
}

void GzipReader::verify() const {
  GzipReader again(state_->bytes.from_start());
  std::vector<char> scratch(256 << 10);
  while (again.read(scratch) > 0) {
  }
}

std::uint64_t GzipReader::bytes_read() const noexcept {
  return state_->consumed();
}
std::uint64_t GzipReader::bytes_total() const noexcept {
  return state_->bytes.size();
}

}  // namespace astrom3
