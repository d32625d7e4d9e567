// SPDX-License-Identifier: MIT
//
// Products in eight bits: each kernel against exact sums, the encoder against float32, every instruction set
// against the scalar twin bit by bit.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "astrom3/encoder/encoder.h"
#include "base/aligned_buffer.h"
#include "kernels/dispatch.h"
#include "tests/encoder/encoder_cases.h"
#include "tests/encoder/encoder_reference.h"

namespace astrom3 {
namespace {

using kernels::Epilogue;
using kernels::Int8KernelTable;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class EveryInt8Isa : public EveryIsa {
 protected:
  void SetUp() override {
    EveryIsa::SetUp();
    if (!precision_supported(Precision::int8, GetParam()))
      GTEST_SKIP() << "this CPU does not have AVX512-VNNI";
  }
  const Int8KernelTable& table() const { return kernels::int8_kernels(GetParam()); }
};

/// [k, n] row-major to panels of quads.
std::vector<std::int8_t> to_quads(const std::vector<std::int8_t>& b, std::size_t k, std::size_t n,
                                  std::size_t panel_width) {
  std::vector<std::int8_t> panels;
  for (std::size_t first = 0; first < n; first += panel_width) {
    for (std::size_t quad = 0; quad < k; quad += 4) {
      for (std::size_t j = first; j < std::min(n, first + panel_width); ++j) {
        for (std::size_t r = quad; r < quad + 4; ++r) panels.push_back(b[r * n + j]);
      }
    }
  }
  return panels;
}

template <typename Byte>
std::vector<Byte> random_bytes(std::size_t n, std::uint32_t seed, int low, int high) {
  std::mt19937 engine(seed);
  std::uniform_int_distribution<int> distribution(low, high);
  std::vector<Byte> values(n);
  for (Byte& v : values) v = static_cast<Byte>(distribution(engine));
  return values;
}

/// A right operand [k, n]: bytes of steps 2 i and 2 i + 1 that together are in -128..128, or as large as
/// that.
std::vector<std::int8_t> right_operand(std::size_t k, std::size_t n, std::uint32_t seed, bool largest) {
  std::vector<std::int8_t> b = random_bytes<std::int8_t>(k * n, seed, -127, 127);
  for (std::size_t row = 0; row < k; row += 2) {
    for (std::size_t j = 0; j < n; ++j) {
      const int first = largest ? std::array{64, 127, -64, -127}[j % 4] : b[row * n + j];
      const int second = largest ? (first > 0 ? 128 - first : -128 - first) : b[(row + 1) * n + j];
      b[row * n + j] = static_cast<std::int8_t>(first);
      b[(row + 1) * n + j] = static_cast<std::int8_t>(
          std::clamp(second, std::max(-127, -128 - first), std::min(127, 128 - first)));
    }
  }
  return b;
}

// ---- the product ---------------------------------------------------------------------------------

class Int8Gemm : public EveryInt8Isa {
 protected:
  struct Problem {
    std::size_t m, k, n;
    Epilogue epilogue = Epilogue::none;
    bool largest = false;  ///< every pair of bytes as large as it may be
  };
  struct Operands {
    explicit Operands(const Problem& p)
        : a(random_bytes<std::uint8_t>(p.m * (p.k + 5), 1, p.largest ? 255 : 0, 255)),
          b(right_operand(p.k, p.n, 2, p.largest)),
          scale(random_floats(p.m, 3, 0.001f, 0.01f)),
          low(random_floats(p.m, 4)),
          b_scale(random_floats(p.n, 5, 0.001f, 0.01f)),
          b_sum(random_floats(p.n, 6)),
          bias(random_floats(p.n, 7)) {}
    std::vector<std::uint8_t> a;
    std::vector<std::int8_t> b;
    std::vector<float> scale, low, b_scale, b_sum, bias;
  };

  static std::vector<float> multiply(const Int8KernelTable& table, const Problem& p, bool as_panels = false) {
    Operands o(p);
    const std::vector<std::int8_t> b = to_quads(o.b, p.k, p.n, table.panel_width);
    std::vector<float> c(p.m * (p.n + 5), 77.0f);
    table.gemm({.a = {.q = o.a.data(), .stride = p.k + 5, .scale = o.scale.data(), .low = o.low.data()},
                .m = p.m,
                .k = p.k,
                .n = p.n,
                .b = b.data(),
                .b_scale = o.b_scale.data(),
                .b_sum = o.b_sum.data(),
                .bias = o.bias.data(),
                .c = c.data(),
                .c_stride = as_panels ? 0 : p.n + 5,
                .epilogue = p.epilogue});
    return c;
  }

