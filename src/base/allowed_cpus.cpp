// SPDX-License-Identifier: MIT
#include "base/allowed_cpus.h"

#include <algorithm>
#include <cstddef>

#ifdef __APPLE__
#include <thread>
#elif !defined(__wasi__)
#include <sched.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/cgroup.h"
#endif

namespace astrom3 {

#ifdef __APPLE__

std::size_t allowed_cpus() {
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

#elif defined(__wasi__)

std::size_t allowed_cpus() {
  return 1;
}

#else
namespace {

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

std::size_t allowed_cpus() {
  const std::size_t n = cpus_in_mask(), limit = cgroup_limit();
  return limit > 0 ? std::min(n, limit) : n;
}

#endif

}  // namespace astrom3
