// SPDX-License-Identifier: MIT
//
// SHA-256, the identity of a checkpoint.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace astrom3 {

/// Lower-case hex of the SHA-256 of `bytes`.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace astrom3
