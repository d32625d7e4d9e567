// SPDX-License-Identifier: MIT
//
// Members of a gzip file, one after another. Only gzip_decoder.cpp uses zlib: a build without it throws an
// error when a member is to be read.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace astrom3 {

/// Decodes the members that DecompressedReader cuts out of a file, the first from the beginning on. Throws
/// Error bad_compression for corrupt data, and from its constructor where astrom3 was built without zlib.
class GzipDecoder {
 public:
  GzipDecoder();
  GzipDecoder(GzipDecoder&&) noexcept;
  GzipDecoder& operator=(GzipDecoder&&) noexcept;
  ~GzipDecoder();

  /// Says that the next byte begins another member.
  void start_member();

  struct Step {
    std::size_t consumed;  ///< bytes of `from`
    std::size_t written;   ///< bytes of `into`
    bool member_ended;
  };
  Step decode(std::span<const char> from, std::span<char> into);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
