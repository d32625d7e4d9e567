// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "astrom3/pipeline/embed_table.h"
#include "tests/source/flat_light_curves.h"

namespace astrom3 {
namespace {

const Encoder& tiny() {
  static const Encoder encoder(load_checkpoint(std::string(ASTROM3_TEST_DATA) + "/tiny"));
  return encoder;
}

TEST(Batch, GivesWhatOneLightCurveAtATimeGives) {
  const Flat flat({30, 0, 7, 200, 1, 45});
  const LightCurveTable table = flat.table();
  const std::size_t N = table.size(), D = static_cast<std::size_t>(tiny().config().d_model);
  std::vector<float> mean(N * D);
  std::vector<Status> status(N);
  BatchOptions options;
  options.n_threads = 3;
  const BatchSummary summary =
      embed_batch(table, &tiny(), options, {.mean = mean.data(), .status = status.data()});
  EXPECT_EQ(summary.n_ok, 4u);
  EXPECT_EQ(summary.first_rejected, 1u);
  ASSERT_TRUE(summary.first_rejection.has_value());
  EXPECT_EQ(summary.first_rejection->code, Status::no_points);

  ObjectOptions object;
  object.tensor.n_steps = static_cast<std::size_t>(tiny().config().seq_len);
  for (std::size_t i = 0; i < N; ++i) {
    const auto begin = flat.offsets[i], end = flat.offsets[i + 1];
    const auto part = [&](const std::vector<double>& all) {
      return std::vector<double>(all.begin() + begin, all.begin() + end);
    };
    LightCurve light_curve{part(flat.time), part(flat.flux), part(flat.flux_err)};
    ObjectResult alone;
    embed_object(light_curve, object, {}, Stage::embedding, &tiny(), false, alone);
    EXPECT_EQ(status[i], alone.status);
    if (alone.status == Status::ok) {
      EXPECT_EQ(std::memcmp(alone.mean.data(), mean.data() + i * D, D * sizeof(float)), 0) << i;
    } else {
      EXPECT_TRUE(std::isnan(mean[i * D])) << i;
    }
  }
}

TEST(Batch, GivesTheSameBitsForAnyThreadCount) {
  const Flat flat(std::vector<std::size_t>(30, 20));
  const LightCurveTable table = flat.table();
  const std::size_t size = table.size() * static_cast<std::size_t>(tiny().config().d_model);
  std::vector<float> one(size), many(size);
  BatchOptions options;
  options.n_threads = 1;
  embed_batch(table, &tiny(), options, {.mean = one.data()});
  options.n_threads = 5;
  embed_batch(table, &tiny(), options, {.mean = many.data()});
  EXPECT_EQ(one, many);
}

}  // namespace
}  // namespace astrom3
