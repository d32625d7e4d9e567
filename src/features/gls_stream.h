// SPDX-License-Identifier: MIT
//
// A periodogram computed block by block, so that a search need not store it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/periodogram.h"
#include "base/aligned_vector.h"
#include "features/nufft_tables.h"
#include "kernels/periodogram.h"

namespace astrom3 {

/// Observations in the units of the sums: times relative to the middle of their range, weights whose sum is
/// one, and y with weighted mean 0 and weighted mean square 1.
struct GlsData {
  std::vector<double> time;    ///< [N] days from mid_time
  std::vector<double> weight;  ///< [N]
  std::vector<double> y;       ///< [N]
  double mid_time = 0;         ///< days
  double mean = 0;             ///< weighted mean of the values given
  double scale = 0;            ///< their weighted standard deviation
};

/// Checks and normalises the observations. The status is that of gls_power().
Status prepare_gls(std::span<const double> time, std::span<const double> y, std::span<const double> y_err,
                   GlsData& data);

/// Power at one frequency by centred sums in float64: exact to rounding, also where the model is
/// nearly singular. O(N).
double exact_gls_power(const GlsData& data, double frequency, const kernels::PeriodogramKernels& kernels);

/// Streams the periodogram of `data` on `grid` in blocks of ascending frequency. Real is double or
/// float: the precision of the transforms and of the power.
template <typename Real>
class GlsStream {
 public:
  GlsStream(const GlsData& data, const FrequencyGrid& grid, const PeriodogramOptions& options);

  std::size_t block_size() const noexcept { return n_bands_ * n_steps_; }
  std::size_t block_count() const noexcept { return (grid_.count + block_size() - 1) / block_size(); }

  /// power [block_size()]: frequencies block * block_size() onwards, those beyond the grid too.
  void compute(std::size_t block, std::span<Real> power);

 private:
  struct Spread {
    std::vector<std::uint32_t> begin, observation;
    std::vector<Real> weight, weight_y;
  };

  void prepare_direct();
  void prepare_nufft(std::size_t width);
  Spread make_spread(double multiple, std::size_t width) const;
  void compute_nufft(double first_frequency, std::span<Real> power);
  void compute_direct(double first_frequency, std::span<Real> power);
  void repair(double first_frequency, std::span<Real> power) const;

  const GlsData& data_;
  FrequencyGrid grid_;
  const kernels::PeriodogramKernels& kernels_;
  bool is_direct_ = false;
  std::size_t n_grid_ = 0;   ///< the number of cells of the NUFFT's grid
  std::size_t n_bands_ = 0;  ///< the number of bands that are computed side by side
  std::size_t n_steps_ = 0;  ///< the number of frequencies in one band
  Spread single_, twice_;
  const NufftTables<Real>* tables_ = nullptr;
  AlignedVector<Real> lane_phasor_, block_phasor_, work_, banded_power_;
  AlignedVector<double> direct_phasor_, direct_power_;
  std::vector<double> rotation_, weight_y_, cycles_, re_, im_;
};

extern template class GlsStream<double>;
extern template class GlsStream<float>;

}  // namespace astrom3
