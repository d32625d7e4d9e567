// SPDX-License-Identifier: MIT
//
// Method ce: the conditional entropy of Graham et al. 2013, MNRAS 434, 2629, equation 4, in nats:
//
//   H(m|phi) = sum_ij p(m_i, phi_j) ln(p(phi_j) / p(m_i, phi_j))
//
// with the shares p of the observations in cells of value (equal steps from the lowest to the highest) and
// phase.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "astrom3/features/period_statistics.h"
#include "astrom3/kernels/isa.h"
#include "base/aligned_vector.h"
#include "features/harmonic_sums.h"
#include "features/statistics/statistic.h"
#include "kernels/dispatch.h"
#include "kernels/spectra.h"

namespace astrom3 {
namespace {

constexpr const char* kEntropyOptions[] = {"phase-bins", "value-bins"};

class EntropyPlan final : public StatisticPlan {
 public:
  EntropyPlan(const StatisticInput& input, const PeriodStatisticOptions& o)
      : blocks_(eights_of(input.frequencies)),
        n_phase_bins_(o.phase_bins),
        n_rows_(o.value_bins),
        isa_(o.isa) {
    sort_into_runs(input);
    for (std::size_t n = 0; n <= input.y.size(); ++n) {
      const auto x = static_cast<double>(n);
      n_log_n_.push_back(n > 0 ? x * std::log(x) : 0);
    }
  }
  std::size_t block_size() const override { return kLanes; }
  std::unique_ptr<StatisticStream> open() const override { return std::make_unique<Stream>(*this); }

 private:
  /// Sorts the observations by their bins of value, and divides them into runs that the kernel can count.
  void sort_into_runs(const StatisticInput& input) {
    const auto [low, high] = std::minmax_element(input.y.begin(), input.y.end());
    const auto n_rows = static_cast<double>(n_rows_);
    std::vector<std::uint32_t> row;
    for (const double y : input.y) {
      const double place = (y / 2 - *low / 2) / (*high / 2 - *low / 2);  // halves cannot overflow
      row.push_back(static_cast<std::uint32_t>(std::min(std::floor(place * n_rows), n_rows - 1)));
    }
    std::vector<std::size_t> order(row.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return row[a] < row[b]; });
    for (const std::size_t j : order) {
      if (run_row_.empty() || run_row_.back() != row[j] ||
          time_.size() - run_begin_.back() == kernels::kMaxRun) {
        run_begin_.push_back(static_cast<std::uint32_t>(time_.size()));
        run_row_.push_back(row[j]);
      }
      time_.push_back(input.time[j]);
    }
    run_begin_.push_back(static_cast<std::uint32_t>(time_.size()));
  }

  class Stream final : public StatisticStream {
   public:
    explicit Stream(const EntropyPlan& plan)
        : plan_(plan),
          kernels_(kernels::spectrum_kernels(plan.isa_)),
          counts_(plan.n_rows_ * plan.n_phase_bins_ * kLanes) {}

    void compute(std::size_t block, std::span<double> value) override {
      std::array<double, kLanes> frequency;
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        frequency[lane] = plan_.blocks_.at(block * kLanes + lane);
      kernels_.count({.n_runs = plan_.run_row_.size(),
                      .run_begin = plan_.run_begin_.data(),
                      .run_row = plan_.run_row_.data(),
                      .time = plan_.time_.data(),
                      .frequency = frequency.data(),
                      .n_rows = plan_.n_rows_,
                      .n_phase_bins = plan_.n_phase_bins_,
                      .counts = counts_.data()});
      // N H is the sum of n ln n over bins of phase, less the sum of n ln n over cells.
      const std::vector<double>& table = plan_.n_log_n_;
      const std::size_t row = plan_.n_phase_bins_ * kLanes;
      std::array<double, kLanes> sum{};
      for (std::size_t bin = 0; bin < plan_.n_phase_bins_; ++bin) {
        std::array<std::int64_t, kLanes> n{};
        const std::int64_t* cell = counts_.data() + bin * kLanes;
        for (std::size_t i = 0; i < plan_.n_rows_; ++i, cell += row) {
          for (std::size_t lane = 0; lane < kLanes; ++lane) {
            n[lane] += cell[lane];
            sum[lane] -= table[static_cast<std::size_t>(cell[lane])];
          }
        }
        for (std::size_t lane = 0; lane < kLanes; ++lane)
          sum[lane] += table[static_cast<std::size_t>(n[lane])];
      }
      const auto n = static_cast<double>(plan_.time_.size());
      for (std::size_t lane = 0; lane < kLanes; ++lane) value[lane] = std::max(sum[lane] / n, 0.0);
    }

   private:
    const EntropyPlan& plan_;
    const kernels::SpectrumKernels& kernels_;
    AlignedVector<std::int64_t> counts_;
  };

  FrequencyBlocks blocks_;
  std::size_t n_phase_bins_, n_rows_;
  Isa isa_;
  std::vector<double> time_;  ///< in the order of the runs
  std::vector<std::uint32_t> run_begin_, run_row_;
  std::vector<double> n_log_n_;  ///< [N + 1]
};

}  // namespace

const StatisticMethod kConditionalEntropy{
    .method = PeriodStatistic::ce,
    .word = "ce",
    .value_name = "conditional entropy",
    .lowest_is_best = true,
    .options = kEntropyOptions,
    .prepare = [](const StatisticInput& input, const PeriodStatisticOptions& o)
        -> std::unique_ptr<StatisticPlan> { return std::make_unique<EntropyPlan>(input, o); }};

}  // namespace astrom3
