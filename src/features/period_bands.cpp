// SPDX-License-Identifier: MIT
#include "features/period_bands.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/periodogram.h"
#include "astrom3/kernels/isa.h"
#include "base/median.h"
#include "features/correlation.h"
#include "features/gls_stream.h"
#include "features/harmonic_model.h"
#include "features/peaks.h"
#include "features/red_noise.h"
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxObservations = 20'000;
constexpr std::size_t kFewestNeighbours = 20;  // whose differences are a scatter
constexpr double kLargestError = 1000;         // standard deviations of the star; squares cannot overflow
constexpr double kLowFrequency = 0.1;          // cycles per day: slower peaks have a quota of their own
constexpr double kLowShare = 0.2;              // of the candidates
// The residuals of two bands in one visit correlate by 0.4 (u, z) to 0.7 (g, r; r, i) in Stripe 82.
constexpr double kVisitCorrelation = 0.5;
constexpr std::size_t kRefineSteps = 8;  // one block of lanes

/// A uniform random number in [0, 1) that depends on `i` alone (SplitMix64).
double hash_to_unit(std::uint64_t i) {
  std::uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/// Indices in order of time; of equal times in that of the rows.
std::vector<std::size_t> order_of(std::span<const double> time) {
  std::vector<std::size_t> order(time.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!std::is_sorted(time.begin(), time.end())) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return time[a] < time[b]; });
  }
  return order;
}

/// The scatter between neighbours in time, as the standard deviation of one observation. Variations of the
/// star between two observations make it larger; it is never smaller than the noise. 0 where there are too
/// few observations.
double neighbour_scatter(const std::vector<double>& time, const std::vector<double>& values) {
  const std::vector<std::size_t> order = order_of(time);
  std::vector<double> step;
  for (std::size_t i = 1; i < order.size(); ++i)
    step.push_back(std::fabs(values[order[i]] - values[order[i - 1]]));
  return kDeviationsPerMad / std::numbers::sqrt2 * median_in_place(step);
}

/// Divides magnitudes and errors by the standard deviation of the magnitudes. The search then has the same
/// bits for a light curve that is 2^k times as large.
void normalise(Band& band) {
  const auto [low, high] = std::minmax_element(band.mag.begin(), band.mag.end());
  const double middle = *low / 2 + *high / 2, range = *high / 2 - *low / 2;
  const auto n = static_cast<double>(band.mag.size());
  double mean = 0, variance = 0;
  for (double& m : band.mag) {
    m = (m - middle) / range;
    mean += m / n;
  }
  for (const double m : band.mag) variance += (m - mean) * (m - mean) / n;
  const double deviation = std::sqrt(variance);
  for (double& m : band.mag) m = (m - mean) / deviation;
  band.unit_mag = range * deviation;
  for (double& e : band.mag_err) e = std::min(std::fabs(e / band.unit_mag), 1e100);
}

/// Scales down errors that are larger than the scatter of the magnitudes themselves. An error of zero says
/// nothing about the accuracy and is replaced by the median of the others.
void mend_errors(Band& band) {
  std::vector<double> positive;
  std::copy_if(band.mag_err.begin(), band.mag_err.end(), std::back_inserter(positive),
               [](double e) { return e > 0; });
  if (positive.empty()) return;
  const double median = median_in_place(positive);
  const double scatter = band.time.size() >= kFewestNeighbours ? neighbour_scatter(band.time, band.mag) : 1;
  const double largest = scatter > 0 ? std::min(scatter, 1.0) : 1.0;
  const double factor = std::min(1.0, largest / median);
  for (double& e : band.mag_err) e = std::min((e > 0 ? e : median) * factor, kLargestError);
}

/// Of the weighted mean.
double chi2_of(const Band& band, const std::vector<double>& error) {
  double chi2 = 0;
  for (std::size_t i = 0; i < error.size(); ++i) {
    const double deviation = (band.mag[i] - band.gls.mean) / error[i];
    chi2 += deviation * deviation;
  }
  return chi2;
}

