// SPDX-License-Identifier: MIT
//
// Gradients of spectra, metadata and the shared space: golden numbers of CLIP made in float64 with upstream's
// modules, central differences in double, and the trainer's float against double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/shared_space/published_recipe.h"
#include "tests/train_step/multimodal_twin.h"

namespace astrom3 {
namespace {

using train::MultimodalTrainerOptions;

double norm(const std::vector<double>& x) {
  return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
}

/// |a - b|.
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

/// Softmax does not change when a constant is added to all scores of a query, which is all that a key's bias
/// does.
bool is_always_zero(const std::string& name) {
  return name.ends_with("key_projection.bias");
}

struct Golden {
  explicit Golden(const std::string& name)
      : folder(multimodal_golden(name)),
        checkpoint(load_multimodal_checkpoint(folder)),
        file(SafetensorsFile::open(folder / "cases.safetensors")),
        cases(file),
        batch(cases, checkpoint->config, static_cast<std::int32_t>(checkpoint->config.num_classes)) {}

  double number(const std::string& name) const { return to_float64(file.at(name)).at(0); }

  std::filesystem::path folder;
  std::shared_ptr<const MultimodalCheckpoint> checkpoint;
  SafetensorsFile file;
  MultimodalCases cases;
  GoldenBatch batch;
};

MultimodalTrainerOptions clip_options() {
  MultimodalTrainerOptions options;
  options.objective = TrainingObjective::clip;
  return options;
}

/// What `result` and the gradient of `twin` are beside the golden numbers, whose names begin with `prefix`.
/// Both are float64; the golden numbers say that they agree with two implementations to 1e-14.
void expect_golden(const Golden& golden, const std::string& prefix, const MultimodalTwin& twin,
                   const train::StepResult& result) {
  const auto number = [&](const std::string& name) { return golden.number(prefix + name); };
  EXPECT_NEAR(result.loss, number("loss"), 1e-9 * number("loss"));
  EXPECT_EQ(static_cast<double>(result.correct),
            number("accuracy") * static_cast<double>(golden.batch.examples.size()));
  const double all = number("grad_norm");
  EXPECT_NEAR(norm(twin.gradient), all, 1e-9 * all);
  std::size_t n_tensors = 0;
  for (const train::TensorPlace& tensor : twin.layout.tensors) {
    const std::vector<double> g = twin.gradient_of(tensor);
    const double expected = number("grad_norm." + tensor.name);
    EXPECT_NEAR(norm(g), expected, 1e-9 * expected + 1e-12 * all) << tensor.name;
    double dot = 0;
    for (std::size_t i = 0; i < g.size(); ++i) dot += g[i] * recipe_uniform("grad." + tensor.name, i);
    EXPECT_NEAR(dot, number("grad_dot." + tensor.name), 1e-9 * expected + 1e-12 * all) << tensor.name;
    ++n_tensors;
  }
  EXPECT_EQ(n_tensors, golden.checkpoint->tensor_count - 1);  // the positions are no parameter
}

TEST(ClipGradients, AreTheGoldenOnesInDouble) {
  const Golden golden("tiny_clip");
  MultimodalTwin twin(*golden.checkpoint, golden.cases.n_pixels, clip_options());
  const train::StepResult result = twin.run(golden.batch.examples, true);
  expect_golden(golden, "", twin, result);
}

TEST(ClipGradients, OfProbSparseAttentionAreTheGoldenOnesInDouble) {
  const Golden golden("tiny_clip");
  MultimodalTwin twin(*golden.checkpoint, golden.cases.n_pixels, clip_options());
  const std::vector<std::uint32_t> keys =
      read_key_samples(golden.folder / "cases.safetensors", golden.checkpoint->config.photo);
  const train::StepResult result =
      twin.run(golden.batch.examples, true, {.form = Attention::probsparse, .key_samples = keys});
  expect_golden(golden, "probsparse_", twin, result);
}

TEST(ClipGradients, AreTheGoldenOnesNumberByNumber) {
  const Golden golden("tiny_clip");
  const std::filesystem::path path =
      std::filesystem::path(ASTROM3_SHARED_DIR) / "golden/multimodal/tiny_clip/gradients.safetensors";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const SafetensorsFile file = SafetensorsFile::open(path);
  MultimodalTwin twin(*golden.checkpoint, golden.cases.n_pixels, clip_options());
  twin.run(golden.batch.examples, true);
  for (const train::TensorPlace& tensor : twin.layout.tensors) {
    const std::vector<double> expected = to_float64(file.at("grad." + tensor.name));
    EXPECT_LE(distance(twin.gradient_of(tensor), expected),
              1e-9 * norm(expected) + 1e-12 * norm(twin.gradient))
        << tensor.name;
  }
}

// A temperature above 100 is clamped: whatever it is, the loss is the same.
TEST(ClipGradients, OfAClampedTemperatureAreZero) {
  const Golden golden("tiny_clip");
  MultimodalTwin twin(*golden.checkpoint, golden.cases.n_pixels, clip_options());
  twin.run(golden.batch.examples, true);
  EXPECT_EQ(twin.gradient[twin.layout.temperatures[2].value()], 0);  // ln 120
  EXPECT_NE(twin.gradient[twin.layout.temperatures[0].value()], 0);
}

// Three steps of the recipe's Adam. The trainer is float32: its weights are off by a few roundings, and where
// a gradient is as small as its own rounding Adam still takes a step of the learning rate in its direction,
// so that single numbers may differ by as much as the steps; a tensor as a whole follows.
TEST(ClipTraining, TakesTheThreeGoldenStepsOfAdam) {
  const Golden golden("tiny_clip");
  const std::filesystem::path path =
      std::filesystem::path(ASTROM3_SHARED_DIR) / "golden/multimodal/tiny_clip/gradients.safetensors";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const SafetensorsFile file = SafetensorsFile::open(path);
  MultimodalTrainerOptions options = clip_options();
  options.optimiser = Optimiser::adam;
  options.clip_norm = 1;
  options.beta1 = 0.9262;
  options.weight_decay = 0.00467;
  train::MultimodalTrainer trainer(*golden.checkpoint, golden.cases.n_pixels, options);
  const std::vector<double> losses = to_float64(golden.file.at("adam.loss")),
                            norms = to_float64(golden.file.at("adam.grad_norm"));
  for (std::size_t step = 0; step < 3; ++step) {
    const train::StepResult result = trainer.step(golden.batch.examples, 0.0039210319036872545);
    EXPECT_NEAR(result.loss, losses[step], 1e-4 * losses[step]) << step;
    EXPECT_NEAR(result.gradient_norm, norms[step], 1e-3 * norms[step]) << step;
  }
  const TensorMap after = joined_parts(trainer.checkpoint());
  for (const auto& [name, tensor] : joined_parts(*golden.checkpoint)) {
    if (!file.contains("adam.after3." + name) || is_always_zero(name)) continue;
    const std::vector<double> expected = to_float64(file.at("adam.after3." + name));
    const std::vector<float>& found = after.find(name)->second.data;
    EXPECT_LE(distance({found.begin(), found.end()}, expected),
              0.01 * distance({tensor.data.begin(), tensor.data.end()}, expected) + 1e-6)
        << name;
  }
}

struct Network {
  const char* name;
  const char* golden;
  const char* letters;  ///< of the modalities
  TrainingObjective objective;
  PerModality<double> dropout;
  DropoutForm form;
  Attention attention = Attention::full;
};

class MultimodalGradients : public testing::TestWithParam<Network> {
 protected:
  Golden golden{GetParam().golden};
  MultimodalCheckpoint checkpoint = with_modalities(*golden.checkpoint, GetParam().letters);
  GoldenBatch batch{golden.cases, checkpoint.config,
                    static_cast<std::int32_t>(checkpoint.config.num_classes)};

