// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/base/rejection.h"
#include "tests/source/flat_light_curves.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

SourceObject read(const LightCurveTable& table, std::size_t i) {
  SourceObject object;
  table.read(i, object);
  return object;
}

TEST(LightCurveTable, KeepsTheObservationsThatFulfilEveryCondition) {
  SourceOptions options;
  options.columns["band"] = "colour";
  options.band = "r";
  const Flat flat({12});
  const LightCurveTable table = flat.table(options, {{.column = "flag", .numbers = {0, 2}, .texts = {}}});
  const SourceObject object = read(table, 0);
  EXPECT_EQ(object.light_curve.size(), 4u);  // of 0..11: odd and not 1 modulo 3
  EXPECT_EQ(object.n_raw, 4u);
  EXPECT_EQ(object.dropped.other_bands, 4u);
  EXPECT_FALSE(object.rejection.has_value());
}

TEST(LightCurveTable, WithoutAnObservationLeftThereAreNoPoints) {
  SourceOptions options;
  EXPECT_EQ(
      read(Flat({5}).table(options, {{.column = "flag", .numbers = {7}, .texts = {}}}), 0).rejection->code,
      Status::no_points);
  options.columns["band"] = "colour";
  options.band = "i";
  const SourceObject object = read(Flat({5}).table(options), 0);
  EXPECT_TRUE(contains(rejection_text(object), "no observation in band \"i\""));
}

TEST(LightCurveTable, RejectsALightCurveOfSeveralBandsOrTakesEachByItself) {
  SourceOptions options;
  options.columns["band"] = "colour";
  EXPECT_EQ(read(Flat({12}).table(options), 0).rejection.value_or(Diagnostic{}).code, Status::mixed_bands);
  options.split_bands = true;
  const Flat flat({12, 1, 0, 5});
  const LightCurveTable table = flat.table(options);
  ASSERT_EQ(table.size(), 6u);
  const std::vector<std::string> ids{"0:g", "0:r", "1:g", "2", "3:g", "3:r"};
  for (std::size_t i = 0; i < table.size(); ++i) {
    EXPECT_EQ(read(table, i).object_id, ids[i]);
    EXPECT_EQ(table.object_id(i), ids[i]);
  }
  EXPECT_EQ(read(table, 1).light_curve.size(), 6u);
  EXPECT_EQ(read(table, 3).rejection.value_or(Diagnostic{}).code, Status::no_points);
}

TEST(LightCurveTable, ConvertsMagnitudesByTheZeroPointOfTheBand) {
  const std::vector<double> time{1, 2, 3}, mag{0, 2.5, 5}, error{0.1, 0.1, 0.1};
  const std::vector<std::int64_t> offsets{0, 3};
  const auto table = [&](const SourceOptions& options) {
    return LightCurveTable::from_columns(offsets, 3,
                                         {{.name = "time", .data = time.data(), .categories = {}},
                                          {.name = "mag", .data = mag.data(), .categories = {}},
                                          {.name = "mag_err", .data = error.data(), .categories = {}}},
                                         options);
  };
  SourceOptions options;
  options.band = "r";
  const SourceObject object = read(table(options), 0);
  EXPECT_NEAR(object.light_curve.flux[0], 3631e3, 1e-6);
  EXPECT_NEAR(object.light_curve.flux[1], 3631e2, 1e-6);
  options.band = "somewhere";
  EXPECT_EQ(rejection_of([&] { table(options); }).code, Status::no_zero_point);
}

TEST(LightCurveTable, ReadsMagnitudesBesideFluxesWhenAsked) {
  const std::vector<double> time{1, 2}, mag{0, 2.5}, error{0.1, 0.1}, flux{7, 8};
  const std::vector<std::int64_t> offsets{0, 2};
  SourceOptions options;
  options.band = "V";
  const auto flux_of = [&] {
    return read(LightCurveTable::from_columns(offsets, 2,
                                              {{.name = "time", .data = time.data(), .categories = {}},
                                               {.name = "flux", .data = flux.data(), .categories = {}},
                                               {.name = "flux_err", .data = error.data(), .categories = {}},
                                               {.name = "mag", .data = mag.data(), .categories = {}},
                                               {.name = "mag_err", .data = error.data(), .categories = {}}},
                                              options),
                0)
        .light_curve.flux[0];
  };
  EXPECT_NEAR(flux_of(), 3836.3e3, 1e-6);  // of the flux nobody says the unit
  options.flux_unit = FluxUnit::mJy;
  EXPECT_EQ(flux_of(), 7);
  options.magnitudes = true;
  EXPECT_NEAR(flux_of(), 3836.3e3, 1e-6);
}

TEST(LightCurveTable, ReadsOnlyTheColumnsItNeeds) {
  const auto reading = LightCurveTable::columns_read(
      {"oid", "ra", "hjd", "mag", "magerr", "catflags", "filtercode", "mjd"}, {});
  EXPECT_EQ(reading.is_read, (std::vector{true, false, true, true, true, true, true, false}));
  EXPECT_EQ(reading.ids, 0u);
  EXPECT_EQ(rejection_of([] {
              LightCurveTable::columns_read({"ra", "dec"}, {});
            }).code,
            Status::missing_column);
}

TEST(LightCurveTable, RefusesColumnsAndOffsetsThatDoNotFit) {
  const Flat flat({3, 4});
  SourceOptions options;
  options.columns["time"] = "hjd";
  EXPECT_EQ(rejection_of([&] { flat.table(options); }).code, Status::missing_column);
  options.columns["time"] = "";
  EXPECT_EQ(rejection_of([&] { flat.table(options); }).code, Status::usage);
  for (const std::vector<std::int64_t>& offsets : {std::vector<std::int64_t>{}, {0, 8}, {-1, 7}, {0, 5, 4}}) {
    Flat bad = flat;
    bad.offsets = offsets;
    EXPECT_EQ(rejection_of([&] { bad.table(); }).code, Status::usage);
  }
}

TEST(LongTableInMemory, GivesRowsWithoutAnIdByThemselves) {
  const std::vector<double> time{1, 2, 3, 4, 5, 6, 7}, one(7, 1.0);
  const std::vector<std::int8_t> ids{0, -1, 0, 1, -1, -1, 0};  // a, none, a, b, none, none, a
  SourceOptions options;
  const LightCurveTable table = LightCurveTable::from_rows(
      7,
      {{.name = "object_id", .data = ids.data(), .type = NumberType::int8, .categories = {"a", "b"}},
       {.name = "time", .data = time.data(), .categories = {}},
       {.name = "flux", .data = one.data(), .categories = {}},
       {.name = "flux_err", .data = one.data(), .categories = {}}},
      options);
  ASSERT_EQ(table.size(), 4u);
  EXPECT_EQ(read(table, 0).rejection.value_or(Diagnostic{}).code, Status::bad_id);
  EXPECT_EQ(read(table, 1).n_raw, 2u);
  EXPECT_EQ(read(table, 2).object_id, "a");
  EXPECT_EQ(read(table, 2).light_curve.time, (std::vector<double>{1, 3, 7}));
  EXPECT_EQ(read(table, 3).light_curve.time, std::vector<double>{4});
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

  LightCurveTable table(const SourceOptions& options = {}) {
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
  SourceOptions options;
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
  SourceOptions options;
  options.columns["time"] = "hjd";
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
