// SPDX-License-Identifier: MIT
//
// Each training kernel against its plain twin in double, and against the scalar table bit by bit.
#include <cmath>

#include "base/aligned_buffer.h"
#include "kernels/dispatch.h"
#include "tests/kernels/kernel_testing.h"
#include "tests/train_step/plain_training.h"

namespace astrom3 {
namespace {

using kernels::Dropout;
using kernels::Epilogue;
using kernels::TrainingTable;

constexpr double kHalfUlp = 0x1p-24;  // relative error of one rounding to float

/// The same random numbers in either type.
template <typename Real>
std::vector<Real> numbers(std::size_t n, std::uint32_t seed, float low = -1, float high = 1) {
  const std::vector<float> values = random_floats(n, seed, low, high);
  return {values.begin(), values.end()};
}

/// [rows, stride] with zeros from column `width` on, as padding is.
template <typename Real>
std::vector<Real> padded_numbers(std::size_t rows, std::size_t width, std::size_t stride,
                                 std::uint32_t seed) {
  std::vector<Real> values = numbers<Real>(rows * stride, seed);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % stride >= width) values[i] = 0;
  }
  return values;
}

template <typename Real>
Dropout<Real> some_dropout(bool drops) {
  if (!drops) return {};
  return {.threshold = 0x40000000, .key = {123456789u, 987654321u}, .scale = static_cast<Real>(4.0 / 3)};
}

