// SPDX-License-Identifier: MIT
//
// Method bls: box least squares, Kovacs, Zucker & Mazeh 2002, A&A 391, 369, on the bins of astropy's
// BoxLeastSquares.
//
// A period is divided into bins of d = (shortest length) / duration_steps, from the first observation on.
// Boxes of each length begin at every bin; with the sums w of 1 / sigma^2 and w y of the observations in and
// out of the box,
//
//   likelihood = w_in (y_out - y_in)^2 / 2,    snr = (y_out - y_in) / sqrt(1 / w_in + 1 / w_out)
//
// and the best of the boxes with y_out >= y_in is taken. The bins are a circle: a box goes on at the
// beginning of the turn, where the last bin of a period that is no whole number of bins is narrower.
#include "features/statistics/box.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/period_statistics.h"
#include "astrom3/kernels/isa.h"
#include "base/aligned_vector.h"
#include "features/gls_stream.h"
#include "features/harmonic_sums.h"
#include "features/statistics/statistic.h"
#include "kernels/dispatch.h"

namespace astrom3 {
namespace {

constexpr const char* kBoxOptions[] = {"durations", "duration-fractions", "duration-steps", "objective"};

[[noreturn]] void refuse(Status code, const char* option, double value, std::string message) {
  throw Error(Diagnostic{
      .code = code, .option = option, .value = fmt::format("{:g}", value), .message = std::move(message)});
}

class BoxPlan final : public StatisticPlan {
 public:
  BoxPlan(const StatisticInput& input, const PeriodStatisticOptions& o)
      : input_(input),
        blocks_(eights_of(input.frequencies)),
        isa_(o.isa),
        is_likelihood_(o.objective == BoxObjective::likelihood),
        chi2_(input.chi2) {
    const double shortest = 1 / input.frequencies.values.back(),
                 longest = 1 / input.frequencies.values.front();
    const double steps = static_cast<double>(o.duration_steps);
    if (o.durations.empty()) {
      const double least = *std::min_element(o.duration_fractions.begin(), o.duration_fractions.end());
      bins_of_turn_ = std::round(steps / least);
      check_bins("duration-fractions", least, bins_of_turn_);
      for (const double fraction : o.duration_fractions) add_duration(fraction * bins_of_turn_);
    } else {
      const auto [least, most] = std::minmax_element(o.durations.begin(), o.durations.end());
      if (!(*most < shortest))
        refuse(Status::usage, "durations", *most,
               fmt::format("expected less than the shortest period, {:.6g} d", shortest));
      bin_days_ = *least / steps;
      check_bins("durations", *least, longest / bin_days_);
      for (const double days : o.durations) add_duration(days / bin_days_);
    }
    const GlsData& data = input.bands.front().data;
    for (std::size_t j = 0; j < data.time.size(); ++j) {
      pairs_.push_back(data.weight[j]);
      pairs_.push_back(data.weight[j] * data.y[j]);
    }
  }

  std::size_t block_size() const override { return kLanes; }
  std::unique_ptr<StatisticStream> open() const override;

  double bins_of(double frequency) const {
    return bin_days_ > 0 ? 1 / (frequency * bin_days_) : bins_of_turn_;
  }
  std::size_t longest() const { return *std::max_element(durations_.begin(), durations_.end()); }

 private:
  friend class BoxStream;
  static void check_bins(const char* option, double value, double n_bins) {
    if (n_bins <= kMostBoxBins) return;
    refuse(
        Status::grid_too_fine, option, value,
        fmt::format("boxes that short make {:.4g} bins of the longest period; at most {:g} can be searched",
                    n_bins, kMostBoxBins));
  }
  void add_duration(double bins) {
    durations_.push_back(static_cast<std::uint32_t>(std::max(std::round(bins), 1.0)));
  }

  const StatisticInput& input_;
  FrequencyBlocks blocks_;
  Isa isa_;
  bool is_likelihood_;
  double chi2_;
  double bin_days_ = 0, bins_of_turn_ = 0;  ///< one of them is not 0
  std::vector<std::uint32_t> durations_;    ///< bins
  AlignedVector<double> pairs_;             ///< w and w y, low in a dip
};

class BoxStream final : public StatisticStream {
 public:
  explicit BoxStream(const BoxPlan& plan) : plan_(plan), kernels_(kernels::spectrum_kernels(plan.isa_)) {}

