// SPDX-License-Identifier: MIT
//
// The encoder against golden numbers in float64, against its slow twin, and against itself.
#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "astrom3/encoder/encoder.h"
#include "base/float_environment.h"
#include "tests/encoder/encoder_cases.h"
#include "tests/encoder/encoder_reference.h"

namespace astrom3 {
namespace {

// ---- golden numbers ------------------------------------------------------------------------------

class Golden : public EveryIsa {
 protected:
  /// The tolerances are the project's promise, in the units of the outputs (h has unit variance):
  /// float32 with k = 512 sums and eight layers stays a few times below them.
  void expect_parity(const std::string& name, const std::string& weights, std::size_t limit = 100) {
    const std::filesystem::path folder = golden(name);
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
    const Encoder encoder(load_checkpoint(folder / weights), GetParam());
    const auto T = static_cast<std::size_t>(encoder.config().seq_len);
    const SafetensorsFile file = SafetensorsFile::open(folder / "cases.safetensors");
    const Cases cases = read_cases(file, limit, T);
    const Result r = encode(encoder, cases);

    const double sequence = worst_difference(r.sequence, first_values(file, "sequence", r.sequence.size()));
    const double mean = worst_difference(r.mean, first_values(file, "mean", r.mean.size()));
    EXPECT_LE(sequence, 1e-5);
    EXPECT_LE(mean, 4e-6);
    RecordProperty("sequence", std::to_string(sequence));
    RecordProperty("mean", std::to_string(mean));
    if (r.logits.empty()) return;
    const std::vector<double> logits = first_values(file, "logits", r.logits.size());
    EXPECT_LE(worst_difference(r.logits, logits), 1e-5 * largest_magnitude(logits));
  }
};

TEST_P(Golden, TinyIsReproduced) {
  expect_parity("tiny", "model.safetensors");
}
TEST_P(Golden, TinyFromFloat64WeightsIsReproduced) {
  expect_parity("tiny", "model_f64.safetensors");
}
TEST_P(Golden, TinyWithoutHeadIsReproduced) {
  expect_parity("tiny", "model_nohead.safetensors");
}
TEST_P(Golden, OddSizesAndReluAreReproduced) {
  expect_parity("odd", "model.safetensors");
}
TEST_P(Golden, ThePublishedSizeIsReproduced) {
  expect_parity("full", "model.safetensors", GetParam() == Isa::scalar ? 1 : 100);  // scalar: a second each
}
INSTANTIATE_FOR_EVERY_ISA(Golden);

// ---- the slow twin -------------------------------------------------------------------------------

class AnySize : public EveryIsa {};

TEST_P(AnySize, AgreesWithTheSlowTwin) {
  struct Sizes {
    std::int64_t T, D, H, F, layers;
    Activation activation;
  };
  for (const Sizes& s :
       {Sizes{3, 2, 1, 1, 1, Activation::gelu}, Sizes{4, 2, 2, 5, 2, Activation::relu},
        Sizes{17, 34, 1, 16, 1, Activation::gelu}, Sizes{16, 50, 5, 33, 2, Activation::gelu},
        Sizes{61, 96, 2, 70, 1, Activation::relu}, Sizes{33, 6, 3, 300, 3, Activation::gelu}}) {
    EncoderConfig config = small_config();
    config.seq_len = s.T;
    config.d_model = s.D;
    config.n_heads = s.H;
    config.d_ff = s.F;
    config.e_layers = s.layers;
    config.activation = s.activation;
    const auto checkpoint = random_checkpoint(config, true);
    const Cases cases = random_cases(config, 1);
    const Result r = encode(Encoder(checkpoint, GetParam()), cases);
    const auto exact = EncoderReference(*checkpoint).encode(cases.x_enc.data(), cases.mask.data());
    std::vector<double> sequence;
    for (const auto& row : exact.sequence) sequence.insert(sequence.end(), row.begin(), row.end());
    // d_model 2 divides by a variance that may be small: LayerNorm then amplifies rounding.
    const double tolerance = s.D == 2 ? 2e-4 : 1e-5;
    EXPECT_LE(worst_difference(r.sequence, sequence), tolerance) << "T " << s.T << " D " << s.D;
    EXPECT_LE(worst_difference(r.mean, exact.mean), tolerance);
    EXPECT_LE(worst_difference(r.logits, exact.logits),
              tolerance * std::max(1.0, largest_magnitude(exact.logits)));
  }
}

INSTANTIATE_FOR_EVERY_ISA(AnySize);

// ---- the same bits -------------------------------------------------------------------------------

class SameBits : public EveryIsa {
 protected:
  void expect_equal(const Result& a, const Result& b) {
    EXPECT_EQ(first_difference(a.mean, b.mean), -1);
    EXPECT_EQ(first_difference(a.sequence, b.sequence), -1);
    EXPECT_EQ(first_difference(a.logits, b.logits), -1);
  }
  const std::shared_ptr<const Checkpoint> checkpoint_ = random_checkpoint(small_config(), true);
};

TEST_P(SameBits, AsTheScalarPath) {
  const Cases cases = random_cases(small_config(), 3);
  expect_equal(encode(Encoder(checkpoint_, GetParam()), cases),
               encode(Encoder(checkpoint_, Isa::scalar), cases));
}

TEST_P(SameBits, AsTheScalarPathAtThePublishedSize) {
  const auto checkpoint = random_checkpoint(EncoderConfig{}, true);
  const Cases cases = random_cases(EncoderConfig{}, 1);
  static const Result scalar = encode(Encoder(checkpoint, Isa::scalar), cases);
  expect_equal(encode(Encoder(checkpoint, GetParam()), cases), scalar);
}

TEST_P(SameBits, InABatchAsAlone) {
  const Encoder encoder(checkpoint_, GetParam());
  const std::size_t B = 7, T = 37, D = 24;
  const Cases cases = random_cases(small_config(), B);
  const Result all = encode(encoder, cases);
  for (std::size_t b = 0; b < B; ++b) {
    const auto part = [b](const std::vector<float>& v, std::size_t size) {
      const auto first = v.begin() + static_cast<std::ptrdiff_t>(b * size);
      return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(size));
    };
    const Result one = encode(encoder, {part(cases.x_enc, T * 9), part(cases.mask, T)});
    expect_equal(one, {part(all.mean, D), part(all.sequence, T * D), part(all.logits, 3)});
  }
}

TEST_P(SameBits, OfMeanAndLogitsWhenTheSequenceIsNotAskedFor) {
  const Encoder encoder(checkpoint_, GetParam());
  Cases cases = random_cases(small_config(), 9);
  cases.mask[3] = 0;                               // a hole among the observed rows
  std::fill_n(cases.mask.begin() + 37, 37, 0.0f);  // nothing observed at all
  const Result all = encode(encoder, cases);
  EXPECT_EQ(first_difference(encode(encoder, cases, false, false).mean, all.mean), -1);
  EXPECT_EQ(first_difference(encode(encoder, cases, false, true).mean, all.mean), -1);
  EXPECT_EQ(first_difference(encode(encoder, cases, false, true).logits, all.logits), -1);
}

TEST_P(SameBits, OfPaddingThatIsComputedOnceAndOfPaddingThatIsNot) {
  // Products with -0 are those with 0 when they are added to 0, but only zeros whose bits are 0 are taken for
  // known.
  EncoderConfig one_layer = small_config(), wide_heads = small_config();
  one_layer.e_layers = 1;
  wide_heads.d_model = 80;  // heads of 40: a whole panel of values and a part of one
  for (const EncoderConfig& config : {small_config(), one_layer, wide_heads}) {
    const Encoder encoder(random_checkpoint(config, true), GetParam());
    const Cases cases = random_cases(config, 5);
    Cases computed = cases;
    std::ranges::replace(computed.x_enc, 0.0f, -0.0f);
    for (const bool sequence : {true, false}) {
      const Result once = encode(encoder, cases, sequence), always = encode(encoder, computed, sequence);
      EXPECT_EQ(first_difference(once.mean, always.mean), -1);
      EXPECT_EQ(first_difference(once.sequence, always.sequence), -1);
      EXPECT_EQ(first_difference(once.logits, always.logits), -1);
    }
  }
}

TEST_P(SameBits, WithAPoisonedNeighbour) {
  const Encoder encoder(checkpoint_, GetParam());
  Cases cases = random_cases(small_config(), 3);
  const Result clean = encode(encoder, cases);
  cases.x_enc[37 * 9 + 5] = std::nanf("");
  const Result poisoned = encode(encoder, cases);
  for (const std::size_t b : {0u, 2u}) {
    EXPECT_EQ(first_difference({poisoned.mean.data() + b * 24, 24}, {clean.mean.data() + b * 24, 24}), -1);
  }
  EXPECT_TRUE(std::all_of(poisoned.mean.begin() + 24, poisoned.mean.begin() + 48,
                          [](float x) { return std::isnan(x); }));
}

TEST_P(SameBits, WhateverTheHostsFloatingPointMode) {  // DT08
#if defined(__aarch64__)  // FPCR: FZ with DN; down; up; to zero. What was raised is in another register.
  constexpr FloatControl::Bits kModes[] = {0x3000000, 0x800000, 0x400000, 0xc00000}, kRaised = 0;
#else  // MXCSR: FTZ and DAZ; down; up; to zero
  constexpr FloatControl::Bits kModes[] = {0x9fc0, 0x3f80, 0x5f80, 0x7f80}, kRaised = 0x3f;
#endif
  const Encoder encoder(checkpoint_, GetParam());
  const Cases cases = random_cases(small_config(), 2);
  const Result normal = encode(encoder, cases);
  const FloatControl::Bits saved = FloatControl::read();
  for (const FloatControl::Bits mode : kModes) {
    FloatControl::write(mode);
    const Result r = encode(encoder, cases);
    const FloatControl::Bits after = FloatControl::read();
    FloatControl::write(saved);
    expect_equal(r, normal);
    EXPECT_EQ(after & ~kRaised, mode) << "the host's mode was not restored";
  }
}

TEST_P(SameBits, FromManyThreadsOnOneEncoder) {  // CO02
  const Encoder encoder(checkpoint_, GetParam());
  const Cases cases = random_cases(small_config(), 4);
  const Result alone = encode(encoder, cases);
  std::vector<Result> results(8);
  std::vector<std::thread> threads;
  for (Result& r : results) threads.emplace_back([&] { r = encode(encoder, cases); });
  for (std::thread& t : threads) t.join();
  for (const Result& r : results) expect_equal(r, alone);
}

TEST_P(SameBits, FromEncodeManyForAnyNumberOfThreads) {
  const Encoder encoder(checkpoint_, GetParam());
  const Cases cases = random_cases(small_config(), 21);  // more than one part, the last one not full
  const Result alone = encode(encoder, cases);
  for (const std::size_t n_threads : {1u, 3u, 8u}) {
    Result r{.mean = asked(true, alone.mean.size()),
             .sequence = asked(true, alone.sequence.size()),
             .logits = asked(true, alone.logits.size())};
    encode_many(encoder, cases.x_enc, cases.mask,
                {.mean = r.mean, .sequence = r.sequence, .logits = r.logits}, n_threads);
    expect_equal(r, alone);
  }
}

TEST_P(SameBits, WhileOtherModelsAreLoadedUsedAndDestroyed) {  // CO03
  const Encoder encoder(checkpoint_, GetParam());
  const Cases cases = random_cases(small_config(), 4);
  const Result alone = encode(encoder, cases);
  std::atomic<bool> done = false;
  std::thread others([&] {
    while (!done) {
      const auto other = std::make_unique<Encoder>(random_checkpoint(small_config(), false), GetParam());
      (void)encode(*other, cases);
    }
  });
  for (int i = 0; i < 5; ++i) expect_equal(encode(encoder, cases), alone);
  done = true;
  others.join();
}

INSTANTIATE_FOR_EVERY_ISA(SameBits);

// ---- what it is ----------------------------------------------------------------------------------

TEST(Encoder, PaddedRowsTakePartInAttention) {
  // Upstream gives attention no mask: a value in a padded row reaches the mean. Whoever "fixes" that
  // computes another network.
  const Encoder encoder(random_checkpoint(small_config(), true));
  Cases cases = random_cases(small_config(), 2);
  const Result before = encode(encoder, cases);
  const std::size_t last = cases.x_enc.size() - 9 * 3;
  ASSERT_EQ(cases.mask[cases.mask.size() - 3], 0.0f);
  cases.x_enc[last] = 3;
  EXPECT_NE(encode(encoder, cases).mean[24], before.mean[24]);
}

TEST(Encoder, EmptyBatchIsNothingToDo) {
  const Encoder encoder(random_checkpoint(small_config(), false));
  EXPECT_NO_THROW(encoder.encode({}, {}, {}));
}

Status status_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return Status::ok;
}

