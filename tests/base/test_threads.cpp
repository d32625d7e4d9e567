// SPDX-License-Identifier: MIT
//
// How many threads a process may use: affinity mask, control groups, environment; and the encoder after a
// fork.
#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "astrom3/encoder/encoder.h"
#include "base/cgroup.h"
#include "base/threads.h"
#include "tests/base/temporary_folder.h"
#include "tests/encoder/encoder_cases.h"
#include "tests/encoder/encoder_reference.h"

namespace astrom3 {
namespace {

// ---- control groups ------------------------------------------------------------------------------

class Cgroup : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((mount() / name).parent_path());
    std::ofstream(mount() / name) << text;
  }
  std::filesystem::path mount() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

TEST_F(Cgroup, Version2SaysQuotaAndPeriod) {
  write("cpu.max", "150000 100000\n");
  EXPECT_EQ(cgroup_cpus("0::/\n", mount()), 1.5);
  write("cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup_cpus("0::/\n", mount()), 0);
}

TEST_F(Cgroup, TheSmallestLimitOnTheWayUpCounts) {
  write("user.slice/cpu.max", "200000 100000\n");
  write("user.slice/job/cpu.max", "max 100000\n");
  write("user.slice/job/step/cpu.max", "400000 100000\n");
  write("other/cpu.max", "10000 100000\n");
  EXPECT_EQ(cgroup_cpus("0::/user.slice/job/step\n", mount()), 2);
  EXPECT_EQ(cgroup_cpus("0::/user.slice/job/step", mount()), 2);
}

TEST_F(Cgroup, APathOfTheHostInAContainerMeansTheRoot) {
  write("cpu.max", "300000 100000\n");
  EXPECT_EQ(cgroup_cpus("0::/docker/0123abcd\n", mount()), 3);
}

TEST_F(Cgroup, Version1HasTwoFilesUnderItsController) {
  write("cpu,cpuacct/slurm/job/cpu.cfs_quota_us", "250000\n");
  write("cpu,cpuacct/slurm/job/cpu.cfs_period_us", "100000\n");
  write("cpuset/slurm/job/cpu.cfs_quota_us", "1000\n");
  write("cpuset/slurm/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cpus("7:cpuset:/slurm/job\n4:cpu,cpuacct:/slurm/job\n0::/slurm/job\n", mount()), 2.5);
  write("cpu,cpuacct/slurm/job/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(cgroup_cpus("4:cpu,cpuacct:/slurm/job\n", mount()), 0);
}

TEST_F(Cgroup, WhatCannotBeReadIsNoLimit) {
  EXPECT_EQ(cgroup_cpus("", mount()), 0);
  EXPECT_EQ(cgroup_cpus("nonsense\n::\n0::/nowhere\n", mount() / "nowhere"), 0);
  write("cpu.max", "-5 0\n");
  EXPECT_EQ(cgroup_cpus("0::/\n", mount()), 0);
}

// ---- the mask and the environment ----------------------------------------------------------------

class Threads : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("ASTROM3_NUM_THREADS");
    unsetenv("OMP_NUM_THREADS");
  }
};

TEST_F(Threads, ObeyTheAffinityMask) {
  cpu_set_t before, one;
  if (sched_getaffinity(0, sizeof before, &before) != 0) GTEST_SKIP() << "more CPUs than cpu_set_t holds";
  CPU_ZERO(&one);
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &before)) {
      CPU_SET(cpu, &one);
      break;
    }
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(available_threads(), 1u);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_LE(available_threads(), static_cast<std::size_t>(CPU_COUNT(&before)));
}

TEST_F(Threads, TheEnvironmentWinsWhereItIsAPositiveNumber) {
  setenv("OMP_NUM_THREADS", "5", 1);
  EXPECT_EQ(available_threads(), 5u);
  setenv("ASTROM3_NUM_THREADS", "3", 1);
  EXPECT_EQ(available_threads(), 3u);
  setenv("ASTROM3_NUM_THREADS", "many", 1);
  EXPECT_EQ(available_threads(), 5u);
  unsetenv("OMP_NUM_THREADS");
  EXPECT_GE(available_threads(), 1u);
  unsetenv("ASTROM3_NUM_THREADS");
  EXPECT_EQ(resolve_threads(7), 7u);
}

// ---- after a fork --------------------------------------------------------------------------------

TEST(AfterAFork, AnEncoderInUseEncodesInTheChild) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer does not follow a fork of several threads";
#endif
  const Encoder encoder(random_checkpoint(small_config(), true));
  const Cases cases = random_cases(small_config(), 1);
  const Result expected = encode(encoder, cases);
  std::atomic<bool> stop = false;
  std::vector<std::jthread> busy;
  for (int i = 0; i < 3; ++i) {
    busy.emplace_back([&] {
      while (!stop) encode(encoder, cases);
    });
  }
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(30);  // a child that hangs is killed, and the test fails
      _exit(first_difference(encode(encoder, cases).mean, expected.mean) == -1 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "fork " << i;
  }
  stop = true;
}

}  // namespace
}  // namespace astrom3
