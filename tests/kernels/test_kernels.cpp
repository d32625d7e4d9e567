// SPDX-License-Identifier: MIT
//
// Each kernel against a slow twin in double, and against the scalar table bit by bit.
#include <cstdlib>
#include <limits>

#include "astrom3/base/error.h"
#include "base/aligned_buffer.h"
#include "kernels/dispatch.h"
#include "tests/kernels/kernel_testing.h"

namespace astrom3 {
namespace {

using kernels::Epilogue;
using kernels::KernelTable;

constexpr double kHalfUlp = 0x1p-24;  // relative error of one rounding to float

/// [k, n] row-major to panels.
std::vector<float> to_panels(const std::vector<float>& b, std::size_t k, std::size_t n,
                             std::size_t panel_width) {
  std::vector<float> panels(k * n);
  std::size_t at = 0;
  for (std::size_t first = 0; first < n; first += panel_width) {
    for (std::size_t row = 0; row < k; ++row) {
      for (std::size_t j = first; j < std::min(n, first + panel_width); ++j) panels[at++] = b[row * n + j];
    }
  }
  return panels;
}

double exact_gelu(double x) {
  return x * 0.5 * std::erfc(-x * M_SQRT1_2);
}

// ---- instruction sets ----------------------------------------------------------------------------

TEST(InstructionSets, AreListedPlainestFirstAndReadBackByName) {
  const auto isas = compiled_isas();
  ASSERT_FALSE(isas.empty());
  EXPECT_EQ(isas.front(), Isa::scalar);
  EXPECT_TRUE(isa_supported(isas.front()));
  for (const Isa isa : isas) {
    if (isa_supported(isa)) {
      EXPECT_EQ(parse_isa(isa_name(isa)), isa);
    }
    EXPECT_NE(isa_choice().find(isa_name(isa)), std::string::npos);
  }
}

TEST(InstructionSets, AnUnknownNameIsRefusedWithTheChoice) {
  try {
    (void)parse_isa("sse9");
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::usage);
    EXPECT_NE(error.diagnostic().message.find(isa_choice()), std::string::npos);
  }
}

// ---- exp2 and gelu -------------------------------------------------------------------------------

class Elementary : public EveryIsa {};

using ArrayFunction = void (*)(const float*, float*, std::size_t);

/// The largest error over every `step`-th float of [low, high], both of one sign; low nearer to zero.
double worst_ulp(ArrayFunction function, double (*exact)(double), float low, float high, std::uint32_t step) {
  double worst = 0;
  const auto end = std::bit_cast<std::uint32_t>(high);
  std::vector<float> x, y;
  for (std::uint64_t bits = std::bit_cast<std::uint32_t>(low); bits <= end;) {
    x.clear();
    for (; bits <= end && x.size() < 4096; bits += step)
      x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    y.resize(x.size());
    function(x.data(), y.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) worst = std::max(worst, ulp_error(y[i], exact(x[i])));
  }
  return worst;
}

/// Every float with ASTROM3_SLOW_TESTS=1 (AVX-512 only: the tables agree bit by bit), else a sample;
/// 1009 is prime, so that all low bits occur.
std::uint32_t sample_step(Isa isa) {
  const char* slow = std::getenv("ASTROM3_SLOW_TESTS");
  return slow != nullptr && *slow == '1' && isa == default_isa() ? 1 : isa == Isa::scalar ? 10007 : 1009;
}

TEST_P(Elementary, Exp2IsWithinTwoUlp) {
  const KernelTable& table = kernels::kernels(GetParam());
  const std::uint32_t step = sample_step(GetParam());
  const auto exact = [](double x) { return std::exp2(x); };
  EXPECT_LE(worst_ulp(table.exp2, exact, -0.0f, -126.0f, step), 2.0);
  EXPECT_LE(worst_ulp(table.exp2, exact, 0.0f, 127.49f, step), 2.0);
}

TEST_P(Elementary, GeluIsWithinTwoUlp) {
  const KernelTable& table = kernels::kernels(GetParam());
  const std::uint32_t step = sample_step(GetParam());
  EXPECT_LE(worst_ulp(table.gelu, exact_gelu, -0.0f, -20.0f, step), 2.0);
  EXPECT_LE(worst_ulp(table.gelu, exact_gelu, 0.0f, 1e30f, step), 2.0);
  // Between the pieces of the table and in the tail, where a wrong coefficient would show, sample densely.
  EXPECT_LE(worst_ulp(table.gelu, exact_gelu, -0.0625f, -14.0f, std::min(step, 97u)), 2.0);
}

TEST_P(Elementary, SpecialValuesHaveTheirLimits) {
  const KernelTable& table = kernels::kernels(GetParam());
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {0.0f,  -0.0f,  kInf,   -kInf,   kNan,  -kNan,
                                3e38f, -3e38f, -14.5f, -3.875f, 3.875f};
  std::vector<float> y(x.size());
  table.gelu(x.data(), y.data(), x.size());
  EXPECT_EQ(std::bit_cast<std::uint32_t>(y[0]), 0u);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(y[1]), 0x80000000u);
  EXPECT_EQ(y[2], kInf);
  EXPECT_EQ(y[3], 0.0f);
  EXPECT_TRUE(std::isnan(y[4]) && std::isnan(y[5]));
  EXPECT_EQ(y[6], 3e38f);
  EXPECT_EQ(y[7], 0.0f);
  EXPECT_EQ(y[8], 0.0f);
  EXPECT_NEAR(y[9], exact_gelu(-3.875), 1e-10);
  EXPECT_NEAR(y[10], exact_gelu(3.875), 1e-6);

