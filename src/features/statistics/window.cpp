// SPDX-License-Identifier: MIT
//
// Method window: the spectral window |sum w_j e^{2 pi i f t_j}|^2 / (sum w_j)^2 of Deeming 1975, Ap&SS 36,
// 137, which is 1 where the times cannot tell the frequency f from 0. The values do not matter.
#include <cstddef>
#include <memory>
#include <span>

#include "astrom3/features/period_statistics.h"
#include "astrom3/kernels/isa.h"
#include "features/harmonic_sums.h"
#include "features/statistics/statistic.h"

namespace astrom3 {
namespace {

class WindowPlan final : public StatisticPlan {
 public:
  WindowPlan(const StatisticInput& input, Isa isa)
      : blocks_(divide_frequencies(input.frequencies, input.bands.front().data.time.size())),
        plan_(input.bands.front().data, blocks_, 1, 0, isa) {}
  std::size_t block_size() const override { return blocks_.size(); }
  std::unique_ptr<StatisticStream> open() const override { return std::make_unique<Stream>(*this); }

 private:
  class Stream final : public StatisticStream {
   public:
    explicit Stream(const WindowPlan& plan) : blocks_(plan.blocks_), sums_(plan.plan_) {}
    void compute(std::size_t block, std::span<double> value) override {
      sums_.compute(block);
      for (std::size_t step = 0; step < blocks_.n_steps; ++step) {
        const double* z = sums_.sum(1, step);
        for (std::size_t lane = 0; lane < kLanes; ++lane)
          value[lane * blocks_.n_steps + step] = z[lane] * z[lane] + z[kLanes + lane] * z[kLanes + lane];
      }
    }

   private:
    const FrequencyBlocks& blocks_;
    HarmonicSums sums_;
  };

  FrequencyBlocks blocks_;
  HarmonicPlan plan_;
};

}  // namespace

const StatisticMethod kWindow{
    .method = PeriodStatistic::window,
    .word = "window",
    .value_name = "window",
    .needs_variation = false,
    .prepare = [](const StatisticInput& input, const PeriodStatisticOptions& o)
        -> std::unique_ptr<StatisticPlan> { return std::make_unique<WindowPlan>(input, o.isa); }};

}  // namespace astrom3
