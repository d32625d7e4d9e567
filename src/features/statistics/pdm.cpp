// SPDX-License-Identifier: MIT
//
// Method pdm: phase dispersion minimisation, Stellingwerf 1978, ApJ 224, 953, equations 2 and 3:
//
//   Theta(f) = s^2 / sigma^2,    s^2 = sum (n_b - 1) s_b^2 / (sum n_b - M)
//
// with the variance sigma^2 of all observations and s_b^2 of the n_b in bin b of the phase; M bins are not
// empty. With covers the bins are taken `covers` times, each time shifted by 1/covers of a bin, and s^2 is
// over all of them.
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "astrom3/features/period_statistics.h"
#include "astrom3/kernels/isa.h"
#include "base/aligned_vector.h"
#include "features/harmonic_sums.h"
#include "features/statistics/statistic.h"
#include "kernels/dispatch.h"

namespace astrom3 {
namespace {

constexpr const char* kPdmOptions[] = {"phase-bins", "covers"};

class DispersionPlan final : public StatisticPlan {
 public:
  DispersionPlan(const StatisticInput& input, const PeriodStatisticOptions& o)
      : input_(input),
        blocks_(eights_of(input.frequencies)),
        n_bins_(o.phase_bins),
        covers_(o.covers),
        isa_(o.isa) {
    double mean = 0;
    const auto n = static_cast<double>(input.y.size());
    for (const double y : input.y) mean += y / n;
    for (const double y : input.y) {
      pairs_.push_back(1);
      pairs_.push_back(y - mean);
      total_ += (y - mean) * (y - mean);
    }
  }
  std::size_t block_size() const override { return kLanes; }
  std::unique_ptr<StatisticStream> open() const override { return std::make_unique<Stream>(*this); }

 private:
  class Stream final : public StatisticStream {
   public:
    explicit Stream(const DispersionPlan& plan)
        : plan_(plan), kernels_(kernels::spectrum_kernels(plan.isa_)) {
      n_bins_.fill(static_cast<double>(plan.n_bins_ * plan.covers_));
      cells_.resize(2 * kLanes * plan.n_bins_ * plan.covers_);
    }

    void compute(std::size_t block, std::span<double> value) override {
      std::array<double, kLanes> frequency;
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        frequency[lane] = plan_.blocks_.at(block * kLanes + lane);
      const std::size_t n_cells = plan_.n_bins_ * plan_.covers_;
      kernels_.fold({.n_observations = plan_.input_.time.size(),
                     .time = plan_.input_.time.data(),
                     .pair = plan_.pairs_.data(),
                     .frequency = frequency.data(),
                     .n_bins = n_bins_.data(),
                     .n_cells = n_cells,
                     .cells = cells_.data()});
      std::array<double, kLanes> explained{}, bins{};
      for (std::size_t first = 0; first < n_cells; ++first) add_bin(first, explained, bins);
      const auto n = static_cast<double>(plan_.input_.y.size()), covers = static_cast<double>(plan_.covers_);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        // Where each observation is alone in its bin, the statistic has no degrees of freedom.
        const double degrees = covers * n - bins[lane], rest = covers * plan_.total_ - explained[lane];
        value[lane] = degrees > 0 ? std::max(rest, 0.0) / degrees * (n - 1) / plan_.total_ : 1;
      }
    }

   private:
    /// Adds one bin, which is made of `covers` cells from cell `first` on.
    void add_bin(std::size_t first, std::array<double, kLanes>& explained,
                 std::array<double, kLanes>& bins) const {
      const std::size_t n_cells = plan_.n_bins_ * plan_.covers_;
      std::array<double, kLanes> n{}, sum{};
      for (std::size_t i = 0; i < plan_.covers_; ++i) {
        const double* cell = cells_.data() + 2 * kLanes * ((first + i) % n_cells);
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          n[lane] += cell[2 * lane];
          sum[lane] += cell[2 * lane + 1];
        }
      }
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        explained[lane] += sum[lane] * sum[lane] / (n[lane] > 0 ? n[lane] : 1.0);
        bins[lane] += n[lane] > 0 ? 1.0 : 0.0;
      }
    }

    const DispersionPlan& plan_;
    const kernels::SpectrumKernels& kernels_;
    std::array<double, kLanes> n_bins_;
    AlignedVector<double> cells_;
  };

  const StatisticInput& input_;
  FrequencyBlocks blocks_;
  std::size_t n_bins_, covers_;
  Isa isa_;
  AlignedVector<double> pairs_;  ///< 1 and y about its mean
  double total_ = 0;             ///< sum of their squares
};

}  // namespace

const StatisticMethod kPdm{.method = PeriodStatistic::pdm,
                           .word = "pdm",
                           .value_name = "phase dispersion",
                           .lowest_is_best = true,
                           .options = kPdmOptions,
                           .prepare = [](const StatisticInput& input,
                                         const PeriodStatisticOptions& o) -> std::unique_ptr<StatisticPlan> {
                             return std::make_unique<DispersionPlan>(input, o);
                           }};

}  // namespace astrom3
