// SPDX-License-Identifier: MIT
//
// The share of the variance that harmonics explain. Generalised Lomb-Scargle and the analysis of variance are
// both computed from it.
#pragma once

#include <functional>

#include "features/statistics/statistic.h"

namespace astrom3 {

/// Computes the value of a method from the share of chi2_0 that is explained, 0..1.
using OfShare = std::function<double(double share)>;

/// A plan in which each band has its own mean and `terms` harmonics. The shares of the bands are averaged
/// with the weights of their chi2_0.
std::unique_ptr<StatisticPlan> plan_separate_bands(const StatisticInput& input, std::size_t terms, Isa isa,
                                                   OfShare of_share);

/// A plan in which all bands share a mean and `base_terms` harmonics, and each band deviates from them by its
/// own mean and `terms` harmonics.
std::unique_ptr<StatisticPlan> plan_shared_shape(const StatisticInput& input, std::size_t base_terms,
                                                 std::size_t terms, Isa isa, OfShare of_share);

/// A pivot of the normal equations that is below this share of its diagonal element has lost too many digits;
/// exact sums are computed in its place.
inline constexpr double kLeastPivot = 1e-3;

/// Function i of a harmonic model: 1, cos, sin, cos 2, sin 2, ... of 2 pi f t.
///
/// out [8] = sum_j w_j g_i g_k from the sums of w, at `step`.
void add_product(const HarmonicSums& sums, std::size_t step, std::size_t i, std::size_t k, double scale,
                 double* out);
/// out [8] += scale sum_j w_j y_j g_i, i > 0.
void add_right(const HarmonicSums& sums, std::size_t step, std::size_t i, double scale, double* out);

/// The functions 1, cos - 1, sin, cos 2 - 1, ... (2 terms + 1 of them) at the times, times sqrt(w).
std::vector<std::vector<double>> harmonic_columns(const GlsData& data, double frequency, std::size_t terms,
                                                  Isa isa);

/// The squared length of the projection of `y` onto the span of `columns`, which are overwritten. Columns
/// that depend on others to 1e-6 are left out.
double projected(std::vector<std::vector<double>>& columns, std::span<const double> y);

}  // namespace astrom3
