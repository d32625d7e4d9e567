// SPDX-License-Identifier: MIT
//
// What learns from objects, whatever it sees them by: the part of a training that knows the network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "astrom3/training/training.h"
#include "train_step/parameters.h"
#include "train_step/step_result.h"
#include "training/data_split.h"
#include "training/objects.h"

namespace astrom3::training {

using ObjectList = std::span<const TrainingObject* const>;

/// Objects that are evaluated at a time: bounds memory.
inline constexpr std::size_t kEvaluated = 128;

/// What the head says of objects of known classes.
struct HeadOutput {
  std::size_t n_classes = 0;
  std::vector<double> logits;                     ///< [objects, n_classes]
  std::vector<std::vector<std::int32_t>> labels;  ///< [objects]

  std::span<const double> row(std::size_t i) const {
    return std::span(logits).subspan(i * n_classes, n_classes);
  }
};

/// The checkpoint in the folder of a training.
struct WrittenCheckpoint {
  std::string sha256;
  std::map<std::string, std::string> metadata;  ///< of model.safetensors
};

/// The key in the metadata of weights for which learn_from_means() is done.
inline constexpr const char* kLearntFromMeans = "astrom3.learnt_from_means";

class Learner {
 public:
  virtual ~Learner() = default;

  /// One step on `objects`, as they are seen in that epoch (from 1).
  virtual train::StepResult step(ObjectList objects, std::size_t epoch, double learning_rate) = 0;
  /// Right answers that one object can give to StepResult::correct.
  virtual std::size_t answers() const { return 1; }

  /// To classify. Of `objects`, each seen whole or from its centre. Objects of a class that is none of the
  /// head's are passed over.
  virtual HeadOutput head_output(ObjectList objects) const = 0;
  /// Without classes: the loss and the accuracy of the validation objects, two at least, without dropout.
  virtual void validate_unlabelled(ObjectList objects, EpochMetrics& epoch) const = 0;

  virtual train::TensorsByName state() const = 0;
  virtual void restore(const train::TensorsByName& state) = 0;

  /// Writes the current weights as the folder's checkpoint.
  virtual void write(const std::filesystem::path& folder,
                     const std::map<std::string, std::string>& metadata) const = 0;
  /// Goes on with the weights as they are in the folder.
  virtual WrittenCheckpoint read_back(const std::filesystem::path& folder) = 0;
  /// Gives the folder's checkpoint what is learnt from embeddings when the encoder has learnt: of the options
  /// refit_head and out_of_class those that are set.
  virtual void learn_from_means(const std::filesystem::path& folder, const DataSplit& split) const = 0;
  /// Divides the logits of the folder's checkpoint by `temperature`, and says so in its metadata.
  virtual void calibrate(const std::filesystem::path& folder, double temperature) const = 0;
};

/// How many batches of nearly equal size `n` objects make; without classes, of two objects at least.
std::size_t count_batches(std::size_t n, const TrainingOptions& options);

}  // namespace astrom3::training
