// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "astrom3/batch.h"
#include "base/random.h"

namespace astrom3 {
namespace {

/// Some light curves one after the other, of very different lengths.
struct Flat {
  std::vector<std::int64_t> offsets{0};
  std::vector<double> time, flux, flux_err;
  std::vector<std::int16_t> band, flag;

  explicit Flat(const std::vector<std::size_t>& sizes) {
    Random random(5);
    for (const std::size_t n : sizes) {
      for (std::size_t i = 0; i < n; ++i) {
        time.push_back(5000 + 400 * random.uniform());
        flux.push_back(3 + std::sin(time.back()) + 0.1 * random.normal());
        flux_err.push_back(0.1);
        band.push_back(static_cast<std::int16_t>(i % 2));
        flag.push_back(static_cast<std::int16_t>(i % 3));
      }
      offsets.push_back(static_cast<std::int64_t>(time.size()));
    }
  }

  LightCurveTable table(const TableOptions& options = {}) const {
    return LightCurveTable::from_columns(
        offsets, time.size(),
        {{.name = "time", .data = time.data(), .categories = {}},
         {.name = "flux", .data = flux.data(), .categories = {}},
         {.name = "flux_err", .data = flux_err.data(), .categories = {}},
         {.name = "band", .data = band.data(), .type = NumberType::int16, .categories = {"g", "r"}},
         {.name = "flag", .data = flag.data(), .type = NumberType::int16, .categories = {}}},
        options);
  }
};

SourceObject read(const LightCurveTable& table, std::size_t i) {
  SourceObject object;
  table.read(i, object);
  return object;
}

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

TEST(LightCurveTable, KeepsTheObservationsThatFulfilEveryCondition) {
  TableOptions options;
  options.where = {{.column = "flag", .numbers = {0, 2}, .texts = {}}};
  options.band_column = "band";
  options.band = "r";
  const SourceObject object = read(Flat({12}).table(options), 0);
  EXPECT_EQ(object.light_curve.size(), 4u);  // of 0..11: odd and not 1 modulo 3
  EXPECT_FALSE(object.rejection.has_value());
}

TEST(LightCurveTable, RejectsALightCurveOfSeveralBands) {
  TableOptions options;
  options.band_column = "band";
  const SourceObject object = read(Flat({12}).table(options), 0);
  ASSERT_TRUE(object.rejection.has_value());
  EXPECT_EQ(object.rejection->code, Status::mixed_bands);
}

TEST(LightCurveTable, ConvertsMagnitudesByTheZeroPointOfTheBand) {
  TableOptions options;
  options.is_magnitude = true;
  options.band = "r";
  Flat flat({3});
  flat.flux = {0, 2.5, std::numeric_limits<double>::infinity()};
  const SourceObject object = read(flat.table(options), 0);
  EXPECT_NEAR(object.light_curve.flux[0], 3631e3, 1e-6);
  EXPECT_NEAR(object.light_curve.flux[1], 3631e2, 1e-6);
  EXPECT_TRUE(std::isnan(object.light_curve.flux[2]));  // no flux of zero by mistake
  options.band = "somewhere";
  EXPECT_THROW(flat.table(options), Error);
}

TEST(LightCurveTable, RefusesColumnsAndOffsetsThatDoNotFit) {
  const Flat flat({3, 4});
  TableOptions options;
  options.time = "hjd";
  EXPECT_THROW(flat.table(options), Error);
  for (const std::vector<std::int64_t>& offsets : {std::vector<std::int64_t>{}, {0, 8}, {-1, 7}, {0, 5, 4}}) {
    Flat bad = flat;
    bad.offsets = offsets;
    EXPECT_THROW(bad.table(), Error);
  }
}

// ---- Arrow ------------------------------------------------------------------------------------------------

/// A small list<struct<time, flux, flux_err>> of float64 with bitmaps where asked for.
class ArrowLists {
 public:
  std::vector<std::int32_t> offsets{0, 3, 3, 8, 10};
  std::vector<double> values = std::vector<double>(10);
  std::uint8_t list_bits = 0xFF, leaf_bits[2] = {0xFF, 0xFF};
  std::int64_t offset = 0, length = 4, n_rows = 10, n_leaves = 10, n_children = 1;
  const char* format = "+l";
  int n_released = 0;

  ArrowLists() {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i * i);
  }

  LightCurveTable table(const TableOptions& options = {}) {
    const char* const names[] = {"time", "flux", "flux_err"};
    for (int i = 0; i < 3; ++i) {
      leaf_buffers_[i][0] = leaf_bits;
      leaf_buffers_[i][1] = values.data();
      leaves_[i] = array(n_leaves, 2, leaf_buffers_[i], nullptr, 0);
      leaf_schemas_[i] = schema("g", names[i], nullptr, 0);
      leaf_pointers_[i] = &leaves_[i];
      leaf_schema_pointers_[i] = &leaf_schemas_[i];
    }
    rows_ = array(n_rows, 1, row_buffers_, leaf_pointers_, 3);
    row_schema_ = schema("+s", "item", leaf_schema_pointers_, 3);
    list_buffers_[0] = &list_bits;
    list_buffers_[1] = offsets.data();
    ArrowArray list = array(length, 2, list_buffers_, &row_pointer_, n_children);
    list.offset = offset;
    list.private_data = &n_released;
    const ArrowSchema list_schema = schema(format, "lightcurve", &row_schema_pointer_, n_children);
    return LightCurveTable::from_arrow(list_schema, list, options);
  }

