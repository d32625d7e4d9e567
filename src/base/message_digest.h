// SPDX-License-Identifier: MIT
//
// Cryptographic hashes, at the speed that the system's library has: OpenSSL's, on macOS that of the system,
// for WebAssembly our own.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace astrom3 {

enum class HashKind { sha1, sha256 };

/// The hash of bytes that come in pieces. Throws Error internal if the system's library lacks it.
class MessageDigest {
 public:
  static constexpr std::size_t kMaxBytes = 32;

  explicit MessageDigest(HashKind kind);
  ~MessageDigest();
  MessageDigest(MessageDigest&&) noexcept;
  MessageDigest& operator=(MessageDigest&&) noexcept;

  void update(std::span<const std::byte> bytes);

  /// The bytes of the hash of everything so far, zeros after them; to be called once, last.
  std::array<unsigned char, kMaxBytes> finish();
  /// The same as lower-case hex, of the length that the hash has.
  std::string finish_hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
  HashKind kind_;
};

}  // namespace astrom3
