// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "astrom3/source.h"
#include "source_testing.h"

namespace astrom3 {
namespace {

using Doubles = std::vector<double>;

constexpr std::string_view kThreeRows =
    "hjd,flux,flux_err\n2457000.5,10,0.1\n2457001.25,11,0.2\n2457002.125,12.5,0.3\n";

TEST(TextSource, ReadsTimeFluxAndErrorByName) {
  const SourceObject object = read_object(kThreeRows);
  EXPECT_FALSE(object.rejection.has_value());
  EXPECT_EQ(object.object_id, "star");
  EXPECT_EQ(object.file, "lc/star.csv");
  EXPECT_EQ(object.n_raw, 3u);
  EXPECT_EQ(object.light_curve.time, (Doubles{2457000.5, 2457001.25, 2457002.125}));
  EXPECT_EQ(object.light_curve.flux, (Doubles{10, 11, 12.5}));
  EXPECT_EQ(object.light_curve.flux_err, (Doubles{0.1, 0.2, 0.3}));
}

TEST(TextSource, SortsALongTableIntoObjectsInOrderOfFirstAppearance) {
  const ReadTable table =
      read_table("object_id,hjd,flux,flux_err\nb,1,10,1\na,2,20,1\nb,3,11,1\nc,4,30,1\na,5,21,1\n");
  ASSERT_EQ(table.objects.size(), 3u);
  EXPECT_EQ(table.objects[0].object_id, "b");
  EXPECT_EQ(table.objects[0].light_curve.flux, (Doubles{10, 11}));
  EXPECT_EQ(table.objects[1].object_id, "a");
  EXPECT_EQ(table.objects[1].light_curve.flux, (Doubles{20, 21}));
  EXPECT_EQ(table.objects[2].object_id, "c");
  EXPECT_EQ(table.objects[2].light_curve.flux, (Doubles{30}));
}

TEST(TextSource, TurnsMagnitudesIntoMillijansky) {
  SourceOptions options;
  options.band = "V";
  const SourceObject object = read_object("hjd,mag,mag_err\n1,10,0.02\n2,12.5,0.03\n", options);
  ASSERT_FALSE(object.rejection.has_value());
  EXPECT_NEAR(object.light_curve.flux[0], 383.63, 1e-10);
  EXPECT_NEAR(object.light_curve.flux[1], 38.363, 1e-11);
  EXPECT_NEAR(object.light_curve.flux_err[0], 0.4 * std::log(10.0) * 383.63 * 0.02, 1e-12);
}

}  // namespace
}  // namespace astrom3
