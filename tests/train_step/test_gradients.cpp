// SPDX-License-Identifier: MIT
//
// Every gradient: the backward pass in double against central differences, the trainer's float against
// double.
#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "tests/encoder/encoder_cases.h"
#include "tests/encoder/encoder_reference.h"
#include "tests/train_step/training_twin.h"

namespace astrom3 {
namespace {

using train::Example;
using train::TrainerOptions;

struct Network {
  const char* name;
  std::int64_t T, D, H, d_ff, layers;
  Activation activation;
  TrainingObjective objective;
  double dropout;
  Attention attention = Attention::full;
  std::int64_t factor = 1;
};

EncoderConfig config_of(const Network& network) {
  EncoderConfig c;
  c.seq_len = network.T;
  c.d_model = network.D;
  c.n_heads = network.H;
  c.d_ff = network.d_ff;
  c.e_layers = network.layers;
  c.num_classes = 3;
  c.factor = network.factor;
  c.activation = network.activation;
  return c;
}

TrainerOptions options_of(const Network& network) {
  TrainerOptions options;
  options.objective = network.objective;
  options.dropout = network.dropout;
  options.attention = network.attention;
  options.label_smoothing = 0.1;
  options.class_weights = {0.5f, 1.0f, 2.5f};
  options.temperature = 0.2;
  options.seed = 11;
  return options;
}

/// The classes of the examples, of the last one a set.
const std::array<std::vector<std::int32_t>, 4> kLabels{{{0}, {1}, {2}, {0, 2}}};

/// Light curves, all but the first with padding; their labels run through the classes.
struct Batch {
  Cases cases;
  std::vector<Example> examples;

