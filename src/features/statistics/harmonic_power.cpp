// SPDX-License-Identifier: MIT
#include "features/statistics/harmonic_power.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/kernels/isa.h"
#include "base/aligned_vector.h"
#include "features/gls_stream.h"
#include "features/harmonic_sums.h"
#include "features/statistics/statistic.h"
#include "kernels/dispatch.h"
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void subtract(std::vector<double>& from, double factor, std::span<const double> what) {
  for (std::size_t j = 0; j < from.size(); ++j) from[j] -= factor * what[j];
}

}  // namespace

void add_product(const HarmonicSums& sums, std::size_t step, std::size_t i, std::size_t k, double scale,
                 double* out) {
  const std::size_t m = (i + 1) / 2, n = (k + 1) / 2, high = m + n, low = m > n ? m - n : n - m;
  const bool i_is_sine = i > 0 && i % 2 == 0, k_is_sine = k > 0 && k % 2 == 0;
  if (high == 0) {
    for (std::size_t l = 0; l < kLanes; ++l) out[l] += scale;
    return;
  }
  const double* upper = sums.sum(high, step);
  const double* lower = low > 0 ? sums.sum(low, step) : nullptr;
  const double half = 0.5 * scale;
  if (i_is_sine == k_is_sine) {  // cos cos = (cos(m-n) + cos(m+n)) / 2, sin sin with a minus
    const double sign = i_is_sine ? -half : half;
    for (std::size_t l = 0; l < kLanes; ++l) out[l] += half * (lower ? lower[l] : 1.0) + sign * upper[l];
    return;
  }
  // sin(a) cos(b) = (sin(a+b) + sin(a-b)) / 2, a the argument of the sine
  const double sign = (i_is_sine ? m > n : n > m) ? half : -half;
  for (std::size_t l = 0; l < kLanes; ++l)
    out[l] += half * upper[kLanes + l] + (lower ? sign * lower[kLanes + l] : 0.0);
}

void add_right(const HarmonicSums& sums, std::size_t step, std::size_t i, double scale, double* out) {
  const double* from = sums.sum_y((i + 1) / 2, step) + (i % 2 == 0 ? kLanes : 0);
  for (std::size_t l = 0; l < kLanes; ++l) out[l] += scale * from[l];
}

std::vector<std::vector<double>> harmonic_columns(const GlsData& data, double frequency, std::size_t terms,
                                                  Isa isa) {
  const kernels::PeriodogramKernels& kernels = kernels::periodogram_kernels(isa);
  const std::size_t n = data.time.size();
  std::vector<std::vector<double>> columns;
  std::vector<double> root(n), cycles(n), re(n), im(n);
  for (std::size_t j = 0; j < n; ++j) root[j] = std::sqrt(data.weight[j]);
  columns.push_back(root);
  for (std::size_t k = 1; k <= terms; ++k) {
    // cos - 1 is computed as -2 sin^2 of half the angle, so that there is no cancellation when f -> 0.
    const double half_turns = 0.5 * static_cast<double>(k) * frequency;
    for (std::size_t j = 0; j < n; ++j) cycles[j] = half_turns * data.time[j];
    kernels.unit_phasors(cycles.data(), n, re.data(), im.data());
    std::vector<double> cosine(n), sine(n);
    for (std::size_t j = 0; j < n; ++j) {
      cosine[j] = -2 * root[j] * im[j] * im[j];
      sine[j] = 2 * root[j] * re[j] * im[j];
    }
    columns.push_back(std::move(cosine));
    columns.push_back(std::move(sine));
  }
  return columns;
}

double projected(std::vector<std::vector<double>>& columns, std::span<const double> y) {
  constexpr double kDependent = 1e-6;
  std::vector<std::vector<double>*> basis;
  std::vector<double> rest(y.begin(), y.end());
  double sum = 0;
  for (std::vector<double>& column : columns) {
    const double before = std::sqrt(dot(column, column));
    for (int pass = 0; pass < 2; ++pass) {  // twice is enough: Kahan and Parlett
      for (const std::vector<double>* b : basis) subtract(column, dot(*b, column), *b);
    }
    const double length = std::sqrt(dot(column, column));
    if (!(length > kDependent * before)) continue;
    for (double& v : column) v /= length;
    basis.push_back(&column);
    const double component = dot(column, rest);
    subtract(rest, component, column);
    sum += component * component;
  }
  return sum;
}

namespace {

class SeparateBands final : public StatisticPlan {
 public:
  SeparateBands(const StatisticInput& input, std::size_t terms, Isa isa, OfShare of_share)
      : input_(input), terms_(terms), isa_(isa), of_share_(std::move(of_share)) {
    std::size_t most = 0;
    for (const auto& band : input.bands) most = std::max(most, band.data.time.size());
    blocks_ = divide_frequencies(input.frequencies, most);
    for (const auto& band : input.bands) plans_.emplace_back(band.data, blocks_, 2 * terms, terms, isa);
  }
  std::size_t block_size() const override { return blocks_.size(); }
  std::unique_ptr<StatisticStream> open() const override;

