// SPDX-License-Identifier: MIT
//
// Parameters with what their optimiser remembers: a step, and going on where an earlier training stopped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "astrom3/train_step/objective.h"
#include "base/aligned_buffer.h"
#include "train_step/parameters.h"

namespace astrom3::train {

struct OptimiserOptions {
  Optimiser optimiser = Optimiser::adamw;
  double weight_decay = 0;  ///< adamw: per unit of learning rate, of matrices only; adam: of every parameter
  double beta1 = 0.9;       ///< decay of the gradient's mean
  double beta2 = 0.999;     ///< decay of the gradient's mean square
  double epsilon = 1e-8;    ///< added to the root of the mean square
  double clip_norm = 0;     ///< the gradient's largest norm over all parameters; 0: no limit
};

/// Throws Error usage naming the option that is out of its range.
void check_optimiser(const OptimiserOptions& options);

/// A run of parameters that are stepped alike.
struct SteppedRange {
  std::size_t first, count;
  bool is_matrix = true;
  double share = 1;  ///< of the learning rate, as a part of a parameter that is spread over several
};

class TrainedParameters {
 public:
  explicit TrainedParameters(std::size_t size) : values(size), moment1_(size), moment2_(size) {}

  AlignedBuffer<float> values;  ///< stays where it is

  std::uint64_t steps() const noexcept { return steps_; }

  /// One step along `gradient` [size], whose norm is `norm`. Parameters that no range names stay.
  void step(std::span<const float> gradient, double norm, double learning_rate,
            const OptimiserOptions& options, std::span<const SteppedRange> ranges);

  /// Everything a later step depends on: parameters under their names, moments under "moment1." and
  /// "moment2." before them, and the number of steps ("steps", four parts of 16 bits, lowest first).
  TensorsByName state(std::span<const TensorPlace> places) const;

  /// Continues where state() was taken. Throws Error bad_model naming the tensor that is missing or of
  /// another size; nothing is changed then.
  void restore(const TensorsByName& state, std::span<const TensorPlace> places);

 private:
  AlignedBuffer<float> moment1_, moment2_;
  std::uint64_t steps_ = 0;
};

}  // namespace astrom3::train