  void expect_exact_sums(const Problem& p) const {
    const Operands o(p);
    const std::vector<float> c = multiply(table(), p);
    for (std::size_t i = 0; i < p.m; ++i) {
      for (std::size_t j = 0; j < p.n; ++j) {
        std::int64_t sum = 0;
        for (std::size_t x = 0; x < p.k; ++x) sum += o.a[i * (p.k + 5) + x] * o.b[x * p.n + j];
        float expected = std::fma(o.scale[i] * static_cast<float>(sum), o.b_scale[j],
                                  std::fma(o.low[i], o.b_sum[j], o.bias[j]));
        if (p.epilogue == Epilogue::relu) expected = std::max(expected, 0.0f);
        ASSERT_EQ(c[i * (p.n + 5) + j], expected)
            << p.m << " " << p.k << " " << p.n << " at " << i << ", " << j;
      }
      for (std::size_t j = p.n; j < p.n + 5; ++j) ASSERT_EQ(c[i * (p.n + 5) + j], 77.0f);
    }
  }
};

TEST_P(Int8Gemm, SumsExactlyForEveryBlockOfRows) {
  for (std::size_t m = 1; m <= 2 * table().row_block + 1; ++m) expect_exact_sums({.m = m, .k = 20, .n = 48});
}
TEST_P(Int8Gemm, SumsExactlyForEveryWidthAndDepth) {
  for (const std::size_t n : {16u, 32u, 48u, 80u}) {
    for (const std::size_t k : {4u, 8u, 28u, 512u}) expect_exact_sums({.m = 13, .k = k, .n = n});
  }
}
TEST_P(Int8Gemm, DoesNotSaturate) {
  expect_exact_sums({.m = 5, .k = 4096, .n = 32, .largest = true});
}
TEST_P(Int8Gemm, AppliesEpilogues) {
  expect_exact_sums({.m = 5, .k = 64, .n = 48, .epilogue = Epilogue::relu});
  const Problem p{.m = 5, .k = 64, .n = 48, .epilogue = Epilogue::gelu};
  const std::vector<float> plain = multiply(table(), {.m = 5, .k = 64, .n = 48}), gelu = multiply(table(), p);
  std::vector<float> expected(plain.size());
  kernels::kernels(GetParam()).gelu(plain.data(), expected.data(), plain.size());
  for (std::size_t i = 0; i < p.m; ++i) {
    for (std::size_t j = 0; j < p.n; ++j)
      ASSERT_NEAR(gelu[i * (p.n + 5) + j], expected[i * (p.n + 5) + j], 2.1e-4);
  }
  EXPECT_EQ(first_difference(gelu, multiply(kernels::int8_kernels(Isa::scalar), p)), -1);
}
TEST_P(Int8Gemm, GeluIsCloseEverywhere) {
  // Products of zeros: the bias decides what gelu is applied to.
  const Int8KernelTable& table = this->table();
  std::vector<float> bias;
  for (float x = -9; x < 9; x += 0.001f) bias.push_back(x);
  bias.resize(bias.size() / 16 * 16);
  const std::size_t n = bias.size();
  const std::vector<std::int8_t> b(4 * n);
  const std::vector<float> none(n);
  std::vector<float> c(n);
  float scale = 0, low = 0;
  std::vector<std::uint8_t> a(4);
  table.gemm({.a = {.q = a.data(), .stride = 4, .scale = &scale, .low = &low},
              .m = 1,
              .k = 4,
              .n = n,
              .b = b.data(),
              .b_scale = none.data(),
              .b_sum = none.data(),
              .bias = bias.data(),
              .c = c.data(),
              .c_stride = n,
              .epilogue = Epilogue::gelu});
  for (std::size_t j = 0; j < n; ++j) {
    const double x = static_cast<double>(bias[j]), gelu = 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    ASSERT_NEAR(c[j], gelu, std::abs(x) < 3.87 ? 3.5e-5 : 2.1e-4) << x;
  }
}
TEST_P(Int8Gemm, WritesPanelsThatTheFloatProductReads) {
  const Problem p{.m = 21, .k = 16, .n = 80};
  const std::vector<float> rows = multiply(table(), p), panels = multiply(table(), p, true);
  const std::size_t width = kernels::kernels(GetParam()).panel_width;
  std::size_t at = 0;
  for (std::size_t first = 0; first < p.n; first += width) {
    for (std::size_t i = 0; i < p.m; ++i) {
      for (std::size_t j = first; j < std::min(p.n, first + width); ++j)
        ASSERT_EQ(panels[at++], rows[i * (p.n + 5) + j]);
    }
  }
}
INSTANTIATE_FOR_EVERY_ISA(Int8Gemm);

// ---- quantising ----------------------------------------------------------------------------------

struct Quantised {
  std::vector<std::uint8_t> q;
  std::vector<float> scale, low;
};

Quantised quantise(Isa isa, const std::vector<float>& x, std::size_t rows, std::size_t n) {
  Quantised out{std::vector<std::uint8_t>(rows * n), std::vector<float>(rows), std::vector<float>(rows)};
  kernels::int8_kernels(isa).quantise(
      {.x = x.data(),
       .stride = n,
       .rows = rows,
       .n = n,
       .out = {.q = out.q.data(), .stride = n, .scale = out.scale.data(), .low = out.low.data()}});
  return out;
}

class Quantise : public EveryInt8Isa {};

TEST_P(Quantise, IsOffByHalfAStepAtMostAndHasTheScalarBits) {
  constexpr std::size_t kRows = 7, kN = 48;
  std::vector<float> x = random_floats(kRows * kN, 1, -3, 2);
  std::fill_n(x.begin() + 2 * kN, kN, 0.0f);    // a row of zeros
  std::fill_n(x.begin() + 3 * kN, kN, -1.25f);  // a constant
  for (std::size_t j = 0; j < kN; ++j) x[4 * kN + j] *= 1e-38f;
  for (std::size_t j = 0; j < kN; ++j) x[5 * kN + j] *= 1e37f;
  const Quantised found = quantise(GetParam(), x, kRows, kN), scalar = quantise(Isa::scalar, x, kRows, kN);
  EXPECT_EQ(found.q, scalar.q);
  EXPECT_EQ(first_difference(found.scale, scalar.scale), -1);
  EXPECT_EQ(first_difference(found.low, scalar.low), -1);
  for (std::size_t i = 0; i < kRows; ++i) {
    const double step =
        i == 4 ? 255 * found.scale[i] : found.scale[i];  // too small for bytes: all its minimum
    for (std::size_t j = 0; j < kN; ++j) {
      const double back =
          static_cast<double>(found.low[i]) + static_cast<double>(found.scale[i]) * found.q[i * kN + j];
      ASSERT_NEAR(back, x[i * kN + j], 0.501 * step + (i == 4 ? step : 0)) << i << " " << j;
    }
  }
}

TEST_P(Quantise, MarksARowThatIsNotFinite) {
  for (const float bad :
       {kNan, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    for (const std::size_t at : {0u, 17u, 31u}) {
      std::vector<float> x = random_floats(3 * 32, 1);
      x[32 + at] = bad;
      const Quantised found = quantise(GetParam(), x, 3, 32);
      EXPECT_TRUE(std::isnan(found.scale[1]));
      EXPECT_TRUE(std::isfinite(found.scale[0]) && std::isfinite(found.scale[2]));
    }
  }
}
INSTANTIATE_FOR_EVERY_ISA(Quantise);

// ---- attention -----------------------------------------------------------------------------------

class Int8Attention : public EveryInt8Isa {
 protected:
  static std::vector<float> attend(Isa isa, const Head& h, float poison = 0) {
    std::vector<float> q = h.rows(h.n_queries, 1);
    if (poison != 0) q[0] = poison;
    return attend_rows(isa, h, q, h.rows(h.n_keys, 2), h.rows(h.n_keys, 3));
  }

  static std::vector<float> attend_rows(Isa isa, const Head& h, const std::vector<float>& q,
                                        const std::vector<float>& k, const std::vector<float>& v) {
    const Int8KernelTable& table = kernels::int8_kernels(isa);
    const std::size_t n = h.padded(), keys = round_up(h.n_keys, 16);
    std::vector<std::uint8_t> q8(h.n_queries * n), weights(table.row_block * keys);
    std::vector<std::int8_t> k8(keys * n, 55), v8(keys * n, 55);
    std::vector<float> q_scale(h.n_queries), k_scale(keys), v_scale(n);
    std::vector<std::int32_t> k_sum(keys);
    const kernels::Int8Head head{.q = q8.data(),
                                 .q_scale = q_scale.data(),
                                 .k = k8.data(),
                                 .k_scale = k_scale.data(),
                                 .k_sum = k_sum.data(),
                                 .v = v8.data(),
                                 .v_scale = v_scale.data()};
    table.quantise_head({.q = q.data(),
                         .k = k.data(),
                         .v = v.data(),
                         .n_queries = h.n_queries,
                         .n_keys = h.n_keys,
                         .head_padded = n,
                         .out = head});
    std::vector<float> scores(table.row_block * (keys + 1)), out(h.n_queries * n);
    table.attention({.head = head,
                     .n_queries = h.n_queries,
                     .n_keys = h.n_keys,
                     .head_padded = n,
                     .scale = 1.0f / std::sqrt(static_cast<float>(h.d_head)),
                     .scores = scores.data(),
                     .weights = weights.data(),
                     .out = out.data(),
                     .out_stride = n});
    return out;
  }

  static double exact(const Head& h, std::size_t i, std::size_t column) {
    const std::vector<float> q = h.rows(h.n_queries, 1), k = h.rows(h.n_keys, 2), v = h.rows(h.n_keys, 3);
    const std::size_t n = h.padded();
    double total = 0, value = 0;
    for (std::size_t j = 0; j < h.n_keys; ++j) {
      double score = 0;
      for (std::size_t d = 0; d < n; ++d) score += static_cast<double>(q[i * n + d]) * k[j * n + d];
      const double e = std::exp(score / std::sqrt(static_cast<double>(h.d_head)));
      total += e;
      value += e * v[j * n + column];
    }
    return value / total;
  }
};

TEST_P(Int8Attention, IsCloseToSoftmaxInDouble) {
  for (const Head& h : {Head{1, 1, 16}, Head{5, 37, 12}, Head{26, 200, 32}, Head{3, 64, 64, 2}}) {
    const std::vector<float> out = attend(GetParam(), h);
    for (std::size_t i = 0; i < h.n_queries; i += 2) {
      for (std::size_t c = 0; c < h.d_head;
           c += 5)  // steps of 1/127 of values up to `spread`, and of weights
        ASSERT_NEAR(out[i * h.padded() + c], exact(h, i, c), 0.02 * h.spread)
            << h.n_keys << " " << i << " " << c;
    }
  }
}

TEST_P(Int8Attention, HasTheScalarBits) {
  for (const Head& h : {Head{1, 1, 16}, Head{13, 37, 12}, Head{26, 200, 32}, Head{3, 64, 64, 50}}) {
    EXPECT_EQ(first_difference(attend(GetParam(), h), attend(Isa::scalar, h)), -1) << h.n_keys;
  }
}

TEST_P(Int8Attention, KeysAndValuesThatAreAllAlikeDoNotSaturate) {
  // Alike in sign, pairs of bytes are as large together as they can be.
  for (const float value : {1.0f, -1.0f}) {
    const std::vector<float> out =
        attend_rows(GetParam(), Head{5, 36, 32}, std::vector<float>(5 * 32, 1.0f),
                    std::vector<float>(36 * 32, value), std::vector<float>(36 * 32, value));
    for (const float x : out) ASSERT_NEAR(x, value, 0.01);
  }
}

TEST_P(Int8Attention, AQueryThatIsNotFiniteGetsNaNAlone) {
  const Head h{5, 37, 16};
  const std::vector<float> clean = attend(GetParam(), h), found = attend(GetParam(), h, kNan);
  for (std::size_t j = 0; j < 16; ++j) EXPECT_TRUE(std::isnan(found[j]));
  EXPECT_EQ(first_difference(std::span(clean).subspan(16), std::span(found).subspan(16)), -1);
}
INSTANTIATE_FOR_EVERY_ISA(Int8Attention);

// ---- the encoder ---------------------------------------------------------------------------------

double largest_cosine_distance(const std::vector<float>& a, const std::vector<float>& b, std::size_t width) {
  double worst = 0;
  for (std::size_t first = 0; first < a.size(); first += width) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = first; i < first + width; ++i) {
      const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
      ab += x * y, aa += x * x, bb += y * y;
    }
    worst = std::max(worst, 1 - ab / std::sqrt(aa * bb));
  }
  return worst;
}

class Int8 : public EveryInt8Isa {
 protected:
  static Encoder encoder(const std::shared_ptr<const Checkpoint>& checkpoint, Isa isa,
                         astrom3::Attention form = astrom3::Attention::full) {
    return Encoder(checkpoint, {.isa = isa, .attention = {.form = form}, .precision = Precision::int8});
  }
  static void expect_equal(const Result& a, const Result& b) {
    EXPECT_EQ(first_difference(a.mean, b.mean), -1);
    EXPECT_EQ(first_difference(a.sequence, b.sequence), -1);
    EXPECT_EQ(first_difference(a.logits, b.logits), -1);
  }
};

TEST_P(Int8, IsCloseToFloat32OnGoldenLightCurves) {
  for (const char* name : {"tiny", "odd", "full"}) {
    const std::filesystem::path folder = golden(name);
    if (!std::filesystem::exists(folder)) continue;                          // tiny travels with the project
    if (GetParam() == Isa::scalar && folder.filename() == "full") continue;  // a second each
    const auto checkpoint = load_checkpoint(folder / "model.safetensors");
    const auto T = static_cast<std::size_t>(checkpoint->config.seq_len);
    const Cases cases = read_cases(SafetensorsFile::open(folder / "cases.safetensors"), 100, T);
    const Result exact = encode(Encoder(checkpoint, GetParam()), cases, false);
    const Result found = encode(encoder(checkpoint, GetParam()), cases, false);
    const auto width = static_cast<std::size_t>(checkpoint->config.d_model);
    const double distance = largest_cosine_distance(found.mean, exact.mean, width);
    EXPECT_LE(distance, 1e-3) << name;
    EXPECT_GT(distance, 0) << name << ": nothing was quantised";
  }
}

TEST_P(Int8, HasTheScalarBitsInEveryFormOfAttention) {
  const auto checkpoint = random_checkpoint(small_config(), true);
  const Cases cases = random_cases(small_config(), 3);
  for (const auto form :
       {astrom3::Attention::full, astrom3::Attention::probsparse, astrom3::Attention::probsparse_exact}) {
    expect_equal(encode(encoder(checkpoint, GetParam(), form), cases),
                 encode(encoder(checkpoint, Isa::scalar, form), cases));
  }
}

TEST_P(Int8, HasTheScalarBitsAtThePublishedSize) {
  const auto checkpoint = random_checkpoint(EncoderConfig{}, true);
  const Cases cases = random_cases(EncoderConfig{}, 1);
  static const Result scalar = encode(encoder(checkpoint, Isa::scalar), cases);
  expect_equal(encode(encoder(checkpoint, GetParam()), cases), scalar);
}

TEST_P(Int8, GivesMeanAndLogitsTheSameBitsWithoutTheSequence) {
  const Encoder e = encoder(random_checkpoint(small_config(), true), GetParam());
  Cases cases = random_cases(small_config(), 5);
  cases.mask[3] = 0;
  const Result all = encode(e, cases), some = encode(e, cases, false);
  EXPECT_EQ(first_difference(some.mean, all.mean), -1);
  EXPECT_EQ(first_difference(some.logits, all.logits), -1);
}

TEST_P(Int8, HidesNoInputThatIsNotFinite) {
  const Encoder e = encoder(random_checkpoint(small_config(), true), GetParam());
  const Cases clean = random_cases(small_config(), 3);
  for (const float bad : {kNan, std::numeric_limits<float>::infinity(), 3e38f}) {
    Cases cases = clean;
    cases.x_enc[37 * 9 + 11] = bad;  // of the second light curve
    const Result expected = encode(e, clean), found = encode(e, cases);
    for (std::size_t j = 0; j < 24; ++j) {
      EXPECT_EQ(found.mean[j], expected.mean[j]);
      EXPECT_FALSE(std::isfinite(found.mean[24 + j])) << bad;
      EXPECT_EQ(found.mean[48 + j], expected.mean[48 + j]);
    }
  }
}

TEST_P(Int8, IsWhatTheEncoderSaysItIs) {
  const auto checkpoint = random_checkpoint(small_config(), true);
  EXPECT_EQ(encoder(checkpoint, GetParam()).precision(), Precision::int8);
  EXPECT_EQ(Encoder(checkpoint, GetParam()).precision(), Precision::float32);
}
INSTANTIATE_FOR_EVERY_ISA(Int8);

TEST(Precision, NamesReadBack) {
  for (const Precision p : {Precision::float32, Precision::int8})
    EXPECT_EQ(parse_precision(precision_name(p)), p);
  EXPECT_THROW(parse_precision("fp16"), Error);
}

TEST(Precision, OfSizesWhoseSumsDoNotFitIsRefused) {
  EncoderConfig config = small_config();
  config.d_ff = 70000;
  config.e_layers = 1;
  const auto checkpoint = random_checkpoint(config, false);
  try {
    Encoder(checkpoint, {.isa = Isa::scalar, .precision = Precision::int8});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_config);
  }
}

}  // namespace
}  // namespace astrom3