 private:
  friend class SeparateStream;
  const StatisticInput& input_;
  std::size_t terms_;
  Isa isa_;
  OfShare of_share_;
  FrequencyBlocks blocks_;
  std::vector<HarmonicPlan> plans_;
};

class SeparateStream final : public StatisticStream {
 public:
  explicit SeparateStream(const SeparateBands& plan)
      : plan_(plan), kernels_(kernels::spectrum_kernels(plan.isa_)), n_(2 * plan.terms_) {
    for (const HarmonicPlan& band : plan.plans_) sums_.emplace_back(band);
    matrix_.resize(kLanes * n_ * (n_ + 1) / 2);
    right_.resize(kLanes * n_);
    diagonal_.resize(kLanes * n_);
  }

  void compute(std::size_t block, std::span<double> value) override {
    std::fill(value.begin(), value.end(), 0.0);
    for (std::size_t b = 0; b < sums_.size(); ++b) {
      sums_[b].compute(block);
      for (std::size_t step = 0; step < plan_.blocks_.n_steps; ++step) add_band(b, block, step, value);
    }
    for (double& v : value) v = plan_.of_share_(std::clamp(v / plan_.input_.chi2, 0.0, 1.0));
  }

 private:
  /// Sets up the equations of the harmonics relative to their means, which eliminates the constant.
  void assemble(const HarmonicSums& sums, std::size_t step) {
    std::fill(matrix_.begin(), matrix_.end(), 0.0);
    std::fill(right_.begin(), right_.end(), 0.0);
    const auto mean = [&](std::size_t i) { return sums.sum((i + 1) / 2, step) + (i % 2 == 0 ? kLanes : 0); };
    double* entry = matrix_.data();
    for (std::size_t i = 1; i <= n_; ++i) {
      for (std::size_t k = 1; k <= i; ++k, entry += kLanes) {
        add_product(sums, step, i, k, 1, entry);
        const double *a = mean(i), *b = mean(k);
        for (std::size_t l = 0; l < kLanes; ++l) entry[l] -= a[l] * b[l];
      }
      add_right(sums, step, i, 1, right_.data() + kLanes * (i - 1));
    }
  }

  void add_band(std::size_t b, std::size_t block, std::size_t step, std::span<double> value) {
    alignas(64) double explained[kLanes], least_pivot[kLanes];
    assemble(sums_[b], step);
    kernels_.solve({.n = n_,
                    .matrix = matrix_.data(),
                    .right = right_.data(),
                    .diagonal = diagonal_.data(),
                    .explained = explained,
                    .least_pivot = least_pivot});
    const auto& band = plan_.input_.bands[b];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t at = lane * plan_.blocks_.n_steps + step;
      if (!(least_pivot[lane] >= kLeastPivot))
        explained[lane] = exactly(band.data, plan_.blocks_.at(block * plan_.block_size() + at));
      value[at] += band.chi2 * std::clamp(explained[lane], 0.0, 1.0);
    }
  }

  double exactly(const GlsData& data, double frequency) const {
    auto columns = harmonic_columns(data, frequency, plan_.terms_, plan_.isa_);
    std::vector<double> y(data.y.size());
    for (std::size_t j = 0; j < y.size(); ++j) y[j] = columns[0][j] * data.y[j];
    return projected(columns, y);
  }

  const SeparateBands& plan_;
  const kernels::SpectrumKernels& kernels_;
  std::size_t n_;  ///< the number of parameters without the mean
  std::vector<HarmonicSums> sums_;
  AlignedVector<double> matrix_, right_, diagonal_;
};

std::unique_ptr<StatisticStream> SeparateBands::open() const {
  return std::make_unique<SeparateStream>(*this);
}

/// The plan for one band and one harmonic, which uses the stream of the period search.
class SinePlan final : public StatisticPlan {
 public:
  SinePlan(const StatisticInput& input, Isa isa, OfShare of_share)
      : data_(input.bands.front().data), grid_(input.frequencies.grid), of_share_(std::move(of_share)) {
    options_.kernel_width = 14;
    options_.isa = isa;
    block_size_ = GlsStream<double>(data_, grid_, options_).block_size();
  }
  std::size_t block_size() const override { return block_size_; }
  std::unique_ptr<StatisticStream> open() const override {
    class Stream final : public StatisticStream {
     public:
      explicit Stream(const SinePlan& plan) : plan_(plan), stream_(plan.data_, plan.grid_, plan.options_) {}
      void compute(std::size_t block, std::span<double> value) override {
        stream_.compute(block, value);
        for (double& v : value) v = plan_.of_share_(v);
      }

     private:
      const SinePlan& plan_;
      GlsStream<double> stream_;
    };
    return std::make_unique<Stream>(*this);
  }

 private:
  const GlsData& data_;
  FrequencyGrid grid_;
  PeriodogramOptions options_;
  OfShare of_share_;
  std::size_t block_size_ = 0;
};

}  // namespace

std::unique_ptr<StatisticPlan> plan_separate_bands(const StatisticInput& input, std::size_t terms, Isa isa,
                                                   OfShare of_share) {
  const FrequencyBlocks blocks = divide_frequencies(input.frequencies, input.bands.front().data.time.size());
  if (terms == 1 && input.bands.size() == 1 && blocks.n_grid > 0)
    return std::make_unique<SinePlan>(input, isa, std::move(of_share));
  return std::make_unique<SeparateBands>(input, terms, isa, std::move(of_share));
}

}  // namespace astrom3
