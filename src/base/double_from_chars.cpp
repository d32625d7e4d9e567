// SPDX-License-Identifier: MIT
#include "base/double_from_chars.h"

#include <charconv>

#if !defined(__cpp_lib_to_chars)
#include <locale.h>  // newlocale(), strtod_l(): of POSIX
#ifdef __APPLE__
#include <xlocale.h>  // strtod_l()
#endif

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/number.h"
#endif

namespace astrom3 {

#if defined(__cpp_lib_to_chars)

std::from_chars_result double_from_chars(const char* first, const char* last, double& value) noexcept {
  return std::from_chars(first, last, value);
}

#else

std::from_chars_result double_from_chars(const char* first, const char* last, double& value) noexcept {
  static const locale_t c_locale = ::newlocale(LC_ALL_MASK, "C", nullptr);
  const std::string_view all(first, static_cast<std::size_t>(last - first));
  // Texts that strtod reads and from_chars does not: hexadecimal digits, plus signs, spaces, words.
  const std::string_view text = all.substr(0, all.find_first_not_of("0123456789.eE+-"));
  if (text.empty() || text.front() == '+' || text.size() > kMaxNumberLength)
    return {first, std::errc::invalid_argument};
  std::array<char, kMaxNumberLength + 1> copy{};  // strtod needs the NUL at its end
  std::memcpy(copy.data(), text.data(), text.size());
  char* end = nullptr;
  const double found = ::strtod_l(copy.data(), &end, c_locale);
  if (end == copy.data()) return {first, std::errc::invalid_argument};
  const char* const stop = first + (end - copy.data());
  // Too large, or too small for a number: the value is left alone, as by from_chars.
  const bool has_digit = text.find_first_of("123456789") < text.find_first_of("eE");
  if (std::isinf(found) || (found == 0 && has_digit)) return {stop, std::errc::result_out_of_range};
  value = found;
  return {stop, std::errc{}};
}

#endif

}  // namespace astrom3
