// SPDX-License-Identifier: MIT
#include "formats/zstd_decoder.h"

#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>

#include "astrom3/base/error.h"

namespace astrom3 {
namespace {

constexpr int kWindowLog = 27;  // zstd's own limit without --long: 128 MiB

[[noreturn]] void fail_corrupt(const std::string& why) {
  throw Error(Status::bad_compression, "the compressed data is corrupt (" + why + ")");
}

struct StreamDeleter {
  void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
};

}  // namespace

struct ZstdDecoder::State {
  std::unique_ptr<ZSTD_DStream, StreamDeleter> stream{ZSTD_createDStream()};
  std::uint64_t bytes_out = 0;  ///< of the present frame
  std::uint64_t header_says = ZSTD_CONTENTSIZE_UNKNOWN;
};

ZstdDecoder::ZstdDecoder() : state_(std::make_unique<State>()) {
  if (state_->stream == nullptr) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(state_->stream.get(), ZSTD_d_windowLogMax, kWindowLog);
}
ZstdDecoder::ZstdDecoder(ZstdDecoder&&) noexcept = default;
ZstdDecoder& ZstdDecoder::operator=(ZstdDecoder&&) noexcept = default;
ZstdDecoder::~ZstdDecoder() = default;

// zstd compares the size in a frame's header with the decoded size only in some ways of decoding. Without our
// own check, it would depend on the size of the reads whether a frame that ends with an empty block is an
// error.
void ZstdDecoder::start_frame(std::span<const char> header) {
  state_->bytes_out = 0;
  state_->header_says = ZSTD_getFrameContentSize(header.data(), header.size());
  if (state_->header_says == ZSTD_CONTENTSIZE_ERROR)
    state_->header_says = ZSTD_CONTENTSIZE_UNKNOWN;  // decode() says better what is wrong
}

ZstdDecoder::Step ZstdDecoder::decode(std::span<const char> from, std::span<char> into) {
  ZSTD_inBuffer in{from.data(), from.size(), 0};
  ZSTD_outBuffer out{into.data(), into.size(), 0};
  const std::size_t result = ZSTD_decompressStream(state_->stream.get(), &out, &in);
  if (ZSTD_isError(result)) fail_corrupt(ZSTD_getErrorName(result));
  state_->bytes_out += out.pos;
  const bool ended = result == 0;
  if (ended && state_->header_says != ZSTD_CONTENTSIZE_UNKNOWN && state_->bytes_out != state_->header_says)
    fail_corrupt("a frame is not as long as it says");
  return {.consumed = in.pos, .written = out.pos, .frame_ended = ended};
}

}  // namespace astrom3
