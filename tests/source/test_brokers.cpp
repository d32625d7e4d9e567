// SPDX-License-Identifier: MIT
//
// Tables of brokers and simulations of transient surveys.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/source/source_testing.h"
#include "tests/source/strangers_tables.h"

namespace astrom3 {
namespace {

TEST(Brokers, AreKnownByTheirColumns) {
  const auto expect = [](const std::string& text, const std::string& format, std::size_t n_objects) {
    const ReadTable table = read_table(text, with_band("split"));
    EXPECT_EQ(table.format, format);
    EXPECT_EQ(table.objects.size(), n_objects) << format;
    for (const SourceObject& object : table.objects)
      EXPECT_FALSE(object.rejection.has_value()) << rejection_text(object);
  };
  const auto rows = [](const std::string& header, const auto& row) { return table_of(header, 24, row); };
  expect(rows("i:objectId,i:jd,i:magpsf,i:sigmapsf,i:fid,d:tag",
              [](std::size_t i, double mag) {
                return fmt::format("ZTF18{},{},{:.4f},0.05,{},valid", i < 12 ? "a" : "b", day(i), mag,
                                   1 + i % 2);
              }),
         "fink", 4);
  expect(rows("ant_mjd,ant_mag,ant_magerr,ant_passband,ant_survey",
              [](std::size_t i, double mag) {
                return fmt::format("{},{:.4f},0.05,{},1", day(i), mag, i % 2 == 0 ? "g" : "R");
              }),
         "antares", 2);
  expect(rows("candid,fid,jd,magpsf,sigmapsf,isdiffpos",
              [](std::size_t i, double mag) {
                return fmt::format("{},{},{},{:.4f},0.05,t", i, 1 + i % 2, day(i), mag);
              }),
         "ztf_alerts", 2);
  expect(rows("objectId,mjd,fid,magpsf_corr,sigmapsf_corr",
              [](std::size_t i, double mag) {
                return fmt::format("{},{},{},{:.4f},0.05", i < 12 ? "a" : "b", day(i), 1 + i % 2, mag);
              }),
         "alerce", 4);
  expect(
      rows("object_id,mjd,passband,flux,flux_err,detected_bool",
           [](std::size_t i, double mag) { return fmt::format("7,{},{},{:.4f},1.5,1", day(i), i % 6, mag); }),
      "plasticc", 6);
  expect(rows("SNID,MJD,FLUXCAL,FLUXCALERR,FLT",
              [](std::size_t i, double mag) {
                return i == 12 ? std::string("1,-777,-777,-777,-")
                               : fmt::format("{},{},{:.4f},2,{}", i < 12 ? 1 : 2, day(i), mag,
                                             i % 2 == 0 ? "g" : "r");
              }),
         "snana", 4);
  expect(rows("diaObjectId,midPointTai,filterName,psFlux,psFluxErr,nobs",
              [](std::size_t i, double mag) {
                return fmt::format("{},{},{},{:.4f},2,9", i < 12 ? 1 : 2, day(i), i % 2 == 0 ? "g" : "r",
                                   mag);
              }),
         "elasticc", 4);
}

TEST(Brokers, NegativeDifferencesAreNoMagnitudes) {
  const std::string text =
      table_of("candid,fid,jd,magpsf,sigmapsf,isdiffpos", 20, [](std::size_t i, double mag) {
        return fmt::format("{},1,{},{:.4f},0.05,{}", i, day(i), mag, i % 4 == 0 ? "f" : "t");
      });
  const SourceObject star = read_object(text, with_band("zg"));
  EXPECT_EQ(star.light_curve.size(), 15u);
  EXPECT_EQ(star.dropped.quality, 5u);
}

TEST(Snana, RowsBehindASeparatorBelongToAnObjectThatNobodyNames) {
  const std::string text = table_of("MJD,FLUXCAL,FLUXCALERR,FLT", 20, [](std::size_t i, double mag) {
    return i == 10 ? std::string("-777,-777,-777,-") : fmt::format("{},{:.4f},2,g", day(i), mag);
  });
  EXPECT_EQ(read_rejection(text).code, Status::not_grouped);
}

}  // namespace
}  // namespace astrom3
