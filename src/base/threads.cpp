// SPDX-License-Identifier: MIT
#include "base/threads.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace astrom3 {
namespace {

std::size_t positive_environment_number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return 0;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  return error == std::errc{} && *end == '\0' && value <= 65536 ? value : 0;
}

/// cgroup v2's cpu.max ("200000 100000") or v1's quota and period, rounded up; 0 when unlimited.
std::size_t cgroup_limit() {
  double quota = 0;
  double period = 0;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> quota >> period && period > 0) {
    return static_cast<std::size_t>(std::ceil(quota / period));
  }
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (v1_quota >> quota && v1_period >> period && quota > 0 && period > 0) {
    return static_cast<std::size_t>(std::ceil(quota / period));
  }
  return 0;
}

}  // namespace

std::size_t available_threads() {
  for (const char* name : {"ASTROM3_NUM_THREADS", "OMP_NUM_THREADS"}) {
    if (const std::size_t n = positive_environment_number(name); n > 0) return n;
  }
  cpu_set_t mask;
  CPU_ZERO(&mask);
  std::size_t n = 1;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0)
    n = static_cast<std::size_t>(std::max(1, CPU_COUNT(&mask)));
  if (const std::size_t limit = cgroup_limit(); limit > 0) n = std::min(n, limit);
  return n;
}

std::size_t resolve_threads(std::size_t requested) {
  return requested == 0 ? available_threads() : requested;
}

}  // namespace astrom3