/// Computes the data that the search needs of a band. The status says whether the band can be searched.
Status prepare_band(Band& band, double error_floor_mag) {
  if (const Status status = prepare_gls(band.time, band.mag, band.mag_err, band.gls); status != Status::ok)
    return status;
  normalise(band);
  mend_errors(band);
  const double floor = std::min(error_floor_mag / band.unit_mag, kLargestError);
  for (double& e : band.mag_err) e = std::hypot(e, floor);
  std::vector<double> error(band.mag_err.size());
  for (std::size_t i = 0; i < error.size(); ++i) error[i] = std::hypot(band.mag_err[i], kRepeatability);
  if (const Status status = prepare_gls(band.time, band.mag, error, band.gls); status != Status::ok)
    return status;
  // The bands share one origin of time, so that phases can be compared.
  band.gls.time = band.time;
  band.chi2 = chi2_of(band, error);
  return Status::ok;
}

/// correlation_at() of what a fit leaves, times the number of observations.
double correlation_in(const Band& band, const HarmonicModel::Explained& fit, double frequency) {
  std::vector<double> left(band.time.size());
  for (std::size_t i = 0; i < left.size(); ++i)
    left[i] = (fit.deviation[i] - fit.curve[i]) / std::sqrt(fit.variance[i]);
  return static_cast<double>(left.size()) * correlation_at(frequency, band.time, left);
}

/// The factor of each band's evidence when several bands are observed within minutes. They are not
/// independent then: modulation, a second mode and the sky change the magnitudes of all bands together.
double evidence_share(const std::vector<Band>& bands) {
  std::vector<std::pair<double, std::size_t>> seen;  // time, band
  for (std::size_t b = 0; b < bands.size(); ++b) {
    for (const double t : bands[b].time) seen.emplace_back(t, b);
  }
  std::sort(seen.begin(), seen.end());
  std::size_t n_visits = 0, n_bands_seen = 0;
  for (std::size_t first = 0, last = 0; first < seen.size(); first = last) {
    std::array<bool, 256> is_seen{};
    for (; last < seen.size() && seen[last].first - seen[first].first < kVisitDays; ++last) {
      n_bands_seen += !std::exchange(is_seen[seen[last].second], true);
    }
    ++n_visits;
  }
  return 1 / correlation_of_visits(static_cast<double>(n_bands_seen) / static_cast<double>(n_visits));
}

}  // namespace

std::vector<std::size_t> first_of_visits(std::span<const double> time) {
  std::vector<std::size_t> first;
  for (const std::size_t i : order_of(time)) {
    if (first.empty() || !(time[i] - time[first.back()] < kVisitDays)) first.push_back(i);
  }
  return first;
}

double correlation_of_visits(double n_observations) noexcept {
  return 1 + kVisitCorrelation * (n_observations - 1);
}

Status make_star(std::span<const double> time, std::span<const double> mag, std::span<const double> mag_err,
                 std::span<const std::uint8_t> band, double error_floor_mag, Star& star) {
  star = {};
  if (time.size() < 3) return Status::too_few_points;
  const auto [first, last] = std::minmax_element(time.begin(), time.end());
  star.span_days = *last - *first;
  if (!std::isfinite(star.span_days)) return Status::nonfinite_time;
  if (!(star.span_days > 0)) return Status::zero_time_span;
  const double origin = *first + star.span_days / 2;

  std::array<Band, 256> bands;
  std::array<std::size_t, 256> count{};
  for (std::size_t i = 0; i < time.size(); ++i) ++count[band.empty() ? 0 : band[i]];
  for (std::size_t i = 0; i < time.size(); ++i) {
    const std::size_t index = band.empty() ? 0 : band[i];
    const double share = static_cast<double>(kMaxObservations) / static_cast<double>(count[index]);
    if (share < 1 && hash_to_unit(i) >= share) continue;
    bands[index].time.push_back(time[i] - origin);
    bands[index].mag.push_back(mag[i]);
    bands[index].mag_err.push_back(mag_err[i]);
  }
  Status status = Status::too_few_points;
  for (Band& b : bands) {
    if (b.time.empty()) continue;
    const Status of_band = prepare_band(b, error_floor_mag);
    if (of_band != Status::ok) {
      status = of_band;
      continue;
    }
    star.n_observations += b.time.size();
    star.bands.push_back(std::move(b));
  }
  if (star.bands.empty()) return status;
  if (star.bands.size() > 1) star.evidence_share = evidence_share(star.bands);
  return Status::ok;
}

