// SPDX-License-Identifier: MIT
//
// Trigonometric sums over the observations at the multiples of many frequencies. They are computed by a NUFFT
// where the frequencies are a regular grid, and directly elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned_vector.h"
#include "features/gls_stream.h"
#include "features/nufft_tables.h"
#include "kernels/spectra.h"

namespace astrom3 {

inline constexpr std::size_t kLanes = kernels::kSpectrumLanes;  // frequencies at a time

/// Increasing frequencies, and the regular grid that they form, if they do.
struct FrequencyList {
  std::span<const double> values;  ///< cycles per day
  FrequencyGrid grid{};            ///< its count is 0 where the frequencies form no regular grid
};
/// Lists the frequencies. They form a grid where each equals the grid's frequency to the rounding of the
/// largest.
FrequencyList list_frequencies(std::span<const double> values);

/// The division of frequencies into blocks of 8 lanes of n_steps each: index = (8 block + lane) n_steps +
/// step.
struct FrequencyBlocks {
  FrequencyList list;
  std::size_t n_steps = 1;
  std::size_t n_grid = 0;  ///< the number of cells of the NUFFT; 0 where the sums are direct

  std::size_t size() const noexcept { return kLanes * n_steps; }
  std::size_t count() const noexcept { return (list.values.size() + size() - 1) / size(); }
  std::size_t index(std::size_t block, std::size_t lane, std::size_t step) const noexcept {
    return (block * kLanes + lane) * n_steps + step;
  }
  /// The frequency at `index`; beyond the end, the last frequency.
  double at(std::size_t index) const noexcept;
};
/// Divides the frequencies. n_observations is the number in the largest band.
FrequencyBlocks divide_frequencies(const FrequencyList& list, std::size_t n_observations);
/// Blocks of 8 frequencies, for methods that do not use a NUFFT.
FrequencyBlocks eights_of(const FrequencyList& list);

/// The data that all blocks of frequencies share; threads share one plan.
class HarmonicPlan {
 public:
  /// Sums of w at 1 .. n_sums times the frequency, and of w y at 1 .. n_sums_y (not above n_sums) times.
  /// `data` must outlive the plan.
  HarmonicPlan(const GlsData& data, const FrequencyBlocks& blocks, std::size_t n_sums, std::size_t n_sums_y,
               Isa isa);

 private:
  friend class HarmonicSums;
  struct Spread {
    std::vector<std::uint32_t> begin, observation;
    std::vector<double> weight, weight_y;
  };
  Spread make_spread(double multiple, bool with_y) const;

  const GlsData* data_;
  FrequencyBlocks blocks_;
  std::size_t n_sums_, n_sums_y_;
  const kernels::PeriodogramKernels* phasors_;
  const kernels::SpectrumKernels* kernels_;
  std::vector<Spread> spreads_;  ///< one for each multiple
  AlignedVector<double> lane_phasor_;
  const NufftTables<double>* tables_ = nullptr;
};

/// Computes the sums of one block at a time; each thread has one.
class HarmonicSums {
 public:
  explicit HarmonicSums(const HarmonicPlan& plan);

  void compute(std::size_t block);
  /// [2][8] re, im of sum_j w_j e^{2 pi i k f t_j}, k = 1 .. n_sums.
  const double* sum(std::size_t k, std::size_t step) const noexcept;
  /// [2][8] re, im of sum_j w_j y_j e^{2 pi i k f t_j}, k = 1 .. n_sums_y.
  const double* sum_y(std::size_t k, std::size_t step) const noexcept;

 private:
  void compute_directly(std::size_t block);
  void compute_by_nufft(std::size_t block);

  const HarmonicPlan& plan_;
  AlignedVector<double> sums_, sums_y_, first_phasor_, phasor_, work_;
  std::vector<double> cycles_, re_, im_;
};

}  // namespace astrom3
