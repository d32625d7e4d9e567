// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "base/sip_hash.h"

namespace astrom3 {
namespace {

/// OpenSSL's; false where it has none.
bool openssl_sip_hash(const SipKey& key, const std::string& text, Hash128& hash) {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  EVP_MAC_CTX* const context = mac != nullptr ? EVP_MAC_CTX_new(mac) : nullptr;
  std::size_t size = sizeof hash, written = 0;
  const std::array parameters{OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                              OSSL_PARAM_construct_end()};
  std::array<unsigned char, sizeof hash> out{};
  const auto* const key_bytes = reinterpret_cast<const unsigned char*>(key.data());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  const bool has = context != nullptr &&
                   EVP_MAC_init(context, key_bytes, sizeof key, parameters.data()) == 1 &&
                   EVP_MAC_update(context, bytes, text.size()) == 1 &&
                   EVP_MAC_final(context, out.data(), &written, out.size()) == 1;
  std::memcpy(&hash, out.data(), sizeof hash);
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(mac);
  return has;
}

TEST(SipHash, IsThatOfOpenSslForEveryLength) {
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::string text;
  for (std::size_t n = 0; n <= 300; ++n) {
    Hash128 expected;
    if (!openssl_sip_hash(key, text, expected)) GTEST_SKIP() << "OpenSSL has no SIPHASH here";
    EXPECT_EQ(sip_hash(key, text).low, expected.low) << n;
    EXPECT_EQ(sip_hash(key, text).high, expected.high) << n;
    text += static_cast<char>(37 * n + 200);
  }
}

TEST(SipHash, DependsOnBothHalvesOfItsKey) {
  const Hash128 hash = sip_hash({1, 2}, "star");
  EXPECT_NE(sip_hash({3, 2}, "star"), hash);
  EXPECT_NE(sip_hash({1, 3}, "star"), hash);
  EXPECT_EQ(sip_hash({1, 2}, "star"), hash);
}

}  // namespace
}  // namespace astrom3
