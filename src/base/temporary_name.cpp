// SPDX-License-Identifier: MIT
#include "base/temporary_name.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "astrom3/base/error.h"

namespace astrom3 {
namespace {

constexpr std::string_view kMiddle = ".tmp.";
constexpr std::size_t kDigits = 16;
constexpr std::size_t kMaxNameBytes = 255;  // NAME_MAX of every common file system

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  if (::getentropy(&bits, sizeof bits) != 0)
    throw Error(Status::internal, "the system gives no random bytes");
  return bits;
}

}  // namespace

std::string temporary_name(std::string_view name) {
  const std::string suffix = fmt::format("{}{:016x}", kMiddle, random_bits());
  const std::size_t room = kMaxNameBytes - suffix.size() - 1;
  if (name.size() <= kMaxNameBytes) name = name.substr(0, room);
  return fmt::format(".{}{}", name, suffix);
}

std::string_view name_of_temporary(std::string_view temporary) noexcept {
  const std::size_t tmp = temporary.rfind(kMiddle);
  if (tmp == std::string_view::npos) return {};
  const std::string_view rest = temporary.substr(tmp + kMiddle.size());
  const bool is_random = rest.size() == kDigits && rest.find_first_not_of("0123456789abcdef") == rest.npos;
  const bool is_numbered = !rest.empty() && rest.find_first_not_of("0123456789.") == rest.npos;
  if (is_random && temporary.starts_with('.')) return temporary.substr(1, tmp - 1);
  return is_random || is_numbered ? temporary.substr(0, tmp) : std::string_view{};
}

}  // namespace astrom3
