// SPDX-License-Identifier: MIT
//
// The bands of one star, their common periodogram, and the evidence of all bands together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/periodogram.h"
#include "astrom3/kernels/isa.h"
#include "features/gls_stream.h"
#include "features/harmonic_model.h"
#include "features/peaks.h"
#include "kernels/periodogram.h"

namespace astrom3 {

/// Observations within half an hour are one visit.
inline constexpr double kVisitDays = 0.02;

/// The first observation of each visit, in order of time [N].
std::vector<std::size_t> first_of_visits(std::span<const double> time);

/// How many observations of a visit are worth one independent observation, when the visit has
/// `n_observations` of one or several bands.
double correlation_of_visits(double n_observations) noexcept;

/// The magnitudes of one band, and the same data in the form that the periodogram needs.
struct Band {
  std::vector<double> time;     ///< [N] days from the middle of the star's time range
  std::vector<double> mag;      ///< [N] relative to their mean, in units of their standard deviation
  std::vector<double> mag_err;  ///< [N] in the same units
  double unit_mag = 1;          ///< that standard deviation
  GlsData gls{};                ///< its errors include the floor; its times have the same origin
  double chi2 = 0;              ///< chi^2 of the weighted mean
};

/// A star as the search sees it.
struct Star {
  std::vector<Band> bands;
  double span_days = 0;
  std::size_t n_observations = 0;
  double evidence_share =
      1;  ///< the factor of the evidence of each band, since bands of one visit are not independent
};

/// Splits the observations into bands (an empty `band` means one band) and drops bands that cannot be
/// searched. Of more than 20,000 observations in a band a fixed random choice of 20,000 is kept: the
/// period is as accurate, and the cost is bounded. Status as find_period().
Status make_star(std::span<const double> time, std::span<const double> mag, std::span<const double> mag_err,
                 std::span<const std::uint8_t> band, double error_floor_mag, Star& star);

/// Peaks of the bands' periodograms, added with the weight of each band's chi2_0: the power of the
/// fit in which every band has a mean, an amplitude and a phase of its own.
std::vector<Peak> find_peaks(const Star& star, const FrequencyGrid& grid, std::size_t n_best, Isa isa);

/// The power of find_peaks() at one frequency, by exact sums.
double star_power(const Star& star, double frequency, const kernels::PeriodogramKernels& kernels);

/// The harmonic models of all bands. Their log-evidences add up, times star.evidence_share.
class StarModel {
 public:
  StarModel(const Star& star, const HarmonicModelOptions& options,
            const kernels::PeriodogramKernels& kernels);

  /// log_evidence [n] of frequency [n]; window [n], may be empty: mean over observations.
  void evaluate(std::span<const double> frequency, std::span<double> log_evidence, std::span<double> window);

  /// Moves `frequency` to the highest log-evidence within +- 0.3 / span, but not beyond low and high,
  /// and returns that evidence.
  double refine(double& frequency, double low, double high);

  /// One sigma of the frequency from the curvature of the log-evidence there.
  double frequency_error(double frequency);

  /// How many observations are worth one independent of the others: correlation_at() of what the fit at
  /// `frequency` leaves, the mean over observations.
  double correlation(double frequency);

  /// What noise that lasts tells of the model at `frequency`.
  struct NoiseThatLasts {
    double correlation = 1;  ///< as above
    double gain = 0;         ///< nats by which the model explains the star better than red noise alone
  };
  NoiseThatLasts noise_that_lasts(double frequency);

  /// What the fit at `frequency` leaves, as a star of its own.
  Star without_fit(double frequency);

  /// HarmonicModel::fit() for the band that varies most clearly.
  std::vector<double> fit(double frequency);
  const Band& clearest() const { return star_.bands[clearest_]; }

 private:
  const Star& star_;
  std::vector<HarmonicModel> models_;
  std::size_t clearest_ = 0;
  std::vector<double> one_, one_window_;
};

}  // namespace astrom3
