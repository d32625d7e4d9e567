// SPDX-License-Identifier: MIT
//
// astrom3 periodogram with a method of the user's choice instead of the period search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/features/period_search.h"
#include "astrom3/features/period_statistics.h"
#include "astrom3/features/periodogram.h"
#include "command_line.h"
#include "periodogram_plot.h"
#include "run_options.h"

namespace astrom3::cli {

struct PeriodogramMethodArguments {
  PeriodStatisticOptions statistic;
  std::string frequencies;          ///< a file
  std::optional<double> nyquist{};  ///< factor
};

void add_method_options(Command& command, PeriodogramMethodArguments& arguments);
/// Whether one of them was given.
bool is_method_asked_for(const OptionTable& options);

/// All bands of a star.
struct StarColumns {
  std::vector<double> time, mag, mag_err;
  std::vector<std::uint8_t> band;
};
StarColumns columns_of(const Spectrum& spectrum);

/// The frequencies of the period options. Throws Error where they are too many or none.
FrequencyGrid frequency_grid(const Spectrum& spectrum, const StarColumns& star, const PeriodOptions& options);

/// One of the best periods.
struct ListedPeak {
  double period = 0, value = 0;
  std::optional<Box> box{};  ///< of bls
};

/// Computes the values and marks the best periods, at least one; gives `n_peaks` of them.
std::vector<ListedPeak> compute_method(Spectrum& spectrum, const RunArguments& run,
                                       const PeriodogramMethodArguments& arguments, std::size_t n_peaks);
std::string peaks_csv(const Spectrum& spectrum, const std::vector<ListedPeak>& peaks);
std::string peaks_json(const Spectrum& spectrum, const PeriodogramMethodArguments& arguments,
                       const std::vector<ListedPeak>& peaks);

}  // namespace astrom3::cli
