// SPDX-License-Identifier: MIT
//
// One shape shared by several bands, and a regularised deviation of each: VanderPlas & Ivezic 2015, ApJ 812,
// 18, section 4.2, with the regularisation of astropy's LombScargleMultiband.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/kernels/isa.h"
#include "base/aligned_vector.h"
#include "features/harmonic_sums.h"
#include "features/statistics/harmonic_power.h"
#include "features/statistics/statistic.h"
#include "kernels/dispatch.h"

namespace astrom3 {
namespace {

constexpr double kRegularization = 1e-6;  // of the trace: astropy's reg_band

class SharedShape final : public StatisticPlan {
 public:
  SharedShape(const StatisticInput& input, std::size_t base_terms, std::size_t terms, Isa isa,
              OfShare of_share)
      : input_(input), base_terms_(base_terms), terms_(terms), isa_(isa), of_share_(std::move(of_share)) {
    std::size_t most = 0;
    for (const auto& band : input.bands) {
      most = std::max(most, band.data.time.size());
      total_ += band.inverse_variance;
    }
    blocks_ = divide_frequencies(input.frequencies, most);
    const std::size_t highest = std::max(base_terms, terms);
    for (const auto& band : input.bands) plans_.emplace_back(band.data, blocks_, 2 * highest, highest, isa);
  }
  std::size_t block_size() const override { return blocks_.size(); }
  std::unique_ptr<StatisticStream> open() const override;

  std::size_t n_base() const { return 2 * base_terms_ + 1; }
  std::size_t n_band() const { return 2 * terms_ + 1; }
  std::size_t n_parameters() const { return n_base() + input_.bands.size() * n_band(); }
  double share_of(std::size_t b) const { return input_.bands[b].inverse_variance / total_; }

 private:
  friend class SharedStream;
  const StatisticInput& input_;
  std::size_t base_terms_, terms_;
  Isa isa_;
  OfShare of_share_;
  FrequencyBlocks blocks_;
  std::vector<HarmonicPlan> plans_;
  double total_ = 0;  ///< sum of 1 / sigma^2
};

class SharedStream final : public StatisticStream {
 public:
  explicit SharedStream(const SharedShape& plan)
      : plan_(plan), kernels_(kernels::spectrum_kernels(plan.isa_)), n_(plan.n_parameters()) {
    for (const HarmonicPlan& band : plan.plans_) sums_.emplace_back(band);
    matrix_.resize(kLanes * n_ * (n_ + 1) / 2);
    right_.resize(kLanes * n_);
    diagonal_.resize(kLanes * n_);
  }

  void compute(std::size_t block, std::span<double> value) override {
    for (HarmonicSums& sums : sums_) sums.compute(block);
    alignas(64) double explained[kLanes], least_pivot[kLanes];
    for (std::size_t step = 0; step < plan_.blocks_.n_steps; ++step) {
      assemble(step);
      kernels_.solve({.n = n_,
                      .matrix = matrix_.data(),
                      .right = right_.data(),
                      .diagonal = diagonal_.data(),
                      .explained = explained,
                      .least_pivot = least_pivot});
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const std::size_t at = lane * plan_.blocks_.n_steps + step;
        // The deviations of the bands nearly repeat the shared shape, so that their pivots are small, but
        // larger than pivots that are mere rounding.
        constexpr double kLeast = 1e-3 * kRegularization;
        double found = explained[lane] * plan_.total_;
        if (!(least_pivot[lane] >= kLeast))
          found = exactly(plan_.blocks_.at(block * plan_.block_size() + at));
        value[at] = plan_.of_share_(std::clamp(found / plan_.input_.chi2, 0.0, 1.0));
      }
    }
  }

 private:
  double* entry(std::size_t i, std::size_t k) { return matrix_.data() + kLanes * (i * (i + 1) / 2 + k); }

