// SPDX-License-Identifier: MIT
//
// The parts of every period statistic: a declaration, a plan for one star, and a stream of values for each
// thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "astrom3/features/period_statistics.h"
#include "features/gls_stream.h"
#include "features/harmonic_sums.h"

namespace astrom3 {

/// The checked observations of one star, and the checked frequencies.
struct StatisticInput {
  struct OfBand {
    GlsData data{};               ///< its times are relative to the middle of the star's time range
    double inverse_variance = 0;  ///< sum of 1 / sigma^2
    double chi2 = 0;              ///< chi^2 of the mean
  };
  std::vector<OfBand> bands{};  ///< the bands that can be used
  double chi2 = 0;              ///< sum
  std::vector<double> time{};   ///< [N] from the first observation, in the order given
  std::vector<double> y{};      ///< [N]
  double first_time = 0;
  FrequencyList frequencies{};
};

/// Computes the values of blocks of frequencies; each thread has one.
class StatisticStream {
 public:
  virtual ~StatisticStream() = default;
  /// value [block_size of the plan]; values beyond the last frequency are undefined.
  virtual void compute(std::size_t block, std::span<double> value) = 0;
};

/// The data that all threads share. It refers to the input, which must outlive it.
class StatisticPlan {
 public:
  virtual ~StatisticPlan() = default;
  virtual std::size_t block_size() const = 0;
  virtual std::unique_ptr<StatisticStream> open() const = 0;
};

/// The declaration of a method; each method's file has one.
struct StatisticMethod {
  PeriodStatistic method;
  const char* word;
  const char* value_name;
  bool lowest_is_best = false;
  bool takes_bands = false;
  bool needs_variation = true;
  std::span<const char* const> options{};  ///< the options that it uses, beside those of every method
  /// Fewer observations (in the largest band) do not determine its parameters.
  std::size_t (*fewest_observations)(const PeriodStatisticOptions& options) = nullptr;  ///< null: 3
  /// Throws Error where the value of an option is impossible at these frequencies.
  std::unique_ptr<StatisticPlan> (*prepare)(const StatisticInput& input,
                                            const PeriodStatisticOptions& options);
};

extern const StatisticMethod kGls, kAov, kBls, kPdm, kConditionalEntropy, kStringLength, kWindow;
std::span<const StatisticMethod* const> statistic_methods() noexcept;
const StatisticMethod& method_of(PeriodStatistic method) noexcept;

/// Checks the observations. Throws the errors of compute_period_statistic().
StatisticInput make_input(const StarObservations& star, std::span<const double> frequency,
                          const PeriodStatisticOptions& options);

}  // namespace astrom3