  const std::vector<float> e = {-kInf, kNan, -1e30f, -126.0f, -0.0f, 1.0f};
  std::vector<float> p(e.size());
  table.exp2(e.data(), p.data(), e.size());
  EXPECT_EQ(p[0], 0x1p-126f);  // flushed to the smallest normal number: see exp2 in elementary.h
  EXPECT_TRUE(std::isnan(p[1]));
  EXPECT_EQ(p[2], 0x1p-126f);
  EXPECT_EQ(p[3], 0x1p-126f);
  EXPECT_EQ(p[4], 1.0f);
  EXPECT_EQ(p[5], 2.0f);
}

TEST_P(Elementary, AnyLengthAndAlignmentGivesTheScalarBitsAndTouchesNothingElse) {
  const KernelTable& table = kernels::kernels(GetParam());
  const KernelTable& scalar = kernels::kernels(Isa::scalar);
  const std::vector<float> x = random_floats(80, 1, -8, 8);
  for (const auto member : {&KernelTable::exp2, &KernelTable::gelu}) {
    for (std::size_t n = 0; n <= 40; ++n) {
      for (const std::size_t offset : {0u, 1u, 7u}) {
        std::vector<float> expected(n), found(n + 32, 77.0f);
        (scalar.*member)(x.data() + offset, expected.data(), n);
        (table.*member)(x.data() + offset, found.data() + 16, n);
        EXPECT_EQ(first_difference({found.data() + 16, n}, expected), -1) << "n " << n;
        EXPECT_EQ(std::count(found.begin(), found.begin() + 16, 77.0f), 16);
        EXPECT_EQ(std::count(found.end() - 16, found.end(), 77.0f), 16) << "n " << n;
      }
    }
  }
}

INSTANTIATE_FOR_EVERY_ISA(Elementary);

// ---- gemm ----------------------------------------------------------------------------------------

class Gemm : public EveryIsa {
 protected:
  struct Problem {
    std::size_t m, k, n;
    Epilogue epilogue = Epilogue::none;
    std::size_t misalign = 0;
  };

