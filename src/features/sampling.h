// SPDX-License-Identifier: MIT
//
// Finds out whether the times lie on a regular grid, on which a frequency and its mirror images are the same
// function.
#pragma once

#include "features/period_bands.h"

namespace astrom3 {

/// The regular grid on which all times lie; some of its points may have no observation. At these times, waves
/// of the frequencies f, frequency - f, frequency + f, ... have the same values if `window` is 1.
struct Sampling {
  double frequency = 0;  ///< the frequency of the grid in cycles per day; 0 where there is no grid
  double window = 0;     ///< |mean of e^{2 pi i frequency t}|^2, the lowest of the bands; 0..1
  /// Of the grids that the pieces between gaps lie on, where these grids do not continue each other; 0: none.
  /// Images are told apart by the phases between the pieces alone.
  double piece_frequency = 0;

  bool is_regular() const noexcept { return frequency > 0; }
  /// True where not even exact data could tell a frequency from its mirror image.
  bool is_exact() const noexcept;
  /// Whether `f` looks like a lower frequency within each piece.
  bool is_image_in_pieces(double f) const noexcept { return piece_frequency > 0 && f > piece_frequency / 2; }
  /// The lowest frequency that looks like `f` on the grid.
  double lowest_image(double f) const noexcept;
};

/// The frequency grid without the frequencies that are images of lower ones; unchanged where nothing would be
/// left.
FrequencyGrid cut_to_sampling(FrequencyGrid grid, const Sampling& sampling);

/// The lowest frequency up to 2 * `highest` at which the window function of every band is close to 1.
///
/// The differences of neighbouring times are whole numbers of steps of such a grid, so that only multiples of
/// the inverse of the smallest difference have to be looked at. Cost: O(N), next to nothing where
/// observations follow each other within 1 / (2 highest).
Sampling find_sampling(const Star& star, double highest, const kernels::PeriodogramKernels& kernels);

}  // namespace astrom3