TEST(Encoder, SaysWhichSpanHasTheWrongSize) {
  const Encoder encoder(random_checkpoint(small_config(), false));
  std::vector<float> x(2 * 37 * 9), mask(2 * 37), mean(2 * 24), other(5);
  EXPECT_EQ(status_of([&] { encoder.encode(x, mask, {.mean = mean, .sequence = {}, .logits = {}}); }),
            Status::ok);
  EXPECT_EQ(status_of([&] { encoder.encode(other, mask, {}); }), Status::usage);
  EXPECT_EQ(status_of([&] { encoder.encode(x, other, {}); }), Status::usage);
  EXPECT_EQ(status_of([&] { encoder.encode(x, mask, {.mean = other, .sequence = {}, .logits = {}}); }),
            Status::usage);
  EXPECT_EQ(status_of([&] { encoder.encode(x, mask, {.mean = {}, .sequence = other, .logits = {}}); }),
            Status::usage);
  EXPECT_EQ(status_of([&] { encoder.encode(x, mask, {.mean = {}, .sequence = {}, .logits = other}); }),
            Status::usage);
  const Encoder with_head(random_checkpoint(small_config(), true));
  EXPECT_EQ(status_of([&] { with_head.encode(x, mask, {.mean = {}, .sequence = {}, .logits = other}); }),
            Status::usage);
}

