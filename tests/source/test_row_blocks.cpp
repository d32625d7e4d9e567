// SPDX-License-Identifier: MIT
//
// A column of ids whose name nobody expects: objects one below the other are refused, objects in turns
// remarked.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "source/row_blocks.h"
#include "tests/source/source_testing.h"
#include "tests/source/strangers_tables.h"

namespace astrom3 {
namespace {

RowBlocks blocks_of(const std::vector<std::pair<std::string, double>>& rows) {
  RowBlocks blocks;
  for (const auto& [value, time] : rows) blocks.add(value, time);
  return blocks;
}

TEST(RowBlocks, OfSeveralObjectsOverlapInTime) {
  EXPECT_TRUE(blocks_of({{"a", 1}, {"a", 2}, {"a", 3}, {"b", 1.5}, {"b", 2.5}, {"b", 3.5}}).are_objects());
  // Also where the rows of an object are in no order, and for the last block alone.
  EXPECT_TRUE(blocks_of({{"7", 3}, {"7", 1}, {"7", 2}, {"9", 2.5}, {"9", 0}, {"9", 9}}).are_objects());
}

TEST(RowBlocks, OfOneStarFollowEachOther) {
  EXPECT_FALSE(blocks_of({{"a", 1}, {"a", 2}, {"a", 3}, {"b", 4}, {"b", 5}, {"b", 6}}).are_objects());
  EXPECT_FALSE(blocks_of({{"a", 6}, {"a", 5}, {"a", 4}, {"b", 3}, {"b", 2}, {"b", 1}}).are_objects());
  EXPECT_FALSE(blocks_of({{"a", 1}, {"a", 2}, {"a", 3}}).are_objects());
}

TEST(RowBlocks, MustBeThreeRowsLongOnAverage) {
  EXPECT_FALSE(blocks_of({{"a", 1}, {"a", 3}, {"b", 2}, {"b", 4}, {"b", 5}}).are_objects());
  EXPECT_TRUE(blocks_of({{"a", 1}, {"a", 3}, {"b", 2}, {"b", 4}, {"b", 5}, {"b", 6}}).are_objects());
}

TEST(RowBlocks, MostOfThemMustOverlapTheOneBefore) {
  // Two pairs of blocks: one of the two overlaps, then both.
  EXPECT_FALSE(
      blocks_of({{"a", 1}, {"a", 2}, {"a", 3}, {"b", 2}, {"b", 4}, {"b", 5}, {"c", 6}, {"c", 7}, {"c", 8}})
          .are_objects());
  EXPECT_TRUE(
      blocks_of({{"a", 1}, {"a", 2}, {"a", 3}, {"b", 2}, {"b", 4}, {"b", 5}, {"c", 4}, {"c", 7}, {"c", 8}})
          .are_objects());
}

TEST(RowBlocks, AreNoneOfMeasurementsAndOfValuesThatComeBack) {
  EXPECT_FALSE(
      blocks_of({{"1.5", 1}, {"1.5", 2}, {"1.5", 3}, {"2.5", 1}, {"2.5", 2}, {"2.5", 3}}).are_objects());
  EXPECT_FALSE(blocks_of({{"a", 1}, {"a", 2}, {"a", 3}, {"b", 1.5}, {"b", 2.5}, {"a", 3.5}}).are_objects());
}

TEST(RowBlocks, TakeTurnsFromThreeChangesForEachValueButOne) {
  RowBlocks three_changes = blocks_of({{"a", 1}, {"a", 2}, {"b", 3}, {"b", 4}, {"a", 5}, {"a", 6}, {"b", 7}});
  EXPECT_FALSE(three_changes.take_turns());  // seven rows of two values
  three_changes.add("b", 8);
  EXPECT_TRUE(three_changes.take_turns());
  EXPECT_FALSE(blocks_of({{"a", 1}, {"a", 2}, {"b", 3}, {"b", 4}, {"b", 5}, {"a", 6}, {"a", 7}, {"a", 8}})
                   .take_turns());
}

TEST(RowBlocks, OfMoreThanAThousandValuesThatComeBackAreNotLookedAt) {
  const auto of = [](std::size_t n_values) {
    RowBlocks blocks;
    for (std::size_t i = 0; i < 5 * n_values; ++i) blocks.add(std::to_string(i % n_values), double(i));
    return blocks.take_turns();
  };
  EXPECT_TRUE(of(1000));
  EXPECT_FALSE(of(1001));
}

TEST(RowBlocks, OfNumbersOfRowsAreForgotten) {
  RowBlocks blocks;
  for (std::size_t i = 0; i < 100'000; ++i) blocks.add(std::to_string(i), static_cast<double>(i));
  EXPECT_LT(blocks.memory_bytes(), 100'000u);  // of the 16 bytes that each value takes at least
  // More than a thousand objects of three rows each are still found.
  RowBlocks objects;
  for (std::size_t i = 0; i < 3 * 1500; ++i)
    objects.add(std::to_string(i / 3), static_cast<double>(i % 3) + 1e-4 * static_cast<double>(i / 3));
  EXPECT_TRUE(objects.are_objects());
}

// ---- tables ---------------------------------------------------------------------------------------

/// Two stars of 30 rows each: one below the other, or sorted by time.
std::string two_stars(const std::string& name, bool is_sorted) {
  return table_of(name + ",hjd,mag,mag_err", 60, [&](std::size_t i, double mag) {
    const std::size_t star = is_sorted ? i % 2 : i / 30;
    const double time = is_sorted ? day(i) : day(i % 30) + 0.1 * static_cast<double>(star);
    return fmt::format("{},{:.3f},{:.4f},0.01", star + 11, time, mag);
  });
}

TEST(UnexpectedIds, OfObjectsOneBelowTheOtherAreRefusedNamingTheColumn) {
  for (const char* name : {"num", "source_no", "cand", "matchid", "starnum", "2mass"}) {
    const ReadTable table = read_table(two_stars(name, false), with_band("V"));
    ASSERT_EQ(table.objects.size(), 1u) << name;
    ASSERT_TRUE(table.objects[0].rejection.has_value()) << name;
    EXPECT_EQ(table.objects[0].rejection->code, Status::not_grouped) << name;
    EXPECT_EQ(table.objects[0].rejection->column, name);
  }
}

TEST(UnexpectedIds, AreReadWhenTheOptionsSaySo) {
  SourceOptions options = with_band("V");
  options.id_column = "num";
  EXPECT_EQ(read_table(two_stars("num", false), options).objects.size(), 2u);
  options.id_column = "-";
  const ReadTable one = read_table(two_stars("num", false), options);
  ASSERT_EQ(one.objects.size(), 1u);
  EXPECT_FALSE(one.objects[0].rejection.has_value());
}

TEST(UnexpectedIds, OfCamerasAndFieldsAreOfOneStar) {
  for (const char* name : {"camera", "Field", "obs_code", "CCD"}) {
    const ReadTable table = read_table(two_stars(name, false), with_band("V"));
    ASSERT_EQ(table.objects.size(), 1u) << name;
    EXPECT_FALSE(table.objects[0].rejection.has_value()) << name;
    EXPECT_FALSE(table.objects[0].flags.has(Flag::unread_groups)) << name;
  }
}

TEST(UnexpectedIds, ThatTakeTurnsAreFlaggedAndRemarked) {
  const ReadTable table = read_table(two_stars("num", true), with_band("V"));
  ASSERT_EQ(table.objects.size(), 1u);
  EXPECT_TRUE(table.objects[0].flags.has(Flag::unread_groups));
  EXPECT_EQ(table.objects[0].unread_groups, "num");
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_EQ(table.warnings[0].column, "num");
}

}  // namespace
}  // namespace astrom3
