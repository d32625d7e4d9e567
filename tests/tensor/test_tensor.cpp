// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "astrom3/tensor.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

LightCurve ramp(std::size_t n) {
  LightCurve lc;
  for (std::size_t i = 0; i < n; ++i) {
    const auto x = static_cast<double>(i);
    lc.time.push_back(2457000.3 + 5 * x);
    lc.flux.push_back(10 + 0.1 * x + 0.01 * std::sin(7 * x));
    lc.flux_err.push_back(0.1 + 0.001 * x);
  }
  return lc;
}

Features some_features() {
  Features features;
  features.value = {0.43, 0.3696144, 0.03, 0.98};
  return features;
}

struct Built {
  Status status;
  std::vector<float> x, mask;
  TensorSummary summary;
  LightCurveSummary light_curve;

  float at(std::size_t row, Channel channel) const {
    return x[row * kChannels + static_cast<std::size_t>(channel)];
  }
};

Built build(LightCurve lc, const Features& features = some_features(), const Scaling& scaling = no_scaling(),
            const TensorOptions& options = {}) {
  Built out;
  EXPECT_EQ(clean(lc, {}, out.light_curve), Status::ok);
  out.x.assign(options.n_steps * kChannels, -7.0f);
  out.mask.assign(options.n_steps, -7.0f);
  out.status = build_tensor(lc, out.light_curve, features, scaling, options, out.x, out.mask, out.summary);
  return out;
}

bool all_zero(const Built& built) {
  const auto zero = [](float v) { return v == 0; };
  return std::all_of(built.x.begin(), built.x.end(), zero) &&
         std::all_of(built.mask.begin(), built.mask.end(), zero);
}

int ulps_between(float a, float b) {
  std::int32_t i = 0, j = 0;
  std::memcpy(&i, &a, 4);
  std::memcpy(&j, &b, 4);
  if ((i < 0) != (j < 0)) return a == b ? 0 : 1000;
  return std::abs(i - j);
}

LightCurve read_csv(const std::filesystem::path& path) {
  std::ifstream file(path);
  LightCurve lc;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream row(line);
    double values[3];
    char comma = 0;
    row >> values[0] >> comma >> values[1] >> comma >> values[2];
    lc.time.push_back(values[0]);
    lc.flux.push_back(values[1]);
    lc.flux_err.push_back(values[2]);
  }
  return lc;
}

std::filesystem::path golden_preprocess() {
  const auto own = std::filesystem::path(ASTROM3_TEST_DATA) / "preprocess";
  return std::filesystem::exists(own) ? own : std::filesystem::path(ASTROM3_SHARED_DIR) / "golden/preprocess";
}

// Made with numpy from the published recipe, no scaling (tests/golden/preprocess).
TEST(Tensor, EqualsNumpyToOneUlpOnTheGoldenLightCurves) {
  const auto directory = golden_preprocess();
  if (!std::filesystem::exists(directory)) GTEST_SKIP() << directory << " is absent";
  const auto file = SafetensorsFile::open(directory / "expected.safetensors");
  for (const std::string name : {"short", "exact", "long_even", "long_odd", "two", "three"}) {
    const Built built = build(read_csv(directory / (name + ".csv")));
    ASSERT_EQ(built.status, Status::ok) << name;
    const std::vector<float> x = to_float32(file.at(name + ".x_enc"));
    const std::vector<float> mask = to_float32(file.at(name + ".mask"));
    ASSERT_EQ(x.size(), built.x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_LE(ulps_between(built.x[i], x[i]), 1) << name << " row " << i / 9 << " channel " << i % 9;
    }
    EXPECT_EQ(mask, built.mask) << name;
  }
}

