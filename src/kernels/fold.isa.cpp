// SPDX-License-Identifier: MIT
//
// Folds observations at 8 frequencies at a time: sums and counts in bins of the phase.
#include "kernels/lanes.h"
#include "kernels/spectra_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {
namespace {

constexpr std::size_t kLaneCount = kSpectrumLanes;
constexpr double kMagic = 4503599627370496.0;  // 2^52: a whole number added to it stands in the low bits
using VI = Simd<double>::I;
typedef double Pair __attribute__((vector_size(16), may_alias));

/// The bin of the phase at x turns, as a whole number: always below n_bins, since a phase is below 1.
inline VD bin_of(VD x, VD n_bins) {
  return floor_doubles((x - floor_doubles(x)) * n_bins);
}

void fold(const FoldBlock& b) {
  constexpr std::size_t kChunk = 32;  // observations whose bins are found together
  alignas(64) std::int64_t bin[kChunk][kLaneCount];
  for (std::size_t i = 0; i < b.n_cells * 2 * kLaneCount; i += kDoubles) store_lanes(b.cells + i, VD{});
  for (std::size_t first = 0; first < b.n_observations; first += kChunk) {
    const std::size_t left = b.n_observations - first, n = left < kChunk ? left : kChunk;
    for (std::size_t lane = 0; lane < kLaneCount; lane += kDoubles) {
      const VD frequency = load_unaligned(b.frequency + lane), n_bins = load_unaligned(b.n_bins + lane);
      for (std::size_t j = 0; j < n; ++j) {
        const VD place = bin_of(frequency * b.time[first + j], n_bins) + splat(kMagic);
        store_lanes(reinterpret_cast<double*>(bin[j] + lane), place);
      }
    }
    for (std::size_t j = 0; j < n; ++j) {
      const Pair pair = *reinterpret_cast<const Pair*>(b.pair + 2 * (first + j));
#pragma GCC unroll 8
      for (std::size_t lane = 0; lane < kLaneCount; ++lane)
        *reinterpret_cast<Pair*>(
            b.cells + (static_cast<std::uint32_t>(bin[j][lane]) * 2 * kLaneCount + 2 * lane)) += pair;
    }
  }
}

constexpr std::size_t kBits = 6, kBinsOfWord = 10;  // the bits of one count, which is at most kMaxRun, and
                                                    // the counts in one word of 64 bits

/// Counts `n` observations in the phase bins that belong to word `word`, and adds the counts to `counts`.
/// With kOneWord there is only one word, to which every bin belongs.
template <bool kOneWord>
inline void count_run(const CountBlock& b, const double* time, std::size_t n, std::size_t word,
                      std::size_t lane, std::int64_t* counts) {
  const VD frequency = load_unaligned(b.frequency + lane);
  const VD n_bins = splat(static_cast<double>(b.n_phase_bins));
  const VI base = static_cast<std::int64_t>(word * kBinsOfWord * kBits) - VI{};
  const VI limit = static_cast<std::int64_t>(kBinsOfWord * kBits) - VI{}, one = 1 - VI{}, none{};
  VI sum{};
  for (std::size_t j = 0; j < n; ++j) {
    const VD bits = bin_of(frequency * time[j], n_bins) * static_cast<double>(kBits);
    const VI shift = reinterpret_cast<VI>(bits + splat(kMagic));
    if constexpr (kOneWord) {
      sum += one << (shift & 63);
    } else {
      const VI within = (shift & 0xffffffff) - base;
      sum += ((within >= none) & (within < limit) & one) << (within & 63);
    }
  }
  const std::size_t first = word * kBinsOfWord;
  for (std::size_t bin = first; bin < b.n_phase_bins && bin < first + kBinsOfWord; ++bin) {
    VI* p = reinterpret_cast<VI*>(counts + bin * kLaneCount + lane);
    *p += sum & 63;
    sum >>= kBits;
  }
}

void count(const CountBlock& b) {
  const std::size_t size = b.n_rows * b.n_phase_bins * kLaneCount;
  for (std::size_t i = 0; i < size; ++i) b.counts[i] = 0;
  for (std::size_t run = 0; run < b.n_runs; ++run) {
    const std::size_t first = b.run_begin[run], n = b.run_begin[run + 1] - first;
    std::int64_t* row = b.counts + b.run_row[run] * b.n_phase_bins * kLaneCount;
    if (b.n_phase_bins <= kBinsOfWord) {
      for (std::size_t lane = 0; lane < kLaneCount; lane += kDoubles)
        count_run<true>(b, b.time + first, n, 0, lane, row);
      continue;
    }
    for (std::size_t word = 0; word * kBinsOfWord < b.n_phase_bins; ++word) {
      for (std::size_t lane = 0; lane < kLaneCount; lane += kDoubles)
        count_run<false>(b, b.time + first, n, word, lane, row);
    }
  }
}

/// Replaces the pair of sums in every bin by the sums over all bins before it, [2][8].
void sum_up(const BoxBlock& b) {
  alignas(64) double sums[2][kLaneCount] = {}, own[2][kLaneCount];
  for (std::size_t bin = 0; bin <= b.n_cells; ++bin) {
    double* cell = b.cells + bin * 2 * kLaneCount;
    for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
      own[0][lane] = cell[2 * lane];
      own[1][lane] = cell[2 * lane + 1];
    }
    for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
      cell[lane] = sums[0][lane];
      cell[kLaneCount + lane] = sums[1][lane];
      sums[0][lane] += own[0][lane];
      sums[1][lane] += own[1][lane];
    }
  }
}

}  // namespace

void find_boxes(const BoxBlock& b) {
  constexpr std::size_t kCell = 2 * kLaneCount;
  constexpr double kNothing =
      1e-12;  // a share of the weights that counts as none; the rounding of the running sums leaves 1e-16
  sum_up(b);
  for (std::size_t lane = 0; lane < kLaneCount; lane += kDoubles) {
    const VD n_starts = load_unaligned(b.n_starts + lane);
    double most = 0;
    for (std::size_t i = 0; i < kDoubles; ++i) most = n_starts[i] > most ? n_starts[i] : most;
    // Fractions are compared by their cross products, which costs no division.
    VD best{}, best_below = splat(1.0), start{}, which{};
    const VD none{};
    for (std::size_t k = 0; k < b.n_durations; ++k) {
      const std::size_t step = b.duration[k] * kCell;
      VD bin{};
      for (std::size_t i = 0; i < static_cast<std::size_t>(most); ++i, bin += 1.0) {
        const double* p = b.cells + i * kCell + lane;
        const VD in = load_lanes(p + step) - load_lanes(p), out = 1.0 - in;
        const VD sum = load_lanes(p + step + kLaneCount) - load_lanes(p + kLaneCount);
        const VD low = sum < 0.0 ? sum : none;  // a box that is not low is never better
        const VD above = low * low, both = in * out, below = b.is_likelihood ? both * out : both;
        const auto better = (above * best_below > best * below) & (both > kNothing) & (bin < n_starts);
        best = better ? above : best;
        best_below = better ? below : best_below;
        start = better ? bin : start;
        which = better ? splat(static_cast<double>(k)) : which;
      }
    }
    store_unaligned(b.score + lane, best / best_below);
    store_unaligned(b.start + lane, start);
    store_unaligned(b.which + lane, which);
  }
}

const SpectrumKernels kSpectrumTable{sum_by_nufft, fold, count, find_boxes, solve_normal_equations};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