  static std::vector<float> multiply(Isa isa, const Problem& p, bool as_panels = false) {
    const KernelTable& table = kernels::kernels(isa);
    const std::size_t a_stride = p.k + 3, c_stride = p.n + 5;
    const std::vector<float> a = random_floats(p.m * a_stride + p.misalign, 1);
    const std::vector<float> b = to_panels(random_floats(p.k * p.n, 2), p.k, p.n, table.panel_width);
    const std::vector<float> start = random_floats(p.n, 3);
    std::vector<float> c(p.m * c_stride + p.misalign, 77.0f);
    table.gemm({.a = a.data() + p.misalign,
                .a_stride = a_stride,
                .m = p.m,
                .k = p.k,
                .n = p.n,
                .b = b.data(),
                .start = start.data(),
                .c = c.data() + p.misalign,
                .c_stride = as_panels ? 0 : c_stride,
                .epilogue = p.epilogue});
    return c;
  }

  /// The slow twin, and a bound on the float error: k + 1 roundings of partial sums, each at most
  /// half an ulp of the sum of magnitudes.
  static void expect_close(Isa isa, const Problem& p) {
    const std::size_t a_stride = p.k + 3, c_stride = p.n + 5;
    const std::vector<float> a = random_floats(p.m * a_stride + p.misalign, 1);
    const std::vector<float> b = random_floats(p.k * p.n, 2);
    const std::vector<float> start = random_floats(p.n, 3);
    const std::vector<float> c = multiply(isa, p);
    for (std::size_t i = 0; i < p.m; ++i) {
      for (std::size_t j = 0; j < p.n; ++j) {
        double exact = start[j], magnitude = std::abs(exact);
        for (std::size_t x = 0; x < p.k; ++x) {
          const double product = static_cast<double>(a[p.misalign + i * a_stride + x]) * b[x * p.n + j];
          exact += product;
          magnitude += std::abs(product);
        }
        if (p.epilogue == Epilogue::relu) exact = std::max(exact, 0.0);
        if (p.epilogue == Epilogue::gelu) exact = exact_gelu(exact);  // slope at most 1.13
        const double bound = 1.2 * static_cast<double>(p.k + 3) * kHalfUlp * magnitude;
        ASSERT_NEAR(c[p.misalign + i * c_stride + j], exact, bound)
            << "m " << p.m << " k " << p.k << " n " << p.n << " at " << i << ", " << j;
      }
      for (std::size_t j = p.n; j < c_stride; ++j) ASSERT_EQ(c[p.misalign + i * c_stride + j], 77.0f);
    }
  }
};

TEST_P(Gemm, AgreesWithTheSlowTwinForEveryBlockOfRows) {
  const std::size_t rows = 2 * kernels::kernels(GetParam()).row_block + 1;
  for (std::size_t m = 1; m <= rows; ++m) expect_close(GetParam(), {.m = m, .k = 19, .n = 48});
}

TEST_P(Gemm, AgreesWithTheSlowTwinForEveryWidthAndDepth) {
  for (const std::size_t n : {16u, 32u, 48u, 64u, 80u}) {
    for (const std::size_t k : {1u, 2u, 27u, 255u, 256u, 257u, 600u}) {
      expect_close(GetParam(), {.m = 13, .k = k, .n = n, .misalign = 1});
    }
  }
}

TEST_P(Gemm, EpiloguesAreAppliedOnceWhateverTheDepth) {
  for (const Epilogue epilogue : {Epilogue::relu, Epilogue::gelu}) {
    for (const std::size_t k : {8u, 300u}) {
      expect_close(GetParam(), {.m = 14, .k = k, .n = 48, .epilogue = epilogue, .misalign = 3});
    }
  }
}

TEST_P(Gemm, HasTheScalarBits) {
  for (const Epilogue epilogue : {Epilogue::none, Epilogue::gelu}) {
    for (const std::size_t m : {1u, 5u, 25u}) {
      const Problem p{.m = m, .k = 333, .n = 80, .epilogue = epilogue};
      EXPECT_EQ(first_difference(multiply(GetParam(), p), multiply(Isa::scalar, p)), -1);
    }
  }
}