// 1-model.md: ASASSN-V J184120.05+445439.3; the table has six digits.
TEST(Tensor, ChannelsThreeToSixOfTheGoldenRowFollowFromThePublishedScaling) {
  const Built built = build(ramp(50), some_features(), published_scaling());
  ASSERT_EQ(built.status, Status::ok);
  EXPECT_NEAR(built.at(0, Channel::amplitude), -0.123729676, 5e-6);
  EXPECT_NEAR(built.at(0, Channel::period), -0.750512242, 5e-6);
  EXPECT_NEAR(built.at(0, Channel::lksl_statistic), -1.10951817, 5e-6);
  EXPECT_NEAR(built.at(0, Channel::rfr_score), 1.03633916, 5e-6);
}

TEST(Tensor, StandardisedFeaturesAreTakenAsTheyAre) {
  Features features = some_features();
  features.standardised[3] = 0.392;
  const Built built = build(ramp(50), features, published_scaling());
  EXPECT_EQ(built.at(10, Channel::rfr_score), 0.392f);
}

// LC30
TEST(Tensor, PadsOrCropsAboutTheCentreAfterScalingWithAllObservations) {
  for (const std::size_t n : {2u, 3u, 199u, 200u, 201u, 202u, 399u, 400u, 401u}) {
    const LightCurve lc = ramp(n);
    const Built built = build(lc);
    const std::size_t used = std::min<std::size_t>(n, 200), first = n > 200 ? (n - 200) / 2 : 0;
    EXPECT_EQ(built.summary.n_used, used);
    EXPECT_EQ(built.summary.flags.has(Flag::cropped), n > 200) << n;
    for (const std::size_t row : {std::size_t{0}, used - 1}) {
      const std::size_t i = first + row;
      EXPECT_EQ(built.at(row, Channel::time),
                static_cast<float>((lc.time[i] - lc.time.front()) / (lc.time.back() - lc.time.front())));
      EXPECT_EQ(built.at(row, Channel::flux),
                static_cast<float>((lc.flux[i] - built.light_curve.mean_flux) / built.light_curve.mad_flux));
      EXPECT_EQ(built.at(row, Channel::flux_err),
                static_cast<float>(lc.flux_err[i] / built.light_curve.mad_flux));
    }
    for (std::size_t row = 0; row < 200; ++row) EXPECT_EQ(built.mask[row], row < used ? 1.0f : 0.0f);
  }
}

// LC45
TEST(Tensor, PaddedRowsAreZeroInAllNineChannelsByDefault) {
  const Built built = build(ramp(120));
  for (std::size_t i = 120 * kChannels; i < built.x.size(); ++i) EXPECT_EQ(built.x[i], 0.0f);
}

TEST(Tensor, AuxPaddingKeepsChannelsThreeToEight) {
  const Built built = build(ramp(120), some_features(), no_scaling(), {.padding = Padding::aux});
  for (std::size_t row = 120; row < 200; ++row) {
    EXPECT_EQ(built.at(row, Channel::time), 0.0f);
    EXPECT_EQ(built.at(row, Channel::flux_err), 0.0f);
    EXPECT_EQ(built.at(row, Channel::amplitude), 0.43f);
    EXPECT_EQ(built.at(row, Channel::log10_mad), built.at(0, Channel::log10_mad));
    EXPECT_EQ(built.mask[row], 0.0f);
  }
}

TEST(Tensor, ScalarChannelsAreTheSameInEveryObservedRow) {
  const Built built = build(ramp(40));
  for (std::size_t row = 0; row < 40; ++row) {
    EXPECT_EQ(built.at(row, Channel::log10_mad), static_cast<float>(std::log10(built.light_curve.mad_flux)));
    EXPECT_EQ(built.at(row, Channel::delta_t), static_cast<float>(39 * 5 / 365.0));
  }
}

TEST(Tensor, OtherLengthsThanTwoHundredWork) {
  const Built built = build(ramp(10), some_features(), no_scaling(), {.n_steps = 7});
  EXPECT_EQ(built.summary.n_used, 7u);
  EXPECT_EQ(built.at(0, Channel::time), static_cast<float>(1 / 9.0));  // starts at observation (10 - 7) / 2
}