  Batch(const EncoderConfig& config, std::size_t n) : cases(random_cases(config, n)) {
    const auto T = static_cast<std::size_t>(config.seq_len), C = static_cast<std::size_t>(config.enc_in);
    for (std::size_t i = 0; i < n; ++i) {
      examples.push_back({.x_enc = std::span(cases.x_enc).subspan(i * T * C, T * C),
                          .mask = std::span(cases.mask).subspan(i * T, T),
                          .labels = std::span(kLabels[i % 4])});
    }
  }
};

/// |a - b| / |b|.
double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}

double norm(const std::vector<double>& x) {
  return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
}

/// Softmax does not change when a constant is added to all scores of a query, which is all that a key's bias
/// does.
bool is_always_zero(const std::string& name) {
  return name.ends_with("key_projection.bias");
}

class Gradients : public testing::TestWithParam<Network> {
 protected:
  EncoderConfig config = config_of(GetParam());
  std::shared_ptr<const Checkpoint> checkpoint = random_checkpoint(config, true);
  TrainerOptions options = options_of(GetParam());
  Batch batch{config, 4};
};

// The error of a central difference is h^2/6 of the third derivative, and rounding of the loss over h: with h
// = 1e-5 both are some 1e-10.
TEST_P(Gradients, AgreeWithCentralDifferencesInDouble) {
  constexpr double kStep = 1e-5;
  TrainingTwin twin(*checkpoint, options);
  twin.loss(batch.examples, true);
  const std::vector<double> gradient = twin.gradient;
  for (const train::TensorPlace& tensor : twin.layout.tensors) {
    if (options.objective == TrainingObjective::contrast && tensor.name.starts_with("fc.")) continue;
    std::vector<double> numeric, exact;
    const std::size_t stride =
        std::max<std::size_t>(1, tensor.count() / 60);  // every element of small tensors
    for (std::size_t i = 0; i < tensor.count(); i += stride) {
      double& parameter = twin.parameters[tensor.place(i)];
      const double value = parameter;
      parameter = value + kStep;
      const double above = twin.loss(batch.examples, false);
      parameter = value - kStep;
      const double below = twin.loss(batch.examples, false);
      parameter = value;
      numeric.push_back((above - below) / (2 * kStep));
      exact.push_back(gradient[tensor.place(i)]);
    }
    if (is_always_zero(tensor.name)) {
      EXPECT_LE(norm(exact), 1e-12 * norm(gradient)) << tensor.name;
    } else {
      EXPECT_LE(relative_difference(exact, numeric), 1e-6) << tensor.name;
      EXPECT_GT(norm(exact), 0) << tensor.name;
    }
  }
}

// The first moment after one step is (1 - beta1) times the gradient. A float gradient is a sum of some
// thousand products of numbers with 24 bits, through a few layers: 1e-5 of its norm is ten times what
// rounding leaves.
TEST_P(Gradients, OfTheTrainerAreThoseInDouble) {
  TrainingTwin twin(*checkpoint, options);
  const double loss = twin.loss(batch.examples, true);
  train::Trainer trainer(*checkpoint, options);
  const train::StepResult result = trainer.step(batch.examples, 1e-3);
  EXPECT_NEAR(result.loss, loss, 1e-5);
  const auto state = trainer.state();
  double squares = 0;
  for (const train::TensorPlace& tensor : twin.layout.tensors) {
    if (options.objective == TrainingObjective::contrast && tensor.name.starts_with("fc.")) continue;
    std::vector<double> found, exact;
    for (std::size_t i = 0; i < tensor.count(); ++i) {
      found.push_back(static_cast<double>(state.at("moment1." + tensor.name).data[i]) / (1 - options.beta1));
      exact.push_back(twin.gradient[tensor.place(i)]);
    }
    squares += norm(exact) * norm(exact);
    if (is_always_zero(tensor.name)) {
      EXPECT_LE(norm(found), 1e-6 * result.gradient_norm) << tensor.name;
    } else {
      EXPECT_LE(relative_difference(found, exact), 1e-5) << tensor.name;
    }
  }
  EXPECT_NEAR(result.gradient_norm, std::sqrt(squares), 1e-5 * result.gradient_norm);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Gradients,
    testing::Values(
        Network{"GeluClassify", 5, 8, 2, 12, 2, Activation::gelu, TrainingObjective::classify, 0},
        Network{"ReluClassify", 5, 8, 2, 12, 2, Activation::relu, TrainingObjective::classify, 0},
        Network{"GeluContrast", 7, 8, 2, 12, 2, Activation::gelu, TrainingObjective::contrast, 0},
        Network{"ReluContrast", 7, 8, 4, 12, 1, Activation::relu, TrainingObjective::contrast, 0},
        Network{"DropoutClassify", 6, 8, 2, 12, 2, Activation::gelu, TrainingObjective::classify, 0.3},
        Network{"DropoutContrast", 6, 8, 2, 12, 2, Activation::gelu, TrainingObjective::contrast, 0.3},
        Network{"BeyondOneVector", 19, 24, 2, 20, 1, Activation::gelu, TrainingObjective::classify, 0.1},
        Network{"OneWholeHead", 17, 32, 1, 48, 1, Activation::relu, TrainingObjective::classify, 0},
        Network{"ProbSparse", 19, 24, 3, 20, 2, Activation::gelu, TrainingObjective::classify, 0,
                Attention::probsparse},
        Network{"ProbSparseExact", 19, 8, 2, 12, 2, Activation::gelu, TrainingObjective::classify, 0,
                Attention::probsparse_exact},
        Network{"ProbSparseContrastWithDropout", 9, 8, 2, 12, 1, Activation::relu,
                TrainingObjective::contrast, 0.3, Attention::probsparse},
        Network{"ProbSparseOfOneHead", 17, 20, 1, 12, 1, Activation::gelu, TrainingObjective::classify, 0.2,
                Attention::probsparse_exact},
        Network{"ProbSparseWhereAllAttend", 5, 8, 2, 12, 1, Activation::gelu, TrainingObjective::classify, 0,
                Attention::probsparse_exact, 9}),
    [](const testing::TestParamInfo<Network>& network) { return std::string(network.param.name); });

}  // namespace
}  // namespace astrom3
