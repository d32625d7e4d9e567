// SPDX-License-Identifier: MIT
//
// SipHash-2-4 with 128 bits: a quick hash of texts that nobody can steer who does not know its key.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/keyed_hash.h"

namespace astrom3 {

using SipKey = std::array<std::uint64_t, 2>;

/// Source  Aumasson, Bernstein 2012, https://www.aumasson.jp/siphash/siphash.pdf; with 128 bits as in
/// OpenSSL's
///         SIPHASH, which the tests compare with
Hash128 sip_hash(const SipKey& key, std::string_view text) noexcept;

}  // namespace astrom3