TEST_P(Gemm, WritesPanelsThatTheNextProductReads) {
  const Problem p{.m = 21, .k = 17, .n = 80};
  const std::vector<float> rows = multiply(GetParam(), p), panels = multiply(GetParam(), p, true);
  std::vector<float> dense;
  for (std::size_t i = 0; i < p.m; ++i) {
    dense.insert(dense.end(), rows.begin() + static_cast<std::ptrdiff_t>(i * (p.n + 5)),
                 rows.begin() + static_cast<std::ptrdiff_t>(i * (p.n + 5) + p.n));
  }
  const std::vector<float> expected = to_panels(dense, p.m, p.n, kernels::kernels(GetParam()).panel_width);
  EXPECT_EQ(first_difference({panels.data(), expected.size()}, expected), -1);
}

INSTANTIATE_FOR_EVERY_ISA(Gemm);

// ---- attention -----------------------------------------------------------------------------------

class Attention : public EveryIsa {
 protected:
  static std::vector<float> attend(Isa isa, const Head& h, std::vector<float> q) {
    const KernelTable& table = kernels::kernels(isa);
    const std::vector<float> k = h.rows(round_up(h.n_keys, 16), 2);
    const std::vector<float> v = to_panels(h.rows(h.n_keys, 3), h.n_keys, h.padded(), table.panel_width);
    std::vector<float> k_panels(h.d_head * round_up(h.n_keys, 16), 77.0f);
    table.transpose_to_panels(k.data(), h.padded(), h.n_keys, h.d_head, k_panels.data());
    std::vector<float> scores(kernels::attention_scratch(table, h.n_keys)), out(h.n_queries * h.padded());
    table.attention({.q = q.data(),
                     .k_transposed = k_panels.data(),
                     .v = v.data(),
                     .n_queries = h.n_queries,
                     .n_keys = h.n_keys,
                     .d_head = h.d_head,
                     .head_padded = h.padded(),
                     .scale = 1.0f / std::sqrt(static_cast<float>(h.d_head)),
                     .scores = scores.data(),
                     .out = out.data(),
                     .out_stride = h.padded()});
    return out;
  }
  static std::vector<float> attend(Isa isa, const Head& h) { return attend(isa, h, h.rows(h.n_queries, 1)); }

  static double exact(const Head& h, std::size_t i, std::size_t c) {
    const std::vector<float> q = h.rows(h.n_queries, 1), k = h.rows(round_up(h.n_keys, 16), 2),
                             v = h.rows(h.n_keys, 3);
    double total = 0, weighted = 0;
    for (std::size_t j = 0; j < h.n_keys; ++j) {
      double score = 0;
      for (std::size_t x = 0; x < h.d_head; ++x) {
        score += static_cast<double>(q[i * h.padded() + x]) * k[j * h.padded() + x];
      }
      const double e = std::exp(score / std::sqrt(static_cast<double>(h.d_head)));
      total += e;
      weighted += e * v[j * h.padded() + c];
    }
    return weighted / total;
  }
};

TEST_P(Attention, AgreesWithTheSlowTwinForAnySize) {
  for (const Head& h : {Head{1, 3, 1}, Head{3, 15, 8}, Head{13, 16, 16}, Head{5, 17, 33}, Head{25, 33, 48},
                        Head{7, 100, 128}}) {
    const std::vector<float> out = attend(GetParam(), h);
    for (std::size_t i = 0; i < h.n_queries; i += 2) {
      for (std::size_t c = 0; c < h.d_head; c += 3) {
        // Weights are off by the scores' rounding (d_head + 4 roundings of sums below sqrt(d_head))
        // and the average of |v| <= 1 by n_keys roundings.
        const double bound = (std::sqrt(static_cast<double>(h.d_head)) * static_cast<double>(h.d_head + 4) +
                              static_cast<double>(h.n_keys) + 8) *
                             kHalfUlp;
        ASSERT_NEAR(out[i * h.padded() + c], exact(h, i, c), bound) << h.n_keys << " keys, head " << h.d_head;
      }
    }
  }
}

