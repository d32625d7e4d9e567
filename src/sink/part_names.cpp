// SPDX-License-Identifier: MIT
#include "sink/part_names.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace astrom3 {

std::string part_file_name(std::uint64_t number) {
  return fmt::format("part-{:06}.parquet", number);
}

bool is_part_file_name(std::string_view name) {
  constexpr std::string_view kBegin = "part-", kEnd = ".parquet";
  constexpr std::size_t kFewestDigits = 6, kMostDigits = 20;
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd) || name.size() < kBegin.size() + kEnd.size())
    return false;
  const std::string_view digits = name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size());
  return digits.size() >= kFewestDigits && digits.size() <= kMostDigits &&
         digits.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace astrom3
