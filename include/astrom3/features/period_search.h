// SPDX-License-Identifier: MIT
//
// The period of a variable star.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/features/periodogram.h"

namespace astrom3 {

class OptionTable;

struct PeriodOptions {
  double period_min = 0.05;       ///< days
  double period_max = 0;          ///< days; 0: half the time span
  double oversampling = 4;        ///< grid step is 1 / (oversampling * time span); 1..100
  std::size_t n_candidates = 40;  ///< peaks judged by the harmonic model; 1..1000
  std::size_t n_harmonics = 6;    ///< of the harmonic model; 1..8
  double error_floor_mag = 0;     ///< added to the errors in quadrature: mag
  bool double_eclipsers = true;   ///< orbital instead of half period for eclipsing binaries
  bool search_eclipses = true;    ///< search for narrow eclipses, which a sine wave does not fit
  std::size_t n_alternates = 4;   ///< runners-up kept in the result
};

/// One period and how probable it is.
/// Declares period-min, period-max, oversampling, candidates, harmonics and those of the harmonic model.
void declare_options(PeriodOptions& options, OptionTable& table);
/// Throws Error usage if the options contradict each other.
void check_together(const PeriodOptions& options);

/// The longest period that is searched for in observations that span `span_days`.
double longest_period(const PeriodOptions& options, double span_days) noexcept;

/// A search takes fewer frequencies than this.
inline constexpr double kMaxFrequencies = 1e8;

/// The frequencies of a search, 1 / longest_period() to 1 / period_min in steps of
/// 1 / (oversampling * span_days).
///
/// Status  zero_time_span when the longest period is not above period_min, grid_too_fine when there are
///         `max_frequencies` or more; `grid` is then not to be used
Status make_period_grid(const PeriodOptions& options, double span_days, FrequencyGrid& grid,
                        double max_frequencies = kMaxFrequencies);

/// The error for a `status` of make_period_grid(): the option that caused it, the numbers, and values that
/// work.
Diagnostic explain_period_grid(Status status, const PeriodOptions& options, double span_days,
                               double max_frequencies = kMaxFrequencies);

/// The errors [N] that the search gives the magnitudes of one band, in mag: those given with the floor of the
/// options, not larger than the scatter between neighbours in time, and a tenth of the star's standard
/// deviation in quadrature. If no search is possible, the errors stay as given.
std::vector<double> search_errors(std::span<const double> time, std::span<const double> mag,
                                  std::span<const double> mag_err, const PeriodOptions& options);

struct PeriodCandidate {
  double period = 0;        ///< days
  double power = 0;         ///< of the generalised Lomb-Scargle periodogram at it, 0..1
  double log_evidence = 0;  ///< of the harmonic model, with the prior of its frequency; nats
};

struct PeriodResult {
  double period = 0;                   ///< days; orbital for eclipsing binaries; 0 when not searched
  double period_err = 0;               ///< days, one sigma, if this is the right peak
  double power = 0;                    ///< of the periodogram at `period` (half of it if doubled), 0..1
  double log_evidence = 0;             ///< nats, as in PeriodCandidate
  double false_alarm_probability = 1;  ///< of noise reaching `power` anywhere in the grid
  double period_probability = 0;       ///< of this period, compared with its rivals, 0..1
  double span_days = 0;                ///< of the observations searched; 0: none could be
  bool doubled = false;                ///< the orbital period of an eclipser was preferred
  std::vector<PeriodCandidate> alternates{};  ///< best first, without the winner
  /// period_at_limit, day_alias, year_alias, long_period, ambiguous_double, few_points, sampling_alias,
  /// uncertain_period
  Flags flags{};
};

/// Finds the period of magnitudes `mag` [N] with one-sigma errors `mag_err` [N] at `time` [N] days.
///
/// The best peaks of the periodogram are compared by the evidence of a harmonic model; see docs/periods.md
/// for the method and its results.
///
/// If all magnitudes are multiplied by 2^k, the period is the same to the last bit; with any other factor it
/// is the same period. Only the decision whether equal eclipses are one or two depends on the depth in mag.
/// For times on a regular grid, no period below twice the step of the grid is found; of periods that fit
/// equally well the longest is taken (flag sampling_alias).
///
/// Status  too_few_points when N < 3; zero_time_span, also when half the span is shorter than
///         period_min; grid_too_fine; mad_zero when all magnitudes are equal; nonfinite_time,
///         nonfinite_flux, nonfinite_flux_err
/// Throws  Error usage: columns of different length, an option out of its range
/// Cost    about 3 ms for N = 200 over 1500 d; one thread; the same bits on every instruction set
Status find_period(std::span<const double> time, std::span<const double> mag, std::span<const double> mag_err,
                   const PeriodOptions& options, PeriodResult& result);

/// The same for one star seen in several bands: band[i] in 0..255 names the band of observation i.
/// Every band has its own mean and shape; the evidences of the bands add up. Bands with fewer than
/// 3 observations or without variation are left out.
Status find_period(std::span<const double> time, std::span<const double> mag, std::span<const double> mag_err,
                   std::span<const std::uint8_t> band, const PeriodOptions& options, PeriodResult& result);

}  // namespace astrom3