class TrainingKernels : public EveryIsa {
 protected:
  /// `run` is a generic lambda: table to results. `bound` is on the difference from the double ones.
  template <typename Run>
  void expect_agreement(const Run& run, double bound, const std::string& what) {
    const std::vector<float> found = run(kernels::training_kernels(GetParam()));
    const std::vector<float> scalar = run(kernels::training_kernels(Isa::scalar));
    const std::vector<double> exact = run(plain::kTraining);
    EXPECT_EQ(first_difference(found, scalar), -1) << what;
    ASSERT_EQ(found.size(), exact.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      ASSERT_NEAR(found[i], exact[i], bound) << what << " at " << i;
  }
};

TEST_P(TrainingKernels, GemmAddsToWhatIsThere) {
  for (const std::size_t k : {1u, 30u, 300u}) {
    const auto run = [k]<typename Real>(const TrainingTable<Real>& table) {
      const std::size_t m = 15, n = 48, stride = n + 16;
      const std::vector<Real> a = numbers<Real>(m * k, 1), b = numbers<Real>(k * n, 2);
      std::vector<Real> panels(k * n), c = numbers<Real>(m * stride, 3);
      table.to_panels(b.data(), n, k, n, panels.data());
      table.gemm({.a = a.data(),
                  .a_stride = k,
                  .m = m,
                  .k = k,
                  .n = n,
                  .b = panels.data(),
                  .start = c.data(),
                  .c = c.data(),
                  .c_stride = stride,
                  .start_stride = stride});
      return c;
    };
    const auto terms = static_cast<double>(k + 1);  // of at most 1 each
    expect_agreement(run, terms * terms * kHalfUlp, "k " + std::to_string(k));
  }
}

TEST_P(TrainingKernels, OuterSumsProductsForEverySize) {
  for (std::size_t m = 1; m <= 26; ++m) {
    for (const std::size_t n : {16u, 32u, 80u}) {
      for (const std::size_t rows : {1u, 11u, 40u}) {
        const auto run = [=]<typename Real>(const TrainingTable<Real>& table) {
          const std::size_t a_stride = m + 3, b_stride = n + 16, c_stride = n + 5;
          // A tile may fetch ahead of its own, but reads and writes nothing beyond.
          const std::vector<Real> a = numbers<Real>(rows * a_stride, 1),
                                  b = numbers<Real>(rows * b_stride, 2);
          std::vector<Real> c = numbers<Real>(m * c_stride, 3);
          table.outer({.a = a.data(),
                       .a_stride = a_stride,
                       .b = b.data(),
                       .b_stride = b_stride,
                       .rows = rows,
                       .m = m,
                       .n = n,
                       .c = c.data(),
                       .c_stride = c_stride});
          return c;
        };
        const auto terms = static_cast<double>(rows + 1);
        expect_agreement(run, terms * terms * kHalfUlp, "m " + std::to_string(m) + " n " + std::to_string(n));
      }
    }
  }
}

// Probabilities are at most 4/3 after dropout; their error is that of exp2 (2 ulp and the rounding of an
// argument below 8) and of a sum of n terms.
TEST_P(TrainingKernels, SoftmaxAndItsGradient) {
  for (const bool drops : {false, true}) {
    for (std::size_t n = 1; n <= 50; n += n < 20 ? 1 : 15) {
      const auto forward = [=]<typename Real>(const TrainingTable<Real>& table) {
        const std::size_t rows = 6, stride = round_up(n, 16);
        std::vector<Real> p = numbers<Real>(rows * stride, 1, -4, 4), dropped(rows * stride);
        table.softmax({.p = p.data(),
                       .rows = rows,
                       .n = n,
                       .stride = stride,
                       .scale = Real(0.5),
                       .dropout = some_dropout<Real>(drops),
                       .dropped = drops ? dropped.data() : p.data()});
        p.insert(p.end(), dropped.begin(), dropped.end());
        return p;
      };
      expect_agreement(forward, 60 * kHalfUlp, "softmax of " + std::to_string(n));
      const auto backward = [=]<typename Real>(const TrainingTable<Real>& table) {
        const std::size_t rows = 6, stride = round_up(n, 16);
        std::vector<Real> p = padded_numbers<Real>(rows, n, stride, 1);
        std::vector<Real> g = padded_numbers<Real>(rows, n, stride, 2);
        table.softmax_gradient({.p = p.data(),
                                .g = g.data(),
                                .rows = rows,
                                .n = n,
                                .stride = stride,
                                .scale = Real(0.5),
                                .dropout = some_dropout<Real>(drops)});
        p.insert(p.end(), g.begin(), g.end());
        return p;
      };
      const auto terms = static_cast<double>(n + 4);
      expect_agreement(backward, terms * terms * kHalfUlp, "gradient of " + std::to_string(n));
    }
  }
}

// Rows of 40 numbers below 2 with a standard deviation near 0.8; from 3 columns on, for two may be equal.
TEST_P(TrainingKernels, NormAndItsGradientForEveryWidth) {
  for (std::size_t d = 3; d <= 40; ++d) {
    const auto run = [d]<typename Real>(const TrainingTable<Real>& table) {
      const std::size_t rows = 7, stride = round_up(d, 16) + 16;
      const std::vector<Real> a = padded_numbers<Real>(rows, d, stride, 1);
      const std::vector<Real> b = padded_numbers<Real>(rows, d, stride, 2);
      const std::vector<Real> g = padded_numbers<Real>(rows, d, stride, 3);
      const std::vector<Real> gain = padded_numbers<Real>(1, d, stride, 4);
      const std::vector<Real> bias = padded_numbers<Real>(1, d, stride, 5);
      std::vector<Real> out(rows * stride), normalised(rows * stride), inverse(rows), g_in(rows * stride);
      std::vector<Real> g_gain(stride), g_bias(stride);
      table.norm({.a = a.data(),
                  .b = b.data(),
                  .gain = gain.data(),
                  .bias = bias.data(),
                  .rows = rows,
                  .d = d,
                  .stride = stride,
                  .epsilon = Real(1e-2),
                  .out = out.data(),
                  .normalised = normalised.data(),
                  .inverse = inverse.data()});
      table.norm_gradient({.g = g.data(),
                           .normalised = normalised.data(),
                           .inverse = inverse.data(),
                           .gain = gain.data(),
                           .rows = rows,
                           .d = d,
                           .stride = stride,
                           .out = g_in.data(),
                           .gain_gradient = g_gain.data(),
                           .bias_gradient = g_bias.data()});
      for (const auto* more : {&normalised, &g_in, &g_gain, &g_bias})
        out.insert(out.end(), more->begin(), more->end());
      return out;
    };
    // 1/sqrt(var + 0.01) is at most 10, each value a handful of roundings and a sum of d.
    expect_agreement(run, 100 * static_cast<double>(d + 8) * kHalfUlp, "d " + std::to_string(d));
  }
}

TEST_P(TrainingKernels, ActivationsWithTheirDerivatives) {
  for (const Epilogue activation : {Epilogue::gelu, Epilogue::relu}) {
    for (const bool drops : {false, true}) {
      const auto run = [=]<typename Real>(const TrainingTable<Real>& table) {
        const std::size_t rows = 5, width = 48, stride = 64;
        std::vector<Real> x = numbers<Real>(rows * stride, 1, -6, 6), y(rows * stride);
        x[3] = 0;
        table.activate({.x = x.data(),
                        .rows = rows,
                        .width = width,
                        .stride = stride,
                        .activation = activation,
                        .dropout = some_dropout<Real>(drops),
                        .y = y.data()});
        x.insert(x.end(), y.begin(), y.end());
        return x;
      };
      expect_agreement(run, 2 * 8 * 2 * kHalfUlp,
                       "activation");  // 2 ulp of values below 8, and dropout's factor
    }
  }
}

TEST_P(TrainingKernels, GeluSlopeIsWithinItsBound) {
  const auto& table = kernels::training_kernels(GetParam());
  std::vector<float> x;
  for (int i = -160000; i <= 160000; i += GetParam() == Isa::scalar ? 7 : 1)
    x.push_back(static_cast<float>(i) / 8192);
  x.resize(x.size() / 16 * 16);
  std::vector<float> slope = x, y(x.size());
  table.activate({.x = slope.data(),
                  .rows = 1,
                  .width = x.size(),
                  .stride = x.size(),
                  .activation = Epilogue::gelu,
                  .dropout = {},
                  .y = y.data()});
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    worst = std::max(worst,
                     std::abs(static_cast<double>(slope[i]) - plain::gelu_slope(static_cast<double>(x[i]))));
  EXPECT_LE(worst, 0x1p-22);
  std::vector<float> same(x.size());
  kernels::kernels(GetParam()).gelu(x.data(), same.data(), x.size());
  EXPECT_EQ(first_difference(y, same), -1);
}

TEST_P(TrainingKernels, SmallOnes) {
  const auto run = []<typename Real>(const TrainingTable<Real>& table) {
    const std::size_t rows = 5, width = 48, stride = 64;
    const std::vector<Real> x = numbers<Real>(rows * stride, 1);
    std::vector<Real> y = numbers<Real>(rows * stride, 2), sums = numbers<Real>(width, 3),
                      dropped(rows * stride);
    table.multiply({.x = x.data(), .rows = rows, .width = width, .stride = stride, .y = y.data()});
    table.add_column_sums({.x = x.data(), .rows = rows, .width = width, .stride = stride, .y = sums.data()});
    table.dropout({.x = x.data(),
                   .rows = rows,
                   .width = width,
                   .stride = stride,
                   .dropout = some_dropout<Real>(true),
                   .y = dropped.data()});
    for (const auto* more : {&sums, &dropped}) y.insert(y.end(), more->begin(), more->end());
    return y;
  };
  expect_agreement(run, 40 * kHalfUlp, "small");
}

// The number of places dropped has a standard deviation of sqrt(n 0.25 0.75), and that of places where two
// sites do the same (0.0625 + 0.5625 of them) of sqrt(n 0.625 0.375); for neighbours a little more, as they
// share places.
TEST_P(TrainingKernels, DropoutDropsItsShareIndependently) {
  constexpr std::size_t kPlaces = 1 << 20;
  const auto& table = kernels::training_kernels(GetParam());
  const std::vector<float> ones(kPlaces, 1.0f);
  std::vector<float> a(kPlaces), b(kPlaces);
  const auto drop = [&](std::uint32_t first_key, std::vector<float>& y) {
    table.dropout({.x = ones.data(),
                   .rows = 1,
                   .width = kPlaces,
                   .stride = kPlaces,
                   .dropout = {.threshold = 0x40000000, .key = {first_key, 77}, .scale = 1},
                   .y = y.data()});
  };
  drop(1000, a);
  drop(987654321, b);
  std::size_t dropped = 0, agree = 0, neighbours = 0;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    dropped += a[i] == 0.0f ? 1u : 0u;
    agree += a[i] == b[i] ? 1u : 0u;
    neighbours += i > 0 && a[i] == a[i - 1] ? 1u : 0u;
  }
  EXPECT_NEAR(static_cast<double>(dropped), 0.25 * kPlaces, 4 * 443);
  EXPECT_NEAR(static_cast<double>(agree), 0.625 * kPlaces, 4 * 496);
  EXPECT_NEAR(static_cast<double>(neighbours), 0.625 * kPlaces, 4 * 520);
}

INSTANTIATE_FOR_EVERY_ISA(TrainingKernels);

}  // namespace
}  // namespace astrom3
