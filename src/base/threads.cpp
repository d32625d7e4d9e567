// SPDX-License-Identifier: MIT
#include "base/threads.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "base/cgroup.h"

namespace astrom3 {
namespace {

std::size_t positive_environment_number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return 0;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  return error == std::errc{} && *end == '\0' && value <= 65536 ? value : 0;
}

/// CPUs of the affinity mask, however many the machine has.
std::size_t cpus_in_mask() {
  for (std::size_t possible = CPU_SETSIZE; possible <= 1u << 20; possible *= 2) {  // too few: EINVAL
    std::vector<cpu_set_t> mask(CPU_ALLOC_SIZE(possible) / sizeof(cpu_set_t));
    const std::size_t bytes = mask.size() * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, mask.data()) == 0)
      return static_cast<std::size_t>(std::max(1, CPU_COUNT_S(bytes, mask.data())));
  }
  return 1;
}

/// Number of CPUs that the control groups allow, rounded up; 0 when unlimited.
std::size_t cgroup_limit() {
  std::ifstream file("/proc/self/cgroup");
  const std::string memberships((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return static_cast<std::size_t>(std::ceil(cgroup_cpus(memberships, "/sys/fs/cgroup")));
}

}  // namespace

std::size_t available_threads() {
  for (const char* name : {"ASTROM3_NUM_THREADS", "OMP_NUM_THREADS"}) {
    if (const std::size_t n = positive_environment_number(name); n > 0) return n;
  }
  std::size_t n = cpus_in_mask();
  if (const std::size_t limit = cgroup_limit(); limit > 0) n = std::min(n, limit);
  return n;
}

std::size_t resolve_threads(std::size_t requested) {
  return requested == 0 ? available_threads() : requested;
}

}  // namespace astrom3