TEST_P(Attention, HasTheScalarBits) {
  for (const Head& h :
       {Head{1, 3, 1}, Head{14, 40, 8}, Head{13, 33, 16}, Head{29, 100, 32}, Head{7, 50, 72, 9}}) {
    EXPECT_EQ(first_difference(attend(GetParam(), h), attend(Isa::scalar, h)), -1) << h.d_head;
  }
}

TEST_P(Attention, ScoresOfAnySizeDoNotOverflow) {
  const Head h{4, 20, 16, 1e4f};  // scores of 1e8: exp of them would be infinite
  for (const float x : attend(GetParam(), h)) EXPECT_LE(std::abs(x), 1e4f * 1.001f);
}

TEST_P(Attention, NanInOneQueryStaysInItsRow) {
  const Head h{14, 20, 16};
  std::vector<float> q = h.rows(h.n_queries, 1);
  q[5 * h.padded() + 2] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> poisoned = attend(GetParam(), h, q), clean = attend(GetParam(), h);
  for (std::size_t i = 0; i < h.n_queries; ++i) {
    const std::span<const float> row(poisoned.data() + i * h.padded(), h.padded());
    if (i == 5) {
      EXPECT_TRUE(std::all_of(row.begin(), row.end(), [](float x) { return std::isnan(x); }));
    } else {
      EXPECT_EQ(first_difference(row, {clean.data() + i * h.padded(), h.padded()}), -1);
    }
  }
}

INSTANTIATE_FOR_EVERY_ISA(Attention);

// ---- rows ----------------------------------------------------------------------------------------

class Rows : public EveryIsa {};

struct NormCase {
  std::size_t rows, d;
  std::size_t stride() const { return round_up(d, 16); }
  std::vector<float> padded(std::size_t n, std::uint32_t seed) const {
    std::vector<float> x = random_floats(n * stride(), seed);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (i % stride() >= d) x[i] = 0;
    }
    return x;
  }
};

std::vector<float> normalise(Isa isa, const NormCase& p, bool residual) {
  const std::vector<float> b = p.padded(p.rows, 2), gain = p.padded(1, 3), bias = p.padded(1, 4);
  std::vector<float> x = p.padded(p.rows, 1);  // in place
  kernels::kernels(isa).layer_norm({.a = x.data(),
                                    .b = residual ? b.data() : nullptr,
                                    .gain = gain.data(),
                                    .bias = bias.data(),
                                    .rows = p.rows,
                                    .d = p.d,
                                    .stride = p.stride(),
                                    .epsilon = 1e-5f,
                                    .out = x.data()});
  return x;
}

TEST_P(Rows, LayerNormAgreesWithTheSlowTwinAndHasTheScalarBits) {
  for (std::size_t d = 1; d <= 50; ++d) {
    for (const bool residual : {false, true}) {
      const NormCase p{3, d};
      const std::vector<float> out = normalise(GetParam(), p, residual);
      EXPECT_EQ(first_difference(out, normalise(Isa::scalar, p, residual)), -1) << d;
      const std::vector<float> a = p.padded(3, 1), b = p.padded(3, 2), gain = p.padded(1, 3),
                               bias = p.padded(1, 4);
      for (std::size_t i = 0; i < p.rows; ++i) {
        std::vector<double> x(d);
        double mean = 0, variance = 0;
        for (std::size_t j = 0; j < d; ++j) {
          x[j] = a[i * p.stride() + j] + (residual ? static_cast<double>(b[i * p.stride() + j]) : 0.0);
          mean += x[j] / static_cast<double>(d);
        }
        for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(d);
        const double inverse = 1 / std::sqrt(variance + 1e-5);
        for (std::size_t j = 0; j < d; ++j) {
          // |x| <= 2: the mean is off by some roundings of 2, which the division by sqrt(var) scales.
          const double bound = 32 * kHalfUlp * (2 * inverse + 2);
          ASSERT_NEAR(out[i * p.stride() + j], (x[j] - mean) * inverse * gain[j] + bias[j], bound) << d;
        }
      }
    }
  }
}

