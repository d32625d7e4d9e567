// SPDX-License-Identifier: MIT
#include "base/threads.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "base/allowed_cpus.h"

namespace astrom3 {
namespace {

std::size_t positive_environment_number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return 0;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  return error == std::errc{} && *end == '\0' && value <= 65536 ? value : 0;
}

}  // namespace

std::size_t available_threads() {
  for (const char* name : {"ASTROM3_NUM_THREADS", "OMP_NUM_THREADS"}) {
    if (const std::size_t n = positive_environment_number(name); n > 0) return n;
  }
  return allowed_cpus();
}

std::size_t resolve_threads(std::size_t requested) {
  return requested == 0 ? available_threads() : requested;
}

}  // namespace astrom3