 private:
  static ArrowArray array(std::int64_t n, std::int64_t n_buffers, const void** buffers, ArrowArray** children,
                          std::int64_t n_children) {
    return {.length = n,
            .null_count = -1,
            .offset = 0,
            .n_buffers = n_buffers,
            .n_children = n_children,
            .buffers = buffers,
            .children = children,
            .dictionary = nullptr,
            .release =
                [](ArrowArray* a) {
                  ++*static_cast<int*>(a->private_data);
                  a->release = nullptr;
                },
            .private_data = nullptr};
  }
  static ArrowSchema schema(const char* format, const char* name, ArrowSchema** children, std::int64_t n) {
    return {.format = format,
            .name = name,
            .metadata = nullptr,
            .flags = 0,
            .n_children = n,
            .children = children,
            .dictionary = nullptr,
            .release = [](ArrowSchema*) {},
            .private_data = nullptr};
  }

  ArrowArray leaves_[3], rows_, *leaf_pointers_[3], *row_pointer_ = &rows_;
  ArrowSchema leaf_schemas_[3], row_schema_, *leaf_schema_pointers_[3], *row_schema_pointer_ = &row_schema_;
  const void *leaf_buffers_[3][2], *row_buffers_[1] = {nullptr}, *list_buffers_[2];
};

TEST(ArrowTable, ReadsListsWhereTheyLieAndReleasesThemOnce) {
  ArrowLists lists;
  {
    const LightCurveTable table = lists.table();
    EXPECT_EQ(table.size(), 4u);
    EXPECT_EQ(read(table, 2).light_curve.time, (std::vector<double>{9, 16, 25, 36, 49}));
    EXPECT_EQ(read(table, 1).light_curve.size(), 0u);
    EXPECT_EQ(lists.n_released, 0);
  }
  EXPECT_EQ(lists.n_released, 1);
}

TEST(ArrowTable, CountsFromTheOffsetOfASlice) {
  ArrowLists lists;
  lists.offset = 2;
  lists.length = 2;
  EXPECT_EQ(read(lists.table(), 1).light_curve.time, (std::vector<double>{64, 81}));
}

TEST(ArrowTable, RejectsNullListsAndNullObservations) {
  ArrowLists lists;
  lists.list_bits = 0xFB;     // light curve 2 is null
  lists.leaf_bits[1] = 0xFD;  // observation 9 is null
  const LightCurveTable table = lists.table();
  EXPECT_FALSE(read(table, 0).rejection.has_value());
  ASSERT_TRUE(read(table, 2).rejection.has_value());
  EXPECT_EQ(read(table, 2).rejection->code, Status::missing_value);
  ASSERT_TRUE(read(table, 3).rejection.has_value());
  EXPECT_EQ(read(table, 3).rejection->code, Status::missing_value);
  TableOptions options;
  options.nonfinite = NonfinitePolicy::drop;
  const LightCurveTable dropping = lists.table(options);
  EXPECT_EQ(read(dropping, 3).light_curve.size(), 1u);
  EXPECT_EQ(read(dropping, 3).dropped.missing, 1u);
}

TEST(ArrowTable, RejectsALightCurveWhoseListLeavesItsValues) {
  ArrowLists lists;
  lists.offsets = {0, 3, 11, 8, -2};
  const LightCurveTable table = lists.table();
  EXPECT_FALSE(read(table, 0).rejection.has_value());
  for (const std::size_t i : {1u, 2u, 3u}) EXPECT_TRUE(read(table, i).rejection.has_value()) << i;
}

TEST(ArrowTable, RefusesArraysThatDoNotFitEachOther) {
  const auto expect_refusal = [](const char* what, auto damage) {
    ArrowLists lists;
    damage(lists);
    EXPECT_THROW(lists.table(), Error) << what;
    EXPECT_EQ(lists.n_released, 1) << what;
  };
  expect_refusal("a column shorter than the rows", [](ArrowLists& lists) { lists.n_leaves = 9; });
  expect_refusal("a list without values", [](ArrowLists& lists) { lists.n_children = 0; });
  expect_refusal("sizes that overflow", [](ArrowLists& lists) { lists.format = "+w:9223372036854775807"; });
  expect_refusal("an offset that overflows", [](ArrowLists& lists) { lists.offset = INT64_MAX; });
}

TEST(ArrowTable, NamesTheColumnsThereAre) {
  ArrowLists lists;
  TableOptions options;
  options.time = "hjd";
  try {
    lists.table(options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("time, flux, flux_err"), std::string::npos) << error.what();
  }
  EXPECT_EQ(lists.n_released, 1);
}

}  // namespace
}  // namespace astrom3
