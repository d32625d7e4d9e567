// SPDX-License-Identifier: MIT
//
// The statistics of one's choice that tell how well a period fits: Lomb-Scargle of several terms and bands,
// boxes, analysis of variance, phase dispersion, conditional entropy, string length; and the spectral window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/kernels/isa.h"

namespace astrom3 {

class OptionTable;

/// What is computed at each frequency f, of phases phi = f (t - first t) modulo 1. docs/periods.md has the
/// formulas.
enum class PeriodStatistic : std::uint8_t {
  gls,  ///< generalised Lomb-Scargle power of a mean and `terms` harmonics. Zechmeister & Kuerster 2009
  aov,  ///< multi-harmonic analysis of variance. Schwarzenberg-Czerny 1996, ApJ 460, L107
  bls,  ///< the best box-shaped dip. Kovacs, Zucker & Mazeh 2002, A&A 391, 369
  pdm,  ///< phase dispersion minimisation; low is good. Stellingwerf 1978, ApJ 224, 953
  ce,   ///< conditional entropy; low is good. Graham et al. 2013, MNRAS 434, 2629
  string_length,  ///< low is good. Dworetsky 1983, MNRAS 203, 917
  window          ///< the spectral window of the times alone. Deeming 1975, Ap&SS 36, 137
};

/// chi2_0 is that of the mean, chi2 that of the fit.
enum class Normalization : std::uint8_t {
  standard,  ///< P = (chi2_0 - chi2) / chi2_0
  model,     ///< (chi2_0 - chi2) / chi2 = P / (1 - P)
  log,       ///< ln(chi2_0 / chi2) = -ln(1 - P)
  psd        ///< (chi2_0 - chi2) / 2
};

/// What is maximised over the boxes.
enum class BoxObjective : std::uint8_t {
  likelihood,  ///< depth^2 / (2 sigma_in^2): as astropy's "likelihood"
  snr          ///< depth / its error
};

struct PeriodStatisticOptions {
  PeriodStatistic method = PeriodStatistic::gls;
  std::size_t terms = 1;       ///< gls, aov: harmonics, 1..16. gls of several bands with base_terms: 0..16
  std::size_t base_terms = 0;  ///< gls of several bands: harmonics that all bands share, 0..16
  Normalization normalization = Normalization::standard;  ///< gls
  std::size_t phase_bins = 10;                            ///< pdm, ce: bins of the phase, 2..1000
  std::size_t covers = 1;      ///< pdm: sets of bins, each shifted by 1/covers of a bin; 1..100
  std::size_t value_bins = 5;  ///< ce: bins of y, 2..1000
  /// bls: lengths of the box, days; none: `duration_fractions` of each period
  std::vector<double> durations{};
  std::vector<double> duration_fractions{0.01, 0.02, 0.05, 0.1};  ///< of the period, below 1/2
  std::size_t duration_steps = 10;  ///< bls: steps of the box's start in the shortest length; 1..100
  BoxObjective objective = BoxObjective::likelihood;  ///< bls
  std::size_t threads = 1;                            ///< every number gives the same bits
  Isa isa = default_isa();                            ///< so does every instruction set
};

/// method, terms, base-terms, normalization, phase-bins, covers, value-bins, durations, duration-fractions,
/// duration-steps, objective.
void declare_options(PeriodStatisticOptions& options, OptionTable& table);

/// Throws Error usage that names an option that the method has no use for, or whose value does not do.
void check_together(const PeriodStatisticOptions& options);

/// Whether the best period has the lowest value.
bool is_lowest_best(PeriodStatistic method) noexcept;
const char* name_of(PeriodStatistic method) noexcept;
/// What its values are, for an axis of a plot: "power", "entropy".
const char* value_name(PeriodStatistic method) noexcept;

/// One star. Views: what they refer to must outlive them.
struct StarObservations {
  std::span<const double> time;          ///< [N] days, any zero point, any order
  std::span<const double> y;             ///< [N] magnitudes or fluxes
  std::span<const double> y_err{};       ///< [N] one sigma; empty: equal weights. An error of zero or
                                         ///< below gets the median of the others
  std::span<const std::uint8_t> band{};  ///< [N] 0..255; empty: one band
  bool is_magnitude = false;             ///< bls: y grows where it is faint
};

/// No more frequencies, and no more bins of a box search in one period.
inline constexpr double kMostFrequencies = 1e8, kMostBoxBins = 1e6;

/// The statistic at each of the frequencies.
///
/// frequency [F]  cycles per day, above 0 and increasing: a regular grid (to rounding: the sums are then made
/// by
///                a NUFFT), or any of one's own (direct sums, O(N) for each)
/// value     [F]  written; always finite
///
/// gls of several bands without base_terms: each band has a mean and `terms` harmonics of its own, and
/// P = sum of (chi2_0 - chi2) / sum of chi2_0. With base_terms: all bands share a mean and `base_terms`
/// harmonics, and each deviates by a mean and `terms` harmonics, which are regularised by 1e-6 of the trace
/// (VanderPlas & Ivezic 2015, ApJ 812, 18; astropy's LombScargleMultiband). A band with fewer than 3
/// observations or without variation is left out.
///
/// Throws Error, whose diagnostic has the code:
///   too_few_points      fewer observations than the model has parameters (option terms), or fewer than 3
///   nonfinite_time, nonfinite_flux, nonfinite_flux_err
///   zero_time_span      all times are equal
///   mad_zero            all values are equal (not of the window)
///   grid_too_fine       too many frequencies, or too many bins of a box (option durations)
///   time_precision      the times cannot tell the phases at the highest frequency (option frequencies)
///   usage               an option or a column of the wrong size; frequencies that do not increase, are not
///                       finite or not above 0 (option frequencies)
/// Cost: one thread, N = 200, 2e5 frequencies: docs/periods.md
void compute_period_statistic(const StarObservations& star, std::span<const double> frequency,
                              const PeriodStatisticOptions& options, std::span<double> value);

/// Frequencies [1/d] from a text: the first number of each line, or the column "frequency" where the first
/// line names columns (separated by commas, semicolons, tabs or blanks). Empty lines and what follows a '#'
/// are left out. Throws Error usage that names the option frequencies, the file and the line; no_input where
/// there is no such file.
std::vector<double> read_frequencies(const std::string& file);

/// The box that bls found best at one frequency.
struct Box {
  double score = 0;          ///< of the objective
  double depth = 0;          ///< in units of y, above 0: what is out of the box less what is in it
  double depth_err = 0;      ///< one sigma
  double duration_days = 0;  ///< length of the box
  double mid_time = 0;       ///< middle of the first box, as `time`
};
Box find_box(const StarObservations& star, double frequency, const PeriodStatisticOptions& options);

/// The Nyquist frequency of the times, cycles per day: half the frequency of the grid that all of them lie on
/// (no higher frequency tells more), or else, of irregular times, N / (2 span), which is no limit at all
/// (VanderPlas 2018, ApJS 236, 16, section 4.1). 0 for fewer than 2 distinct times.
struct Nyquist {
  double frequency = 0;
  bool is_limit = false;  ///< the times lie on a grid
};
Nyquist find_nyquist(std::span<const double> time, Isa isa = default_isa());

/// A local extremum.
struct StatisticPeak {
  std::size_t index = 0;  ///< of the frequency
  double frequency = 0;   ///< the vertex of the parabola through three values: cycles per day
  double value = 0;       ///< at `index`
};
/// The `n` best local maxima (minima, where the lowest is best), best first; of equal ones the lower
/// frequency.
std::vector<StatisticPeak> find_best(std::span<const double> frequency, std::span<const double> value,
                                     bool lowest_is_best, std::size_t n);

}  // namespace astrom3
