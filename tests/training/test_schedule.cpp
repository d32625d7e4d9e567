// SPDX-License-Identifier: MIT
//
// Upstream's schedule against the learning rates and ends that PyTorch's schedulers gave.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "training/schedule.h"

namespace astrom3::training {
namespace {

/// tests/golden/multimodal/schedule.json: made with PyTorch's LinearLR and ReduceLROnPlateau, and upstream's
/// early stopping.
nlohmann::json golden_schedules() {
  std::ifstream file(std::string(ASTROM3_TEST_DATA) + "/multimodal/schedule.json");
  return nlohmann::json::parse(file);
}

TrainingOptions options_of(const nlohmann::json& run) {
  TrainingOptions options;
  options.schedule = LearningSchedule::astrom3;
  options.epochs = 1000;
  options.learning_rate = run["base_lr"];
  options.plateau_factor = run["factor"];
  options.plateau_patience = run["patience"];
  options.warmup_epochs = run["warmup_epochs"];
  options.stop_patience = run["early_stopping_patience"];
  return options;
}

TEST(UpstreamSchedule, HasTheGoldenLearningRatesAndEnds) {
  std::size_t n_runs = 0;
  for (const nlohmann::json& run : golden_schedules()) {
    TrainingOptions options = options_of(run);
    // What is kept is chosen by accuracy; the end looks at the loss all the same.
    options.select = EpochSelection::accuracy;
    std::vector<EpochMetrics> epochs;
    std::vector<double> rates;
    do {
      const double first = learning_rate(options, epochs, 0, 33);
      EXPECT_EQ(first, learning_rate(options, epochs, 32, 33));  // the same for all steps of an epoch
      rates.push_back(first);
      epochs.push_back({.epoch = epochs.size() + 1, .validation_loss = run["val_loss"][epochs.size()]});
    } while (!is_over(options, epochs));
    const std::vector<double> expected = run["lr_used_in_epoch"];
    ASSERT_EQ(rates.size(), expected.size()) << run["name"];
    for (std::size_t e = 0; e < rates.size(); ++e)
      EXPECT_NEAR(rates[e], expected[e], 1e-12 * expected[e]) << run["name"] << ", epoch " << e;
    EXPECT_EQ(epochs.size(), run["stopped_after_epoch"].get<std::size_t>() + 1) << run["name"];
    ++n_runs;
  }
  EXPECT_EQ(n_runs, 2u);
}

TEST(UpstreamSchedule, KeepsTheFirstEpochOfTheBestAccuracy) {
  std::vector<EpochMetrics> epochs;
  std::vector<bool> best;
  for (const double accuracy : {0.5, 0.7, 0.7, 0.6, 0.8}) {
    epochs.push_back({.epoch = epochs.size() + 1, .validation_loss = 1, .validation_accuracy = accuracy});
    best.push_back(is_best(epochs, EpochSelection::accuracy));
  }
  EXPECT_EQ(best, (std::vector<bool>{true, true, false, false, true}));
}

}  // namespace
}  // namespace astrom3::training