  void compute(std::size_t block, std::span<double> value) override {
    search(block);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      value[lane] =
          plan_.is_likelihood_ ? 0.5 * plan_.chi2_ * score_[lane] : std::sqrt(plan_.chi2_ * score_[lane]);
    }
  }

  /// The box of the first frequency of the last block. depth in the units of GlsData.
  Box first_box(double first_time) const {
    const std::size_t duration = plan_.durations_[static_cast<std::size_t>(which_[0])];
    const auto start = static_cast<std::size_t>(start_[0]);
    const double* before = cells_.data() + 2 * kLanes * start;
    const double* after = before + 2 * kLanes * duration;
    const double in = after[0] - before[0], sum = after[kLanes] - before[kLanes];
    const double bin_days = plan_.bin_days_ > 0 ? plan_.bin_days_ : 1 / (frequency_[0] * plan_.bins_of_turn_);
    const double scale = plan_.input_.bands.front().data.scale;
    Box box{.score =
                plan_.is_likelihood_ ? 0.5 * plan_.chi2_ * score_[0] : std::sqrt(plan_.chi2_ * score_[0])};
    if (!(score_[0] > 0)) return box;
    box.depth = -sum / (in * (1 - in)) * scale;
    box.depth_err = std::sqrt(1 / (in * (1 - in) * plan_.input_.bands.front().inverse_variance));
    box.duration_days = static_cast<double>(duration) * bin_days;
    box.mid_time = first_time + static_cast<double>(start) * bin_days + 0.5 * box.duration_days;
    return box;
  }

 private:
  void search(std::size_t block) {
    std::size_t most = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      frequency_[lane] = plan_.blocks_.at(block * kLanes + lane);
      n_bins_[lane] = plan_.bins_of(frequency_[lane]);
      n_starts_[lane] = std::ceil(n_bins_[lane]);
      most = std::max(most, static_cast<std::size_t>(n_starts_[lane]));
    }
    const std::size_t n_cells = most + plan_.longest(), size = 2 * kLanes * (n_cells + 1);
    if (cells_.size() < size) cells_.resize(size);
    kernels_.fold({.n_observations = plan_.input_.time.size(),
                   .time = plan_.input_.time.data(),
                   .pair = plan_.pairs_.data(),
                   .frequency = frequency_.data(),
                   .n_bins = n_bins_.data(),
                   .n_cells = n_cells + 1,
                   .cells = cells_.data()});
    for (std::size_t lane = 0; lane < kLanes; ++lane) {  // the turn goes on with its own beginning
      const std::size_t shift = 2 * kLanes * static_cast<std::size_t>(n_starts_[lane]);
      for (std::size_t i = 0; i < plan_.longest(); ++i) {
        double* cell = cells_.data() + 2 * (kLanes * i + lane);
        cell[shift] = cell[0];
        cell[shift + 1] = cell[1];
      }
    }
    kernels_.boxes({.n_cells = n_cells,
                    .cells = cells_.data(),
                    .n_starts = n_starts_.data(),
                    .n_durations = plan_.durations_.size(),
                    .duration = plan_.durations_.data(),
                    .is_likelihood = plan_.is_likelihood_,
                    .score = score_.data(),
                    .start = start_.data(),
                    .which = which_.data()});
  }

  const BoxPlan& plan_;
  const kernels::SpectrumKernels& kernels_;
  std::array<double, kLanes> frequency_{}, n_bins_{}, n_starts_{}, score_{}, start_{}, which_{};
  AlignedVector<double> cells_;
};

std::unique_ptr<StatisticStream> BoxPlan::open() const {
  return std::make_unique<BoxStream>(*this);
}

}  // namespace

Box best_box(const StatisticInput& input, const PeriodStatisticOptions& options) {
  const BoxPlan plan(input, options);
  BoxStream stream(plan);
  std::array<double, kLanes> value;
  stream.compute(0, value);
  return stream.first_box(input.first_time);
}

const StatisticMethod kBls{.method = PeriodStatistic::bls,
                           .word = "bls",
                           .value_name = "box",
                           .options = kBoxOptions,
                           .prepare = [](const StatisticInput& input,
                                         const PeriodStatisticOptions& o) -> std::unique_ptr<StatisticPlan> {
                             return std::make_unique<BoxPlan>(input, o);
                           }};

}  // namespace astrom3
