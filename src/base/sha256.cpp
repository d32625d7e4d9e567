// SPDX-License-Identifier: MIT
#include "base/sha256.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/message_digest.h"

namespace astrom3 {

struct Sha256::Context {
  MessageDigest digest{HashKind::sha256};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  context_->digest.update(bytes);
}

std::string Sha256::finish_hex() {
  return context_->digest.finish_hex();
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish_hex();
}

}  // namespace astrom3