std::vector<double> search_errors(std::span<const double> time, std::span<const double> mag,
                                  std::span<const double> mag_err, const PeriodOptions& options) {
  Band band{.time = {time.begin(), time.end()},
            .mag = {mag.begin(), mag.end()},
            .mag_err = {mag_err.begin(), mag_err.end()}};
  if (prepare_band(band, options.error_floor_mag) != Status::ok) return {mag_err.begin(), mag_err.end()};
  for (double& e : band.mag_err) e = band.unit_mag * std::hypot(e, kRepeatability);
  return band.mag_err;
}

std::vector<Peak> find_peaks(const Star& star, const FrequencyGrid& grid, std::size_t n_best, Isa isa) {
  const auto n_low = static_cast<std::size_t>(std::ceil(kLowShare * static_cast<double>(n_best)));
  PeakCollector peaks(grid, n_best - n_low, n_low, kLowFrequency);
  const PeriodogramOptions options{.isa = isa};
  double total = 0;
  for (const Band& band : star.bands) total += band.chi2;

  std::vector<float> sum(star.bands.size() > 1 ? grid.count : 0);
  for (const Band& band : star.bands) {
    GlsStream<float> stream(band.gls, grid, options);
    std::vector<float> block(stream.block_size());
    const auto share = static_cast<float>(band.chi2 / total);
    for (std::size_t b = 0; b < stream.block_count(); ++b) {
      throw_if_stopped();
      stream.compute(b, block);
      const std::size_t first = b * block.size();
      const std::size_t n = std::min(block.size(), grid.count - first);
      if (sum.empty()) {
        peaks.add(std::span<const float>(block).first(n));
      } else {
        for (std::size_t k = 0; k < n; ++k) sum[first + k] += share * block[k];
      }
    }
  }
  if (!sum.empty()) peaks.add(sum);
  return peaks.finish();
}

double star_power(const Star& star, double frequency, const kernels::PeriodogramKernels& kernels) {
  double explained = 0, total = 0;
  for (const Band& band : star.bands) {
    explained += band.chi2 * exact_gls_power(band.gls, frequency, kernels);
    total += band.chi2;
  }
  return total > 0 ? explained / total : 0;
}

StarModel::StarModel(const Star& star, const HarmonicModelOptions& options,
                     const kernels::PeriodogramKernels& kernels)
    : star_(star) {
  models_.reserve(star.bands.size());
  for (std::size_t i = 0; i < star.bands.size(); ++i) {
    const Band& band = star.bands[i];
    models_.emplace_back(band.time, band.mag, band.mag_err, options, kernels);
    if (band.chi2 > star.bands[clearest_].chi2) clearest_ = i;
  }
}

void StarModel::evaluate(std::span<const double> frequency, std::span<double> log_evidence,
                         std::span<double> window) {
  std::fill(log_evidence.begin(), log_evidence.end(), 0.0);
  std::fill(window.begin(), window.end(), 0.0);
  one_.resize(frequency.size());
  one_window_.resize(window.size());
  for (std::size_t b = 0; b < models_.size(); ++b) {
    models_[b].evaluate(frequency, one_, one_window_);
    const double share =
        static_cast<double>(star_.bands[b].time.size()) / static_cast<double>(star_.n_observations);
    for (std::size_t i = 0; i < frequency.size(); ++i) log_evidence[i] += star_.evidence_share * one_[i];
    for (std::size_t i = 0; i < window.size(); ++i) window[i] += share * one_window_[i];
  }
}

