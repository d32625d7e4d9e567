// SPDX-License-Identifier: MIT
//
// Zstandard frames, one after another. Only zstd_decoder.cpp uses libzstd: a build without it throws an error
// when a frame is to be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace astrom3 {

/// Decodes the frames that DecompressedReader cuts out of a file. Throws Error bad_compression for corrupt
/// data, and from its constructor where astrom3 was built without libzstd.
class ZstdDecoder {
 public:
  /// A frame's header is at most this long.
  static constexpr std::size_t kHeaderBytes = 18;

  ZstdDecoder();
  ZstdDecoder(ZstdDecoder&&) noexcept;
  ZstdDecoder& operator=(ZstdDecoder&&) noexcept;
  ~ZstdDecoder();

  /// Says that the next byte begins a frame; `header` is its first bytes, kHeaderBytes where the file has as
  /// many.
  void start_frame(std::span<const char> header);

  struct Step {
    std::size_t consumed;  ///< bytes of `from`
    std::size_t written;   ///< bytes of `into`
    bool frame_ended;
  };
  Step decode(std::span<const char> from, std::span<char> into);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
