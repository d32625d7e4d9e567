// SPDX-License-Identifier: MIT
//
// What every period statistic is: a declaration, a plan for one star, and a stream of values for each thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "astrom3/features/period_statistics.h"
#include "features/gls_stream.h"
#include "features/harmonic_sums.h"

namespace astrom3 {

/// One star and the frequencies, checked.
struct StatisticInput {
  struct OfBand {
    GlsData data{};               ///< times about the middle of the star's
    double inverse_variance = 0;  ///< sum of 1 / sigma^2
    double chi2 = 0;              ///< of the mean
  };
  std::vector<OfBand> bands{};  ///< those that can be used
  double chi2 = 0;            ///< sum
  std::vector<double> time{};  ///< [N] from the first observation, in the order given
  std::vector<double> y{};    ///< [N]
  double first_time = 0;
  FrequencyList frequencies{};
};

/// Values of blocks of frequencies. One for each thread.
class StatisticStream {
 public:
  virtual ~StatisticStream() = default;
  /// value [block_size of the plan]: what lies beyond the last frequency may be anything.
  virtual void compute(std::size_t block, std::span<double> value) = 0;
};

/// What threads share. Refers to the input, which must outlive it.
class StatisticPlan {
 public:
  virtual ~StatisticPlan() = default;
  virtual std::size_t block_size() const = 0;
  virtual std::unique_ptr<StatisticStream> open() const = 0;
};

/// The declaration of a method: one for each file.
struct StatisticMethod {
  PeriodStatistic method;
  const char* word;
  const char* value_name;
  bool lowest_is_best = false;
  bool takes_bands = false;
  bool needs_variation = true;
  std::span<const char* const> options{};  ///< that it heeds, beside those of every method
  /// Fewer observations (in the largest band) do not determine its parameters.
  std::size_t (*fewest_observations)(const PeriodStatisticOptions& options) = nullptr;  ///< null: 3
  /// Throws Error where an option does not do at these frequencies.
  std::unique_ptr<StatisticPlan> (*prepare)(const StatisticInput& input,
                                            const PeriodStatisticOptions& options);
};

extern const StatisticMethod kGls, kAov, kBls, kPdm, kConditionalEntropy, kStringLength, kWindow;
std::span<const StatisticMethod* const> statistic_methods() noexcept;
const StatisticMethod& method_of(PeriodStatistic method) noexcept;

/// Throws as compute_period_statistic().
StatisticInput make_input(const StarObservations& star, std::span<const double> frequency,
                          const PeriodStatisticOptions& options);

}  // namespace astrom3
