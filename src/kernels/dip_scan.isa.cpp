// SPDX-License-Identifier: MIT
//
// Counting without a histogram. The phase of a dip selects one bit of a 32-bit word: its bin. Words
// of many dips are added bit by bit in binary: word p of a counter holds bit p of the count in each of
// 32 bins, and a whole vector of frequencies goes through the same instructions.
#include "kernels/periodogram_table.h"
#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {
namespace {

constexpr std::size_t kWidth = kVectorBytes / sizeof(std::uint32_t);
constexpr std::size_t kPlanes = 6;  // a star's dips weigh less than 2^6

typedef std::uint32_t Words __attribute__((vector_size(kVectorBytes), may_alias));

inline Words load(const std::uint32_t* p) {
  typedef std::uint32_t U __attribute__((vector_size(kVectorBytes), may_alias, aligned(4)));
  return *reinterpret_cast<const U*>(p);
}
inline void store(std::uint32_t* p, Words v) {
  typedef std::uint32_t U __attribute__((vector_size(kVectorBytes), may_alias, aligned(4)));
  *reinterpret_cast<U*>(p) = v;
}

/// The bin of the dip in every lane, as the one bit that is set; moves the phase to the next group of
/// frequencies.
inline Words take_dip(const DipScan& s, std::size_t dip, std::size_t lane) {
  std::uint32_t* at = s.phase + dip * kScanLanes + lane;
  const Words phase = load(at);
  store(at, phase + s.advance[dip]);
  return (Words{} + s.present[dip]) << (phase >> 27);
}

/// counter += bit << plane.
template <std::size_t kPlane>
inline void add(Words (&counter)[kPlanes], Words bit) {
#pragma GCC unroll 6
  for (std::size_t p = kPlane; p < kPlanes; ++p) {
    const Words carry = counter[p] & bit;
    counter[p] ^= bit;
    bit = carry;
  }
}

/// Dips first .. last - 1, three at a time: their sum is one bit here and one in the next plane.
template <std::size_t kPlane>
inline void add_dips(const DipScan& s, std::size_t first, std::size_t last, std::size_t lane,
                     Words (&counter)[kPlanes]) {
  for (std::size_t d = first; d < last; d += 3) {
    const Words a = take_dip(s, d, lane), b = take_dip(s, d + 1, lane), c = take_dip(s, d + 2, lane);
    const Words either = a ^ b;
    add<kPlane>(counter, either ^ c);
    add<kPlane + 1>(counter, (a & b) | (either & c));
  }
}

/// In the result, bit b is set where the counts of bins b and b + 1 have a sum of at least `wanted`.
inline Words find_pairs(const Words (&counter)[kPlanes], std::uint32_t wanted) {
  // The carry out of sum - wanted, from the lowest plane to the highest, tells sum >= wanted.
  Words carry{}, not_less = ~Words{};
#pragma GCC unroll 6
  for (std::size_t p = 0; p < kPlanes; ++p) {
    const Words a = counter[p], b = (a >> 1) | (a << 31);
    const Words either = a ^ b, sum = either ^ carry;
    carry = (a & b) | (either & carry);
    const Words bit = Words{} - ((wanted >> p) & 1u);  // all ones or all zeros
    not_less = (sum & ~bit) | (not_less & ~(sum ^ bit));
  }
  return not_less | carry;
}

}  // namespace

void scan_dips(const DipScan& s) {
  for (std::size_t group = 0; group < s.n_groups; ++group) {
    for (std::size_t lane = 0; lane < kScanLanes; lane += kWidth) {
      Words counter[kPlanes] = {};
      add_dips<0>(s, 0, s.n_light, lane, counter);
      add_dips<1>(s, s.n_light, s.n_light + s.n_heavy, lane, counter);
      store(s.hits + group * kScanLanes + lane, find_pairs(counter, s.wanted));
    }
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