TEST_P(Rows, LayerNormKeepsPaddingZero) {
  const NormCase p{5, 21};
  const std::vector<float> out = normalise(GetParam(), p, true);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % p.stride() < p.d) continue;
    EXPECT_EQ(out[i], 0.0f);
  }
}

TEST_P(Rows, PoolIsTheMeanOfObservedRowsAndIgnoresTheOthers) {
  const NormCase p{7, 37};
  std::vector<float> h = p.padded(p.rows, 1);
  std::vector<float> weight = {1, 0, 1, 1, 0, 1, 0};
  h[1 * p.stride() + 4] = std::numeric_limits<float>::quiet_NaN();  // weight 0
  std::vector<float> mean(p.d + 8, 77.0f);
  const auto pool = [&](Isa isa, std::vector<float>& out) {
    kernels::kernels(isa).pool({.h = h.data(),
                                .weight = weight.data(),
                                .rows = p.rows,
                                .d = p.d,
                                .stride = p.stride(),
                                .mean = out.data()});
  };
  pool(GetParam(), mean);
  for (std::size_t j = 0; j < p.d; ++j) {
    double exact = 0;
    for (const std::size_t t : {0u, 2u, 3u, 5u}) exact += h[t * p.stride() + j] / 4.0;
    EXPECT_NEAR(mean[j], exact, 5 * kHalfUlp);  // 4 sums of |h| <= 1, divided by 4
  }
  EXPECT_EQ(mean[p.d], 77.0f);
  std::vector<float> scalar(p.d + 8, 77.0f);
  pool(Isa::scalar, scalar);
  EXPECT_EQ(first_difference(mean, scalar), -1);

  std::fill(weight.begin(), weight.end(), 0.0f);
  pool(GetParam(), mean);
  EXPECT_EQ(mean[0], 0.0f);  // max(sum of mask, 1)
}

TEST_P(Rows, HeadAgreesWithTheSlowTwinAndHasTheScalarBits) {
  const NormCase p{6, 20};
  const std::size_t classes = 6, classes_padded = 8;
  const std::vector<float> h = p.padded(p.rows, 1), w = p.padded(p.rows * classes_padded, 2);
  const std::vector<std::uint32_t> step = {0, 1, 2, 3, 4, 5};
  const std::vector<float> weight = {1, 1, 0, 1, 1, 0}, bias = random_floats(classes, 3);
  const auto logits = [&](Isa isa) {
    std::vector<float> out(classes);
    kernels::kernels(isa).head({.h = h.data(),
                                .weight = weight.data(),
                                .step = step.data(),
                                .w = w.data(),
                                .bias = bias.data(),
                                .rows = p.rows,
                                .stride = p.stride(),
                                .classes = classes,
                                .classes_padded = classes_padded,
                                .logits = out.data()});
    return out;
  };
  const std::vector<float> found = logits(GetParam());
  for (std::size_t c = 0; c < classes; ++c) {
    double exact = bias[c];
    for (std::size_t t = 0; t < p.rows; ++t) {
      for (std::size_t j = 0; j < p.d; ++j) {
        exact += static_cast<double>(weight[t]) * h[t * p.stride() + j] *
                 w[(t * classes_padded + c) * p.stride() + j];
      }
    }
    EXPECT_NEAR(found[c], exact, 100 * kHalfUlp);  // 80 products below 1, some tens of roundings
  }
  EXPECT_EQ(first_difference(found, logits(Isa::scalar)), -1);
}

INSTANTIATE_FOR_EVERY_ISA(Rows);

}  // namespace
}  // namespace astrom3
