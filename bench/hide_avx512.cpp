// SPDX-License-Identifier: MIT
//
// A library for LD_PRELOAD that makes this processor look like one with AVX2 and nothing newer, so that
// programs without a switch of their own can be compared as they run on such a processor. The operating
// system lets the instruction `cpuid` fail (Intel since Ivy Bridge, AMD since Zen 5), and a handler answers
// in its place.
#include <cpuid.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace {

constexpr long kSetCpuid = 0x1012;  // ARCH_SET_CPUID of asm/prctl.h

bool allow_cpuid(bool is_allowed) {
  return syscall(SYS_arch_prctl, kSetCpuid, is_allowed ? 1UL : 0UL) == 0;
}

constexpr std::uint32_t bits(std::initializer_list<int> numbers) {
  std::uint32_t all = 0;
  for (const int number : numbers) all |= 1U << number;
  return all;
}

/// What leaf 7 says without AVX-512, AMX and the forms of VNNI, IFMA and BF16 that have VEX prefixes.
void hide(std::uint32_t sub_leaf, std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d) {
  if (sub_leaf == 0) {
    b &= ~bits({16, 17, 21, 26, 27, 28, 30, 31});
    c &= ~bits({1, 6, 11, 12, 14});
    d &= ~bits({2, 3, 8, 22, 23, 24, 25});
  } else if (sub_leaf == 1) {
    a &= ~bits({4, 5, 21, 23});
    d &= ~bits({4, 5, 8, 10, 19});
  }
}

void answer(int signal_number, siginfo_t*, void* context) {
  greg_t* const r = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const auto* const instruction = reinterpret_cast<const std::uint8_t*>(r[REG_RIP]);
  if (instruction[0] != 0x0f || instruction[1] != 0xa2) {  // no cpuid: an error of the program
    signal(signal_number, SIG_DFL);
    return;
  }
  const auto leaf = static_cast<std::uint32_t>(r[REG_RAX]), sub_leaf = static_cast<std::uint32_t>(r[REG_RCX]);
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
  allow_cpuid(true);
  __cpuid_count(leaf, sub_leaf, a, b, c, d);
  allow_cpuid(false);
  if (leaf == 7) hide(sub_leaf, a, b, c, d);
  r[REG_RAX] = a;
  r[REG_RBX] = b;
  r[REG_RCX] = c;
  r[REG_RDX] = d;
  r[REG_RIP] += 2;
}

__attribute__((constructor)) void start_hiding() {
  struct sigaction action = {};
  action.sa_sigaction = answer;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, nullptr);
  if (allow_cpuid(false)) return;
  std::perror("hide_avx512: this processor cannot hide its instructions");
  std::_Exit(1);
}

}  // namespace
