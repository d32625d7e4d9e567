// SPDX-License-Identifier: MIT
//
// ProbSparse attention against golden numbers in float64, against its slow twin, and its draws.
#include <functional>

#include "tests/encoder/encoder_cases.h"
#include "tests/encoder/encoder_reference.h"

namespace astrom3 {
namespace {

AttentionOptions probsparse(std::uint64_t seed) {
  return {.form = Attention::probsparse, .seed = seed, .key_samples = {}};
}

AttentionOptions given(std::vector<std::uint32_t> samples) {
  return {.form = Attention::probsparse, .seed = 0, .key_samples = std::move(samples)};
}

std::vector<double> flat(const EncoderReference::Rows& rows) {
  std::vector<double> values;
  for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
  return values;
}

class ProbSparse : public EveryIsa {
 protected:
  /// 1e-5 is the project's promise; the sums are no longer than full attention's.
  void expect_parity(const std::string& name) {
    const std::filesystem::path folder = golden(name);
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
    const auto checkpoint = load_checkpoint(folder / "model.safetensors");
    const std::filesystem::path file = folder / "cases.safetensors";
    const Encoder encoder(checkpoint, GetParam(), given(read_key_samples(file, checkpoint->config)));
    const SafetensorsFile tensors = SafetensorsFile::open(file);
    const Result r =
        encode(encoder, read_cases(tensors, 100, static_cast<std::size_t>(checkpoint->config.seq_len)));
    EXPECT_LE(worst_difference(r.sequence, to_float64(tensors.at("probsparse_sequence"))), 1e-5);
    EXPECT_LE(worst_difference(r.mean, to_float64(tensors.at("probsparse_mean"))), 1e-5);
    EXPECT_GT(worst_difference(r.mean, to_float64(tensors.at("mean"))), 1e-2)
        << "full attention is another network";
  }
};

TEST_P(ProbSparse, TinyIsReproducedFromGivenDraws) {
  expect_parity("tiny");
}
TEST_P(ProbSparse, OddSizesAndReluAreReproducedFromGivenDraws) {
  expect_parity("odd");
}

struct Sizes {
  std::int64_t T, D, H, layers, factor;
};
constexpr Sizes kSizes[] = {
    {3, 2, 1, 1, 1}, {17, 34, 1, 1, 1}, {16, 50, 5, 2, 1}, {61, 96, 2, 1, 3}, {33, 6, 3, 3, 100}};

EncoderConfig config_of(const Sizes& s) {
  EncoderConfig config = small_config();
  config.seq_len = s.T;
  config.d_model = s.D;
  config.n_heads = s.H;
  config.e_layers = s.layers;
  config.factor = s.factor;
  return config;
}

TEST_P(ProbSparse, AgreesWithTheSlowTwinAtAnySize) {
  for (const Sizes& s : kSizes) {
    const EncoderConfig config = config_of(s);
    const auto checkpoint = random_checkpoint(config, true);
    const Cases cases = random_cases(config, 1);
    const std::vector<std::uint32_t> draws = draw_key_samples(config, 3);
    const Result r = encode(Encoder(checkpoint, GetParam(), probsparse(3)), cases);
    const auto exact = EncoderReference(*checkpoint, draws, probsparse_count(config))
                           .encode(cases.x_enc.data(), cases.mask.data());
    const double tolerance =
        s.D == 2 ? 2e-4 : 1e-5;  // as in AnySize: a variance over two values may be small
    EXPECT_LE(worst_difference(r.sequence, flat(exact.sequence)), tolerance) << "T " << s.T << " D " << s.D;
    EXPECT_LE(worst_difference(r.mean, exact.mean), tolerance);
    EXPECT_LE(worst_difference(r.logits, exact.logits),
              tolerance * std::max(1.0, largest_magnitude(exact.logits)));
  }
}

TEST_P(ProbSparse, ExactFormLooksAtEveryKeyOnce) {
  for (const Sizes& s : kSizes) {
    const EncoderConfig config = config_of(s);
    const auto checkpoint = random_checkpoint(config, false);
    const Cases cases = random_cases(config, 1);
    std::vector<std::uint32_t> every;
    for (std::int64_t i = 0; i < s.layers * s.T * s.T; ++i)
      every.push_back(static_cast<std::uint32_t>(i % s.T));
    const Result r = encode(
        Encoder(checkpoint, GetParam(), {.form = Attention::probsparse_exact, .key_samples = {}}), cases);
    const auto exact = EncoderReference(*checkpoint, every, probsparse_count(config))
                           .encode(cases.x_enc.data(), cases.mask.data());
    EXPECT_LE(worst_difference(r.sequence, flat(exact.sequence)), s.D == 2 ? 2e-4 : 1e-5) << "T " << s.T;
  }
}

TEST_P(ProbSparse, GivesTheSameBitsForAnyBatchNeighbourOutputAndInstructionSet) {
  const auto checkpoint = random_checkpoint(small_config(), true);
  const Cases cases = random_cases(small_config(), 4);
  for (const AttentionOptions& form :
       {probsparse(7), {.form = Attention::probsparse_exact, .key_samples = {}}}) {
    const Result plain = encode(Encoder(checkpoint, Isa::scalar, form), cases);
    const Encoder encoder(checkpoint, GetParam(), form);
    const Result all = encode(encoder, cases);
    EXPECT_EQ(first_difference(all.sequence, plain.sequence), -1);
    EXPECT_EQ(first_difference(all.logits, plain.logits), -1);
    EXPECT_EQ(first_difference(encode(encoder, cases, false, true).mean, all.mean), -1);
    Cases last{.x_enc = {cases.x_enc.end() - 37 * 9, cases.x_enc.end()},
               .mask = {cases.mask.end() - 37, cases.mask.end()}};
    const Result alone = encode(encoder, last);
    EXPECT_EQ(first_difference(alone.mean, std::span(all.mean).last(24)), -1);
  }
}

INSTANTIATE_FOR_EVERY_ISA(ProbSparse);

TEST(KeySamples, DependOnSeedAndLayerAlone) {
  EncoderConfig config = small_config();
  const std::size_t per_layer = 37 * probsparse_count(config);
  const auto two = draw_key_samples(config, 5);
  ASSERT_EQ(two.size(), 2 * per_layer);
  config.e_layers = 3;
  config.d_model = 48;
  const auto three = draw_key_samples(config, 5);
  EXPECT_TRUE(std::equal(two.begin(), two.end(), three.begin()));
  EXPECT_NE(draw_key_samples(config, 6), three);
  EXPECT_FALSE(std::equal(two.begin(), two.begin() + static_cast<std::ptrdiff_t>(per_layer),
                          two.begin() + static_cast<std::ptrdiff_t>(per_layer)));
}

TEST(KeySamples, AreStepsDrawnAlikeOften) {
  EncoderConfig config;  // 200 steps, 8 layers, u = 6
  EXPECT_EQ(probsparse_count(config), 6u);
  std::vector<int> counts(200);
  for (const std::uint32_t key : draw_key_samples(config, 1)) counts.at(key)++;
  // 48 draws a step expected, standard deviation 7; five of those either way.
  EXPECT_GT(*std::min_element(counts.begin(), counts.end()), 13);
  EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 83);
}

TEST(KeySamples, CountIsTheFactorTimesTheLogarithmAndAtMostAll) {
  EncoderConfig config;
  config.seq_len = 33;
  EXPECT_EQ(probsparse_count(config), 4u);
  config.factor = 5;
  EXPECT_EQ(probsparse_count(config), 20u);
  config.factor = 100;
  EXPECT_EQ(probsparse_count(config), 33u);
}

Status status_of(const std::function<void()>& call, std::string* message = nullptr) {
  try {
    call();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.code();
  }
  return Status::ok;
}

TEST(KeySamples, OfAnotherSizeOrOfStepsThereAreNotAreRefused) {
  const auto checkpoint = random_checkpoint(small_config(), false);
  auto draws = draw_key_samples(small_config(), 0);
  EXPECT_EQ(status_of([&] { Encoder(checkpoint, default_isa(), given(draws)); }), Status::ok);
  draws.front() = 37;
  EXPECT_EQ(status_of([&] { Encoder(checkpoint, default_isa(), given(draws)); }), Status::usage);
  draws.pop_back();
  draws.front() = 0;
  EXPECT_EQ(status_of([&] { Encoder(checkpoint, default_isa(), given(draws)); }), Status::usage);
  EXPECT_EQ(
      status_of([&] { Encoder(checkpoint, default_isa(), {.form = Attention::full, .key_samples = draws}); }),
      Status::usage);
}

TEST(KeySamples, ReadFromAFileAreCheckedAgainstTheCheckpoint) {
  const EncoderConfig tiny = load_checkpoint(golden("tiny") / "model.safetensors")->config;
  EXPECT_EQ(read_key_samples(golden("tiny") / "cases.safetensors", tiny).size(), 2u * 40u * 4u);
  std::string message;
  EncoderConfig other = tiny;
  other.e_layers = 3;
  EXPECT_EQ(status_of([&] { read_key_samples(golden("tiny") / "cases.safetensors", other); }, &message),
            Status::bad_tensors);
  EXPECT_NE(message.find("[3, 40, 4]"), std::string::npos) << message;
  EXPECT_EQ(status_of([&] { read_key_samples(golden("tiny") / "model.safetensors", tiny); }, &message),
            Status::bad_tensors);
  EXPECT_NE(message.find("not in the file"), std::string::npos) << message;
  EXPECT_EQ(status_of([&] { read_key_samples("/nowhere", tiny); }), Status::bad_tensors);
}

TEST(Attention, HasANameForEveryForm) {
  for (const Attention form : {Attention::full, Attention::probsparse, Attention::probsparse_exact})
    EXPECT_EQ(parse_attention(attention_name(form)), form);
  EXPECT_EQ(status_of([] { parse_attention("sparse"); }), Status::usage);
}

}  // namespace
}  // namespace astrom3
