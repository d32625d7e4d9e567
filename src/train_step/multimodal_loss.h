// SPDX-License-Identifier: MIT
//
// From what projections and the head give to the loss of a batch, and back: lengths, fusion, cross-entropy.
//
// These are the small part of a step. They are computed in double, one number after the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "train_step/clip_loss.h"
#include "train_step/losses.h"
#include "train_step/multimodal_example.h"
#include "train_step/step_result.h"
#include "train_step/unit_rows.h"

namespace astrom3::train {

struct LossOptions {
  TrainingObjective objective = TrainingObjective::classify;
  double label_smoothing = 0;
  std::vector<float> class_weights{};  ///< [classes]; empty: all 1. Several labels weigh as their mean
  std::size_t classes = 0;
};

/// The weight of an object of these labels.
inline double label_weight(std::span<const std::int32_t> labels, std::span<const float> class_weights) {
  if (class_weights.empty()) return 1;
  double sum = 0;
  for (const std::int32_t label : labels)
    sum += static_cast<double>(class_weights[static_cast<std::size_t>(label)]);
  return sum / static_cast<double>(labels.size());
}

/// Weighted mean over the batch. outputs [n, stride] of the head; their gradients are written, and the
/// logits [n, classes] in double unless that is empty.
template <typename Real>
StepResult cross_entropy_of_batch(std::span<const MultimodalExample> batch, const LossOptions& options,
                                  const Real* outputs, std::size_t stride, std::span<Real> gradient,
                                  std::span<double> logits) {
  double total = 0;
  for (const MultimodalExample& example : batch) total += label_weight(example.labels, options.class_weights);
  if (!(total > 0)) total = 1;  // every label of weight 0: nothing to learn
  StepResult result;
  std::vector<double> row(options.classes), g(options.classes);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    std::copy_n(outputs + i * stride, options.classes, row.begin());
    if (!logits.empty())
      std::copy(row.begin(), row.end(), logits.begin() + static_cast<std::ptrdiff_t>(i * options.classes));
    if (batch[i].labels.empty()) continue;  // only the logits are asked for
    const double weight = label_weight(batch[i].labels, options.class_weights) / total;
    result.loss += cross_entropy(row, batch[i].labels, options.label_smoothing, weight, g);
    const auto top = static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
    result.correct +=
        static_cast<std::size_t>(std::count(batch[i].labels.begin(), batch[i].labels.end(), top));
    std::transform(g.begin(), g.end(), gradient.begin() + static_cast<std::ptrdiff_t>(i * stride),
                   [](double x) { return static_cast<Real>(x); });
  }
  return result;
}

/// The embeddings of a batch in the shared space, by modality.
template <typename Real>
class SpaceRows {
 public:
  /// projected [n, width] of each modality that is there
  SpaceRows(const PerModality<AlignedBuffer<Real>>& projected, std::size_t width) : width_(width) {
    for (std::size_t m = 0; m < kModalityCount; ++m) {
      const std::span<const Real> from = projected[m].span();
      if (from.empty()) continue;
      sides_[m] = UnitRows(std::vector<double>(from.begin(), from.end()), width);
      n_ = sides_[m].norm.size();
      ++n_modalities_;
    }
  }

  const PerModality<UnitRows>& sides() const { return sides_; }

  /// What the head is given: the mean of the modalities that are there [n, width], or one behind the other.
  AlignedBuffer<Real> fused(bool is_concatenated) const {
    const std::size_t columns = width_ * (is_concatenated ? kModalityCount : 1);
    AlignedBuffer<Real> out(n_ * columns);
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t d = 0; d < columns; ++d) {
        double sum = 0;
        for (std::size_t m = 0; m < kModalityCount && !is_concatenated; ++m)
          sum += sides_[m].unit.empty() ? 0 : sides_[m].unit[i * width_ + d];
        const std::vector<double>& own = sides_[d / width_].unit;
        if (is_concatenated) sum = own.empty() ? 0 : own[i * width_ + d % width_];
        out.data()[i * columns + d] =
            static_cast<Real>(is_concatenated ? sum : sum / static_cast<double>(n_modalities_));
      }
    }
    return out;
  }

  /// The gradients of the unit rows from that of fused().
  PerModality<std::vector<double>> fused_gradient(std::span<const Real> g, bool is_concatenated) const {
    const std::size_t columns = width_ * (is_concatenated ? kModalityCount : 1);
    PerModality<std::vector<double>> out;
    for (std::size_t m = 0; m < kModalityCount; ++m) {
      out[m].resize(sides_[m].unit.size());
      for (std::size_t e = 0; e < out[m].size(); ++e) {
        const std::size_t i = e / width_, d = e % width_ + (is_concatenated ? m * width_ : 0);
        const double share = is_concatenated ? 1 : static_cast<double>(n_modalities_);
        out[m][e] = static_cast<double>(g[i * columns + d]) / share;
      }
    }
    return out;
  }

  /// The gradient of `projected` from that of the unit rows.
  AlignedBuffer<Real> before_length(std::size_t modality, std::vector<double> g) const {
    sides_[modality].project(g, width_);
    AlignedBuffer<Real> out(g.size());
    std::transform(g.begin(), g.end(), out.data(), [](double x) { return static_cast<Real>(x); });
    return out;
  }

 private:
  std::size_t width_, n_ = 0, n_modalities_ = 0;
  PerModality<UnitRows> sides_;
};

}  // namespace astrom3::train
