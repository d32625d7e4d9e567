// SPDX-License-Identifier: MIT
#include "base/sha256.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <cstring>

namespace astrom3 {

std::string sha256_hex(std::span<const std::byte> bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace astrom3