TEST(EncodeMany, RefusesAWrongSizeBeforeAnythingIsWritten) {
  const Encoder encoder(random_checkpoint(small_config(), false));
  std::vector<float> x(20 * 37 * 9), mask(20 * 37), mean(20 * 24 - 1, 7.0f);
  EXPECT_EQ(status_of([&] { encode_many(encoder, x, mask, {.mean = mean, .sequence = {}, .logits = {}}); }),
            Status::usage);
  EXPECT_EQ(mean, std::vector<float>(20 * 24 - 1, 7.0f));
}

TEST(EncodeMany, EndsEarlyWhereItIsStopped) {
  const Encoder encoder(random_checkpoint(small_config(), false));
  std::vector<float> x(20 * 37 * 9), mask(20 * 37, 1.0f), mean(20 * 24, 7.0f);
  const std::int32_t stop = 1;
  EXPECT_EQ(status_of([&] {
              encode_many(encoder, x, mask, {.mean = mean, .sequence = {}, .logits = {}}, 2, &stop);
            }),
            Status::interrupted);
  EXPECT_EQ(mean, std::vector<float>(20 * 24, 7.0f));
}

TEST(Encoder, RefusesACheckpointThatDoesNotFitItsConfiguration) {
  const auto whole = random_checkpoint(small_config(), true);
  for (const auto& [name, tensor] : whole->tensors) {
    if (name == "fc.weight") continue;  // without it there is no head, and nothing is wrong
    auto broken = std::make_shared<Checkpoint>(*whole);
    broken->tensors.at(name).shape.back() += 1;
    EXPECT_EQ(status_of([&] { Encoder{broken}; }), Status::bad_model) << name;
    broken->tensors.erase(name);
    if (name == "fc.bias") continue;
    EXPECT_EQ(status_of([&] { Encoder{broken}; }), Status::bad_model) << name;
  }
  auto config = std::make_shared<Checkpoint>(*whole);
  config->config.n_heads = 5;
  EXPECT_EQ(status_of([&] { Encoder{config}; }), Status::bad_config);
  EXPECT_EQ(status_of([] { Encoder{nullptr}; }), Status::usage);
}

TEST(Encoder, TellsWhatItIs) {
  const auto checkpoint = random_checkpoint(small_config(), true);
  Encoder a(checkpoint, Isa::scalar);
  const Encoder b = std::move(a);
  EXPECT_EQ(b.isa(), Isa::scalar);
  EXPECT_EQ(&b.checkpoint(), checkpoint.get());
  EXPECT_EQ(b.config().d_ff, 40);
  EXPECT_GT(b.scratch_bytes(), 37u * 24u * sizeof(float));
}

}  // namespace
}  // namespace astrom3