// LC18, LC19
TEST(Tensor, ValuesBeyondFloat32RejectTheLightCurve) {
  LightCurve flux = ramp(50);
  flux.flux[20] = 1e300;
  LightCurve error = ramp(50);
  error.flux_err[20] = 1e39;
  for (const LightCurve& lc : {flux, error}) {
    const Built built = build(lc);
    EXPECT_EQ(built.status, Status::overflow_float32);
    EXPECT_TRUE(all_zero(built));
  }
}

TEST(Tensor, FluxesAtTheEndOfDoubleNeverLeaveANonfiniteTensor) {
  for (const std::size_t period : {2u, 3u, 5u}) {
    LightCurve lc = ramp(51);
    for (std::size_t i = 0; i < lc.size(); ++i) {
      lc.flux[i] = (i % period == 0 ? -1.7e308 : 1.7e308) * (1 - 1e-3 * static_cast<double>(i));
    }
    const Built built = build(lc);
    EXPECT_TRUE(built.status == Status::ok || all_zero(built));
    EXPECT_TRUE(std::all_of(built.x.begin(), built.x.end(), [](float v) { return std::isfinite(v); }));
  }
}

// LC20
TEST(Tensor, AWideScaleIsEmbeddedAndFlagged) {
  LightCurve lc = ramp(50);
  for (double& f : lc.flux) f *= 1e39;
  const Built built = build(lc);
  EXPECT_EQ(built.status, Status::ok);
  EXPECT_TRUE(built.summary.flags.has(Flag::out_of_range_feature));
  EXPECT_FALSE(build(ramp(50)).summary.flags.has(Flag::out_of_range_feature));
}

// AX06
TEST(Tensor, StandardisedFeaturesBeyondSixSigmaAreFlagged) {
  Features features = some_features();
  EXPECT_FALSE(build(ramp(50), features, published_scaling()).summary.flags.has(Flag::aux_out_of_range));
  features.standardised[3] = -100;
  const Built built = build(ramp(50), features, published_scaling());
  EXPECT_EQ(built.status, Status::ok);
  EXPECT_TRUE(built.summary.flags.has(Flag::aux_out_of_range));
}

// AX11
TEST(Tensor, AFeatureBeyondFloat32IsAnOverflow) {
  Features features = some_features();
  features.value[0] = 1e39;
  const Built built = build(ramp(50), features);
  EXPECT_EQ(built.status, Status::overflow_float32);
  EXPECT_TRUE(all_zero(built));
}

// AX04
TEST(Tensor, AFeatureThatIsNotANumberIsBadAux) {
  for (const double bad : {kNan, std::numeric_limits<double>::infinity()}) {
    Features features = some_features();
    features.value[2] = bad;
    EXPECT_EQ(build(ramp(50), features).status, Status::bad_aux);
  }
  Features zero_period = some_features();
  zero_period.value[1] = 0;  // log10
  EXPECT_EQ(build(ramp(50), zero_period, published_scaling()).status, Status::bad_aux);
}

// LC43
TEST(Tensor, AnEmptyLightCurveHasNoMaskToPoolOver) {
  std::vector<float> x(1800, 1.0f), mask(200, 1.0f);
  TensorSummary summary;
  EXPECT_EQ(build_tensor({}, {}, some_features(), no_scaling(), {}, x, mask, summary), Status::no_points);
  EXPECT_EQ(mask, std::vector<float>(200, 0.0f));
}

TEST(Tensor, SpansOfTheWrongSizeThrow) {
  std::vector<float> x(1799), mask(200);
  TensorSummary summary;
  EXPECT_THROW(build_tensor(ramp(5), {}, some_features(), no_scaling(), {}, x, mask, summary), Error);
}

}  // namespace
}  // namespace astrom3
