// SPDX-License-Identifier: MIT
//
// The names of the files of a run in parts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace astrom3 {

inline constexpr std::uint64_t kMaxManifestBytes = std::uint64_t{1} << 30;  ///< a few million parts

/// "part-000012.parquet"
std::string part_file_name(std::uint64_t number);

/// Whether `name` is one that part_file_name() makes; other programs do not use such names.
bool is_part_file_name(std::string_view name);

}  // namespace astrom3
