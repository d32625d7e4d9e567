// SPDX-License-Identifier: MIT
#include "base/keyed_hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/types.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>

#include "astrom3/base/error.h"

namespace astrom3 {
namespace {

using Key = std::array<unsigned char, 16>;

Key draw_key() {
  Key key{};
  if (::getentropy(key.data(), key.size()) != 0)
    throw Error(Status::internal, "the system gives no random numbers");
  return key;
}

/// The key of this process.
const Key& key() {
  static const Key drawn = draw_key();
  return drawn;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// OpenSSL's objects for a hash, kept by every thread: making them takes longer than a hash.
class Hasher {
 public:
  Hasher() : mac_(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr)) {
    if (mac_ != nullptr) context_ = EVP_MAC_CTX_new(mac_);
    std::size_t size = sizeof(Hash128);
    const std::array parameters{OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                OSSL_PARAM_construct_end()};
    has_siphash_ =
        context_ != nullptr && EVP_MAC_init(context_, key().data(), key().size(), parameters.data()) == 1;
    if (!has_siphash_) digest_ = EVP_MD_CTX_new();
  }
  ~Hasher() {
    EVP_MD_CTX_free(digest_);
    EVP_MAC_CTX_free(context_);
    EVP_MAC_free(mac_);
  }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Hash128 hash(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    if (!(has_siphash_ ? sip(text, out) : digest(text, out)))
      throw Error(Status::internal, "OpenSSL has neither SipHash nor SHA-256");
    Hash128 hash;
    std::memcpy(&hash, out.data(), sizeof hash);
    return hash;
  }

 private:
  bool sip(std::string_view text, std::array<unsigned char, EVP_MAX_MD_SIZE>& out) {
    std::size_t size = 0;
    return EVP_MAC_init(context_, nullptr, 0, nullptr) == 1 &&  // begins anew under the same key
           EVP_MAC_update(context_, bytes_of(text), text.size()) == 1 &&
           EVP_MAC_final(context_, out.data(), &size, out.size()) == 1 && size == sizeof(Hash128);
  }

  bool digest(std::string_view text, std::array<unsigned char, EVP_MAX_MD_SIZE>& out) {
    return digest_ != nullptr && EVP_DigestInit_ex(digest_, EVP_sha256(), nullptr) == 1 &&
           EVP_DigestUpdate(digest_, key().data(), key().size()) == 1 &&
           EVP_DigestUpdate(digest_, text.data(), text.size()) == 1 &&
           EVP_DigestFinal_ex(digest_, out.data(), nullptr) == 1;
  }

  EVP_MAC* mac_ = nullptr;
  EVP_MAC_CTX* context_ = nullptr;
  EVP_MD_CTX* digest_ = nullptr;
  bool has_siphash_ = false;
};

}  // namespace

Hash128 keyed_hash(std::string_view text) {
  thread_local Hasher hasher;
  return hasher.hash(text);
}

}  // namespace astrom3
