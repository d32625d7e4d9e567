// SPDX-License-Identifier: MIT
//
// SHA-256, the identity of a checkpoint.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace astrom3 {

/// The hash of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  /// Lower-case hex of everything so far; to be called once, last.
  std::string finish_hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Lower-case hex of the SHA-256 of `bytes`.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace astrom3
