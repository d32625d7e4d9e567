// SPDX-License-Identifier: MIT
#include "base/message_digest.h"

#include <fmt/format.h>
#ifdef __APPLE__
#include <CommonCrypto/CommonDigest.h>
#elif !defined(__wasi__)
#include <openssl/evp.h>
#include <openssl/types.h>
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "astrom3/base/error.h"
#ifdef __wasi__
#include "base/plain_sha256.h"
#endif

namespace astrom3 {

#ifdef __APPLE__

struct MessageDigest::Context {
  CC_SHA1_CTX sha1{};
  CC_SHA256_CTX sha256{};

  explicit Context(HashKind kind) { kind == HashKind::sha1 ? CC_SHA1_Init(&sha1) : CC_SHA256_Init(&sha256); }

  void update(HashKind kind, std::span<const std::byte> bytes) {
    constexpr std::size_t kAtOnce = 1u << 30;  // the length is 32 bits
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), kAtOnce))) {
      const auto n = static_cast<CC_LONG>(std::min(bytes.size(), kAtOnce));
      kind == HashKind::sha1 ? CC_SHA1_Update(&sha1, bytes.data(), n)
                             : CC_SHA256_Update(&sha256, bytes.data(), n);
    }
  }

  void finish(HashKind kind, unsigned char* out) {
    kind == HashKind::sha1 ? CC_SHA1_Final(out, &sha1) : CC_SHA256_Final(out, &sha256);
  }
};

#elif defined(__wasi__)

struct MessageDigest::Context {
  PlainSha256 sha256{};

  explicit Context(HashKind kind) {
    if (kind != HashKind::sha256) throw Error(Status::internal, "there is no SHA-1 here");
  }

  void update(HashKind, std::span<const std::byte> bytes) { sha256.update(bytes); }

  void finish(HashKind, unsigned char* out) {
    const auto bytes = sha256.finish();
    std::copy(bytes.begin(), bytes.end(), out);
  }
};

#else

struct MessageDigest::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();

  explicit Context(HashKind kind) {
    if (md == nullptr ||
        EVP_DigestInit_ex(md, kind == HashKind::sha1 ? EVP_sha1() : EVP_sha256(), nullptr) != 1) {
      EVP_MD_CTX_free(md);
      throw Error(Status::internal, "OpenSSL lacks a hash");
    }
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(md); }

  void update(HashKind, std::span<const std::byte> bytes) {
    if (EVP_DigestUpdate(md, bytes.data(), bytes.size()) != 1)
      throw Error(Status::internal, "OpenSSL cannot update a hash");
  }

  void finish(HashKind, unsigned char* out) {
    if (EVP_DigestFinal_ex(md, out, nullptr) != 1)
      throw Error(Status::internal, "OpenSSL cannot finish a hash");
  }
};

#endif

MessageDigest::MessageDigest(HashKind kind) : context_(std::make_unique<Context>(kind)), kind_(kind) {}
MessageDigest::~MessageDigest() = default;
MessageDigest::MessageDigest(MessageDigest&&) noexcept = default;
MessageDigest& MessageDigest::operator=(MessageDigest&&) noexcept = default;

void MessageDigest::update(std::span<const std::byte> bytes) {
  context_->update(kind_, bytes);
}

std::array<unsigned char, MessageDigest::kMaxBytes> MessageDigest::finish() {
  std::array<unsigned char, kMaxBytes> bytes{};
  context_->finish(kind_, bytes.data());
  return bytes;
}

std::string MessageDigest::finish_hex() {
  constexpr std::size_t kSha1Bytes = 20;
  const auto bytes = finish();
  std::string hex;
  for (const unsigned char byte : std::span(bytes).first(kind_ == HashKind::sha1 ? kSha1Bytes : kMaxBytes))
    hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace astrom3