  MultimodalTrainerOptions options() const {
    MultimodalTrainerOptions o;
    o.objective = GetParam().objective;
    o.dropout = GetParam().dropout;
    o.dropout_form = GetParam().form;
    o.attention = GetParam().attention;
    o.seed = 11;
    if (o.objective == TrainingObjective::classify) {
      o.label_smoothing = 0.1;
      o.class_weights = {0.5f, 1.0f, 2.5f, 1.0f, 1.5f};
      o.class_weights.resize(static_cast<std::size_t>(checkpoint.config.num_classes));
    }
    return o;
  }
};

// Along a direction of every tensor: half its own gradient, half at random, so that both a wrong length and a
// wrong turn of the gradient show. The error of a central difference is h^2/6 of the third derivative, and
// rounding of the loss, some 1e-15 of 10, over h.
TEST_P(MultimodalGradients, AgreeWithCentralDifferencesInDouble) {
  constexpr double kStep = 1e-6;
  MultimodalTwin twin(checkpoint, golden.cases.n_pixels, options());
  batch.examples.resize(std::min<std::size_t>(3, batch.examples.size()));
  twin.run(batch.examples, true);
  const std::vector<double> gradient = twin.gradient, start = twin.parameters;
  for (const train::TensorPlace& tensor : twin.layout.tensors) {
    if (GetParam().objective == TrainingObjective::classify && tensor.shape.empty()) continue;
    const std::vector<double> g = twin.gradient_of(tensor);
    const double length = norm(g), width = std::sqrt(static_cast<double>(g.size()));
    double exact = 0;
    const auto loss_at = [&](double step) {
      exact = 0;
      for (std::size_t i = 0; i < g.size(); ++i) {
        const double direction = recipe_uniform(tensor.name, i) / width + (length > 0 ? g[i] / length : 0);
        twin.parameters[tensor.place(i)] += step * direction;
        exact += direction * g[i];
      }
      const double loss = twin.run(batch.examples, false).loss;
      twin.parameters = start;
      return loss;
    };
    const double numeric = (loss_at(kStep) - loss_at(-kStep)) / (2 * kStep);
    EXPECT_NEAR(exact, numeric, 1e-6 * length + 2e-8) << tensor.name;
  }
}

// The first moment after one step is (1 - beta1) times the gradient.
TEST_P(MultimodalGradients, OfTheTrainerAreThoseInDouble) {
  MultimodalTwin twin(checkpoint, golden.cases.n_pixels, options());
  const train::StepResult exact = twin.run(batch.examples, true);
  train::MultimodalTrainer trainer(checkpoint, golden.cases.n_pixels, options());
  const train::StepResult result = trainer.step(batch.examples, 1e-3);
  EXPECT_NEAR(result.loss, exact.loss, 1e-5 * exact.loss);
  EXPECT_EQ(result.correct, exact.correct);
  EXPECT_NEAR(result.gradient_norm, norm(twin.gradient), 1e-4 * norm(twin.gradient));
  const auto state = trainer.state();
  for (const train::TensorPlace& tensor : twin.layout.tensors) {
    if (GetParam().objective == TrainingObjective::classify && tensor.shape.empty()) continue;
    std::vector<double> found;
    for (const float moment : state.at("moment1." + tensor.name).data)
      found.push_back(static_cast<double>(moment) / (1 - options().beta1));
    const std::vector<double> expected = twin.gradient_of(tensor);
    const double limit = is_always_zero(tensor.name) ? 1e-6 * norm(twin.gradient) : 1e-4 * norm(expected);
    EXPECT_LE(distance(found, expected), limit) << tensor.name;
  }
}

constexpr PerModality<double> kNone{}, kSome{0.2, 0.3, 0.15};

INSTANTIATE_TEST_SUITE_P(
    Networks, MultimodalGradients,
    testing::Values(
        Network{"Clip", "tiny_clip", "psm", TrainingObjective::clip, kNone, DropoutForm::ours},
        Network{"ClipWithDropout", "tiny_clip", "psm", TrainingObjective::clip, kSome, DropoutForm::upstream},
        Network{"ClipOfPhotoAndMetadata", "tiny_clip", "pm", TrainingObjective::clip, kSome,
                DropoutForm::ours},
        Network{"ClipOfPhotoAndSpectra", "tiny_clip", "ps", TrainingObjective::clip, kNone,
                DropoutForm::ours},
        Network{"ClipOfSpectraAndMetadata", "tiny_clip", "sm", TrainingObjective::clip, kNone,
                DropoutForm::ours},
        Network{"Spectra", "tiny_spectra", "psm", TrainingObjective::classify, kSome, DropoutForm::ours},
        Network{"OddSpectra", "odd_spectra", "psm", TrainingObjective::classify, kNone, DropoutForm::ours},
        Network{"Metadata", "tiny_meta", "psm", TrainingObjective::classify, kSome, DropoutForm::ours},
        Network{"Fused", "tiny_fused", "psm", TrainingObjective::classify, kSome, DropoutForm::upstream},
        Network{"FusedOfTwo", "tiny_fused", "ps", TrainingObjective::classify, kNone, DropoutForm::ours},
        Network{"FusedByConcatenation", "tiny_fused_concat", "psm", TrainingObjective::classify, kNone,
                DropoutForm::ours},
        Network{"ClipOfProbSparse", "tiny_clip", "psm", TrainingObjective::clip, kSome, DropoutForm::upstream,
                Attention::probsparse},
        Network{"FusedOfProbSparseExact", "tiny_fused", "psm", TrainingObjective::classify, kNone,
                DropoutForm::ours, Attention::probsparse_exact}),
    [](const testing::TestParamInfo<Network>& network) { return std::string(network.param.name); });

}  // namespace
}  // namespace astrom3
