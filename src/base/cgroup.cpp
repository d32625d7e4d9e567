// SPDX-License-Identifier: MIT
#include "base/cgroup.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace astrom3 {
namespace {

double quota_v2(const std::filesystem::path& group) {
  double quota = 0, period = 0;  // "max 100000" is no number: no limit
  std::ifstream file(group / "cpu.max");
  return file >> quota >> period && quota > 0 && period > 0 ? quota / period : 0;
}

double quota_v1(const std::filesystem::path& group) {
  double quota = 0, period = 0;  // a quota of -1 is no limit
  std::ifstream quota_file(group / "cpu.cfs_quota_us"), period_file(group / "cpu.cfs_period_us");
  return quota_file >> quota && period_file >> period && quota > 0 && period > 0 ? quota / period : 0;
}

double smaller_limit(double a, double b) {
  return a > 0 && b > 0 ? std::min(a, b) : std::max(a, b);
}

/// The smallest limit from mount/path up to the mount itself.
double smallest(const std::filesystem::path& mount, std::string_view path,
                double (*quota)(const std::filesystem::path&)) {
  double limit = quota(mount);
  std::filesystem::path group = mount;
  for (const auto& part : std::filesystem::path(path).relative_path()) {
    group /= part;
    limit = smaller_limit(limit, quota(group));
  }
  return limit;
}

bool names_cpu(std::string_view controllers) {
  return ("," + std::string(controllers) + ",").find(",cpu,") != std::string::npos;
}

}  // namespace

double cgroup_cpus(std::string_view memberships, const std::filesystem::path& mount) {
  double limit = 0;
  while (!memberships.empty()) {  // HIERARCHY:CONTROLLERS:PATH; version 2 has hierarchy 0 and no controllers
    const std::string_view line = memberships.substr(0, memberships.find('\n'));
    memberships.remove_prefix(std::min(line.size() + 1, memberships.size()));
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (controllers.empty()) {
      for (const char* folder : {"", "unified"})
        limit = smaller_limit(limit, smallest(mount / folder, path, quota_v2));
    } else if (names_cpu(controllers)) {
      for (const std::string& folder : {std::string("cpu"), std::string(controllers)})
        limit = smaller_limit(limit, smallest(mount / folder, path, quota_v1));
    }
  }
  return limit;
}

}  // namespace astrom3
