// SPDX-License-Identifier: MIT
//
// Random numbers with the same bits on every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace astrom3 {

/// A small generator: splitmix64 (Steele, Lea & Flood 2014), one 64-bit state. Streams of one seed
/// are independent for all practical purposes. Only IEEE operations, no library functions, so the
/// same seed gives the same numbers with any compiler and C library.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) noexcept;

  std::uint64_t bits() noexcept;
  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() noexcept;
  /// Standard normal, by comparing uniforms alone: Karney 2016, ACM TOMS 42, 3, algorithm N.
  double normal() noexcept;

 private:
  bool happens_with_exp_minus(double x) noexcept;

  std::uint64_t state_;
};

/// The number of the random stream that belongs to a name: the FNV-1a hash of the name.
std::uint64_t stream_of(std::string_view name) noexcept;

}  // namespace astrom3
