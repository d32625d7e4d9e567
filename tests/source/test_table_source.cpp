// SPDX-License-Identifier: MIT
//
// Light curves in memory as a source: every one of every table, with its id, as the table reads it.
#include <gtest/gtest.h>

#include <atomic>

#include "astrom3/base/stop_scope.h"
#include "astrom3/source/table_source.h"

namespace astrom3 {
namespace {

const std::vector<double> kTime{1, 2, 3, 4, 5, 6}, kFlux{5, 6, 7, 8, 9, 10}, kError(6, 0.5);

LightCurveTable table_of(std::vector<std::int64_t> offsets) {
  return LightCurveTable::from_columns(offsets, kTime.size(),
                                       {{.name = "time", .data = kTime.data()},
                                        {.name = "flux", .data = kFlux.data()},
                                        {.name = "flux_err", .data = kError.data()}},
                                       {});
}

std::vector<std::string> ids_of(Source& source) {
  std::vector<std::string> ids;
  for (SourceObject object; source.next(object);) ids.push_back(object.object_id);
  return ids;
}

TEST(TableSource, GivesTheLightCurvesOfAllTablesNumberedOn) {
  const LightCurveTable first = table_of({0, 2, 5}), empty = table_of({0}), last = table_of({3, 6});
  EXPECT_EQ(ids_of(*source_of({&first, &empty, &last})), (std::vector<std::string>{"0", "1", "2"}));
  const auto source = source_of({&first, &last});
  SourceObject object, expected;
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(source->next(object));
    (i < 2 ? first : last).read(i < 2 ? i : 0, expected);
    EXPECT_EQ(object.light_curve.time, expected.light_curve.time);
    EXPECT_EQ(object.light_curve.flux, expected.light_curve.flux);
    EXPECT_EQ(source->position().object, i + 1);
  }
  EXPECT_FALSE(source->next(object));
  EXPECT_TRUE(ids_of(*source_of({})).empty());
}

TEST(TableSource, TakesTheIdsOfItsCaller) {
  const LightCurveTable first = table_of({0, 2, 5}), last = table_of({3, 6});
  EXPECT_EQ(ids_of(*source_of({&first, &last}, {"a", "b", "c"})), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(TableSource, EndsWhereItIsStopped) {
  const LightCurveTable table = table_of({0, 3});
  const std::atomic<bool> stop{true};
  const StopScope scope(&stop);
  SourceObject object;
  EXPECT_THROW(source_of({&table})->next(object), Stopped);
}

}  // namespace
}  // namespace astrom3
