// SPDX-License-Identifier: MIT
//
// Joins words or numbers to one text, with a separator between them.
//
// For messages. fmt::join would do the same, and costs a second or two of compilation in every file that uses
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace astrom3 {

std::string joined(std::span<const std::string> words, std::string_view separator);
std::string joined(std::span<const std::string_view> words, std::string_view separator);
std::string joined(std::span<const std::int64_t> numbers, std::string_view separator);
std::string joined(std::span<const std::size_t> numbers, std::string_view separator);

}  // namespace astrom3
