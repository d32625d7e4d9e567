// SPDX-License-Identifier: MIT
#include "formats/decompressed.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "formats/byte_reader.h"
#include "formats/gzip_decoder.h"
#include "formats/zstd_decoder.h"

namespace astrom3 {
namespace {

constexpr std::size_t kInputBytes = 64 << 10;
constexpr char kGzipMagic[] = {'\x1f', '\x8b'};
constexpr char kZstdMagic[] = {'\x28', '\xb5', '\x2f', '\xfd'};

[[noreturn]] void fail(const std::string& message) {
  throw Error(Status::bad_compression, message);
}

}  // namespace

struct DecompressedReader::State {
  enum class Kind { plain, gzip, zstd };

  explicit State(ByteReader reader) : bytes(std::move(reader)) {}

  ByteReader bytes;
  Kind kind = Kind::plain;
  bool in_member = false;
  bool finished = false;
  std::uint64_t bytes_out = 0;
  std::vector<char> input;
  std::size_t input_begin = 0;
  std::size_t input_end = 0;
  std::optional<GzipDecoder> gzip;
  std::optional<ZstdDecoder> zstd;

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

  template <std::size_t N>
  bool starts_with(const char (&magic)[N]) {
    return available(N) >= N && std::memcmp(input.data() + input_begin, magic, N) == 0;
  }

  /// A Zstandard frame, or a skippable frame (0x184D2A50 to 0x184D2A5F).
  bool at_zstd_frame() {
    if (starts_with(kZstdMagic)) return true;
    const char* const p = input.data() + input_begin;
    return available(4) >= 4 && (p[0] & '\xf0') == '\x50' && p[1] == '\x2a' && p[2] == '\x4d' &&
           p[3] == '\x18';
  }

  void start() {
    input.resize(static_cast<std::size_t>(
        std::clamp<std::uint64_t>(bytes.size(), ZstdDecoder::kHeaderBytes, kInputBytes)));
    if (starts_with(kGzipMagic)) {
      gzip.emplace();
      kind = Kind::gzip;
    } else if (starts_with(kZstdMagic)) {
      zstd.emplace();
      kind = Kind::zstd;
      start_frame();
    }
    in_member = kind != Kind::plain;
  }

  void start_frame() {
    const std::size_t n = std::min(available(ZstdDecoder::kHeaderBytes), ZstdDecoder::kHeaderBytes);
    zstd->start_frame(std::span(input).subspan(input_begin, n));
  }

  /// After a member: the end of the file, another member, or junk.
  void next_member() {
    if (available(1) == 0) {
      finished = true;
      return;
    }
    if (kind == Kind::gzip ? !starts_with(kGzipMagic) : !at_zstd_frame())
      fail("bytes that are not compressed follow the compressed data");
    if (kind == Kind::gzip) gzip->start_member();
    if (kind == Kind::zstd) start_frame();
    in_member = true;
  }

  std::size_t read_some(std::span<char> into) {
    if (available(1) == 0) fail("the compressed data is cut off");
    const std::size_t n = kind == Kind::gzip ? inflate_some(into) : decompress_some(into);
    bytes_out += n;
    if (bytes_out > kRatioFreeBytes && bytes_out / kMaxRatio > consumed())
      fail("expands more than 200 times: refused as a decompression bomb");
    return n;
  }

  std::size_t inflate_some(std::span<char> into) {
    const auto step = gzip->decode(std::span(input).subspan(input_begin, input_end - input_begin), into);
    input_begin += step.consumed;
    in_member = !step.member_ended;
    return step.written;
  }

  std::size_t decompress_some(std::span<char> into) {
    const auto step = zstd->decode(std::span(input).subspan(input_begin, input_end - input_begin), into);
    input_begin += step.consumed;
    in_member = !step.frame_ended;
    return step.written;
  }

  std::uint64_t consumed() const { return bytes.position() - (input_end - input_begin); }
};

DecompressedReader::DecompressedReader(ByteReader bytes) : state_(std::make_unique<State>(std::move(bytes))) {
  state_->start();
}
DecompressedReader::DecompressedReader(DecompressedReader&&) noexcept = default;
DecompressedReader& DecompressedReader::operator=(DecompressedReader&&) noexcept = default;
DecompressedReader::~DecompressedReader() = default;

const char* DecompressedReader::compression() const noexcept {
  if (state_->kind == State::Kind::plain) return "";
  return state_->kind == State::Kind::gzip ? "gzip" : "zstd";
}

std::size_t DecompressedReader::read(std::span<char> into) {
  State& s = *state_;
  if (into.empty()) return 0;
  if (s.kind == State::Kind::plain) {
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
    if (const std::size_t n = s.read_some(into); n > 0) return n;
  }
  return 0;
}

void DecompressedReader::verify() const {
  DecompressedReader again(state_->bytes.from_start());
  std::vector<char> scratch(256 << 10);
  while (again.read(scratch) > 0) {
  }
}

std::uint64_t DecompressedReader::bytes_read() const noexcept {
  return state_->consumed();
}
std::uint64_t DecompressedReader::bytes_total() const noexcept {
  return state_->bytes.size();
}

}  // namespace astrom3
