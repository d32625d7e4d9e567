// SPDX-License-Identifier: MIT
#include "base/random.h"

#include <cstdint>
#include <string_view>

namespace astrom3 {
namespace {

constexpr std::uint64_t kGoldenGamma = 0x9E3779B97F4A7C15u;

/// The output function of splitmix64: a bijection in which every bit depends on every other.
constexpr std::uint64_t mixed(std::uint64_t z) noexcept {
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream) noexcept
    : state_(mixed(mixed(seed + kGoldenGamma) + stream * 0xD1342543DE82EF95u)) {}

std::uint64_t Random::bits() noexcept {
  state_ += kGoldenGamma;
  return mixed(state_);
}

double Random::uniform() noexcept {
  return static_cast<double>(bits() >> 11) * 0x1p-53;
}

/// True with probability exp(-x), 0 <= x <= 1 (von Neumann): the length of a falling run of uniforms
/// below x is at least n with probability x^n / n!, so it is even with probability exp(-x).
bool Random::happens_with_exp_minus(double x) noexcept {
  bool even = true;
  for (double previous = x;;) {
    const double next = uniform();
    if (next >= previous) return even;
    previous = next;
    even = !even;
  }
}

double Random::normal() noexcept {
  for (;;) {
    // |z| = k + x: k with probability exp(-k/2) (1 - exp(-1/2)), kept with exp(-k(k-1)/2), then
    // x uniform, kept with exp(-x (2k + x) / 2): together exp(-(k + x)^2 / 2).
    int k = 0;
    while (happens_with_exp_minus(0.5)) ++k;
    int trials = k * (k - 1);
    while (trials > 0 && happens_with_exp_minus(0.5)) --trials;
    if (trials > 0) continue;
    const double x = uniform();
    const double exponent = x * (2 * k + x) / (2 * k + 2);
    int left = k + 1;
    while (left > 0 && happens_with_exp_minus(exponent)) --left;
    if (left > 0) continue;
    return (bits() >> 63) != 0 ? -(k + x) : k + x;
  }
}

std::uint64_t stream_of(std::string_view name) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

}  // namespace astrom3