double StarModel::refine(double& frequency, double low, double high) {
  // Two rounds of eight: the peak is within half a step of the periodogram's grid, 1/8 of 1 / span.
  std::array<double, kRefineSteps> trial{}, evidence{};
  double best = -HUGE_VAL;
  for (const double step : {0.08 / star_.span_days, 0.012 / star_.span_days}) {
    for (std::size_t i = 0; i < kRefineSteps; ++i) {
      trial[i] =
          std::clamp(frequency + (static_cast<double>(i) - 0.5 * (kRefineSteps - 1)) * step, low, high);
    }
    evaluate(trial, evidence, {});
    const auto highest = std::max_element(evidence.begin(), evidence.end());
    if (*highest <= best) break;
    best = *highest;
    frequency = trial[static_cast<std::size_t>(highest - evidence.begin())];
  }
  return best;
}

double StarModel::frequency_error(double frequency) {
  const double step = 0.02 / star_.span_days;
  const std::array<double, 3> trial{frequency - step, frequency, frequency + step};
  std::array<double, 3> evidence{};
  evaluate(trial, evidence, {});
  const double curvature = 2 * evidence[1] - evidence[0] - evidence[2];
  const double widest = 0.5 / star_.span_days;  // half the width of a peak
  return curvature > 0 ? std::min(step / std::sqrt(curvature), widest) : widest;
}

double StarModel::correlation(double frequency) {
  double sum = 0;
  for (std::size_t b = 0; b < models_.size(); ++b)
    sum += correlation_in(star_.bands[b], models_[b].explain(frequency), frequency);
  return sum / static_cast<double>(star_.n_observations);
}

StarModel::NoiseThatLasts StarModel::noise_that_lasts(double frequency) {
  NoiseThatLasts out{.correlation = 0};
  RedNoise red(star_.span_days);
  for (std::size_t b = 0; b < models_.size(); ++b) {
    const std::vector<double>& time = star_.bands[b].time;
    const HarmonicModel::Explained fit = models_[b].explain(frequency);
    out.correlation += correlation_in(star_.bands[b], fit, frequency);
    std::vector<RedNoise::Observation> ordered;
    for (const std::size_t i : order_of(time))
      ordered.push_back({time[i], fit.deviation[i], fit.curve[i], fit.variance[i], fit.least[i]});
    red.add(ordered);
    out.gain -= star_.evidence_share * fit.freedom;
  }
  out.correlation /= static_cast<double>(star_.n_observations);
  out.gain += star_.evidence_share * red.gain();
  return out;
}

Star StarModel::without_fit(double frequency) {
  Star left;
  left.span_days = star_.span_days;
  left.n_observations = star_.n_observations;
  for (std::size_t b = 0; b < models_.size(); ++b) {
    const HarmonicModel::Explained fit = models_[b].explain(frequency);
    Band band;
    band.time = star_.bands[b].time;
    for (std::size_t i = 0; i < band.time.size(); ++i) {
      band.mag.push_back(fit.deviation[i] - fit.curve[i]);
      band.mag_err.push_back(std::sqrt(fit.variance[i]));
    }
    if (prepare_gls(band.time, band.mag, band.mag_err, band.gls) != Status::ok) continue;
    band.gls.time = band.time;
    band.chi2 = chi2_of(band, band.mag_err);
    left.bands.push_back(std::move(band));
  }
  return left;
}

std::vector<double> StarModel::fit(double frequency) {
  return models_[clearest_].fit(frequency);
}

}  // namespace astrom3
