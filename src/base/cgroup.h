// SPDX-License-Identifier: MIT
//
// The CPU limit of the control groups a process is in.
#pragma once

#include <filesystem>
#include <string_view>

namespace astrom3 {

/// CPUs that the control groups allow, e.g. 1.5; 0 where there is no limit.
///
/// memberships  the text of /proc/self/cgroup
/// mount        where control groups are mounted, usually /sys/fs/cgroup
///
/// Version 2's cpu.max, version 1's cpu.cfs_quota_us and cpu.cfs_period_us; of the group itself and of all
/// above it the smallest. A path that is not below the mount, as in a container, means its root.
double cgroup_cpus(std::string_view memberships, const std::filesystem::path& mount);

}  // namespace astrom3