  void assemble(std::size_t step) {
    std::fill(matrix_.begin(), matrix_.end(), 0.0);
    std::fill(right_.begin(), right_.end(), 0.0);
    const std::size_t n_base = plan_.n_base(), n_band = plan_.n_band();
    for (std::size_t b = 0; b < sums_.size(); ++b) {
      const HarmonicSums& sums = sums_[b];
      const double share = plan_.share_of(b), of_y = share * plan_.input_.bands[b].data.scale;
      const std::size_t first = n_base + b * n_band;
      for (std::size_t i = 0; i < n_base; ++i) {
        for (std::size_t k = 0; k <= i; ++k) add_product(sums, step, i, k, share, entry(i, k));
        if (i > 0) add_right(sums, step, i, of_y, right_.data() + kLanes * i);
      }
      for (std::size_t i = 0; i < n_band; ++i) {
        for (std::size_t k = 0; k < n_base; ++k) add_product(sums, step, i, k, share, entry(first + i, k));
        for (std::size_t k = 0; k <= i; ++k)
          add_product(sums, step, i, k, share, entry(first + i, first + k));
        if (i > 0) add_right(sums, step, i, of_y, right_.data() + kLanes * (first + i));
      }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      double trace = 0;
      for (std::size_t i = 0; i < n_; ++i) trace += entry(i, i)[lane];
      for (std::size_t i = n_base; i < n_; ++i) entry(i, i)[lane] += kRegularization * trace;
    }
  }

  /// Computes the same share by a projection. The regularisation becomes one more row for each parameter of
  /// the deviations.
  double exactly(double frequency) const {
    const std::size_t n_base = plan_.n_base(), n_band = plan_.n_band();
    const std::size_t n_extra = sums_.size() * n_band;
    std::vector<std::vector<double>> columns(n_);
    std::vector<double> y;
    double trace = 0;
    for (std::size_t b = 0; b < sums_.size(); ++b) {
      const GlsData& data = plan_.input_.bands[b].data;
      auto own = harmonic_columns(data, frequency, std::max(plan_.base_terms_, plan_.terms_), plan_.isa_);
      for (std::size_t i = 1; i < own.size(); i += 2) {  // cos - 1 to cos
        for (std::size_t j = 0; j < own[i].size(); ++j) own[i][j] += own[0][j];
      }
      const double root = std::sqrt(plan_.share_of(b));
      const std::size_t at = y.size(), n = data.time.size();
      for (auto& column : columns) column.resize(at + n, 0.0);
      y.resize(at + n);
      for (std::size_t j = 0; j < n; ++j) y[at + j] = root * own[0][j] * data.y[j] * data.scale;
      for (std::size_t i = 0; i < n_base + n_band; ++i) {
        const std::vector<double>& from = own[i < n_base ? i : i - n_base];
        std::vector<double>& to = columns[i < n_base ? i : i + b * n_band];
        for (std::size_t j = 0; j < n; ++j) {
          to[at + j] = root * from[j];
          trace += to[at + j] * to[at + j];
        }
      }
    }
    const std::size_t n_rows = y.size();
    for (auto& column : columns) column.resize(n_rows + n_extra, 0.0);
    y.resize(n_rows + n_extra, 0.0);
    for (std::size_t i = 0; i < n_extra; ++i)
      columns[n_base + i][n_rows + i] = std::sqrt(kRegularization * trace);
    return projected(columns, y) * plan_.total_;
  }

  const SharedShape& plan_;
  const kernels::SpectrumKernels& kernels_;
  std::size_t n_;
  std::vector<HarmonicSums> sums_;
  AlignedVector<double> matrix_, right_, diagonal_;
};

std::unique_ptr<StatisticStream> SharedShape::open() const {
  return std::make_unique<SharedStream>(*this);
}

}  // namespace

std::unique_ptr<StatisticPlan> plan_shared_shape(const StatisticInput& input, std::size_t base_terms,
                                                 std::size_t terms, Isa isa, OfShare of_share) {
  return std::make_unique<SharedShape>(input, base_terms, terms, isa, std::move(of_share));
}

}  // namespace astrom3
