// SPDX-License-Identifier: MIT
//
// How far a training is: a bar on a terminal, and a line for every epoch.
#pragma once

#include <cstddef>

#include "astrom3/training/training.h"
#include "report.h"

namespace astrom3::cli {

class TrainingLine {
 public:
  explicit TrainingLine(Verbosity verbosity);
  ~TrainingLine();
  void show(const TrainingProgress& progress);

 private:
  void show_bar(const TrainingProgress& progress, double elapsed);
  void say_epoch(const TrainingProgress& progress, double elapsed);
  double objects_per_second(const TrainingProgress& progress, double elapsed) const;
  void clear();

  Verbosity verbosity_;
  bool on_terminal_;
  bool shown_ = false;
  double start_seconds_ = -1;  ///< of the first epoch of this call
  std::size_t first_epoch_ = 0;
};

}  // namespace astrom3::cli
