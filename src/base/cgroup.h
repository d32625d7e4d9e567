// SPDX-License-Identifier: MIT
//
// The CPU limit of the control groups a process is in.
#pragma once

#include <filesystem>
#include <string_view>

namespace astrom3 {

/// Number of CPUs that the control groups allow, e.g. 1.5; 0 if there is no limit.
///
/// memberships  the text of /proc/self/cgroup
/// mount        where control groups are mounted, usually /sys/fs/cgroup
///
/// Reads cpu.max of version 2, or cpu.cfs_quota_us and cpu.cfs_period_us of version 1, and takes the smallest
/// limit of the group and of all groups above it. If a membership names a path that is not below the mount,
/// as in a container, the root of the mount is read.
double cgroup_cpus(std::string_view memberships, const std::filesystem::path& mount);

}  // namespace astrom3
