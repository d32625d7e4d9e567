// SPDX-License-Identifier: MIT
//
// Measurements that a table holds and that are not read: named, with the option that reads them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "tests/source/source_testing.h"
#include "tests/source/strangers_tables.h"

namespace astrom3 {
namespace {

/// A table of no survey with these columns; the first three are read.
std::string table_with(const std::string& header) {
  const auto n_fields = static_cast<std::size_t>(std::count(header.begin(), header.end(), ',')) + 1;
  return table_of(header, 12, [&](std::size_t i, double mag) {
    std::string row = fmt::format("{},{:.3f},0.02", day(i), mag);
    for (std::size_t k = 3; k < n_fields; ++k)
      row += fmt::format(",{:.3f}", mag + 0.1 * static_cast<double>(k));
    return row;
  });
}

TEST(UnusedColumns, OtherMagnitudesAndTimesAreNamedWithTheOptionThatReadsThem) {
  struct Case {
    const char *header, *named, *remedy;
  };
  for (const Case& c :
       {Case{"hjd,mag,mag_err,mag_corr", "mag_corr", "mag=mag_corr"},
        Case{"hjd,mag,mag_err,Mag_Auto", "Mag_Auto", "mag=Mag_Auto"},
        Case{"hjd,mag,mag_err,psf magnitude", "psf magnitude", "mag=psf magnitude"},
        Case{"hjd,mag,mag_err,mjd", "mjd", "time=mjd"},
        Case{"hjd,mag,mag_err,BJD_TDB", "BJD_TDB", "time=BJD_TDB"},
        Case{"hjd,flux [mJy],flux_err [mJy],flux_corr [mJy]", "flux_corr [mJy]", "flux=flux_corr [mJy]"},
        Case{"mjd,flux [mJy],flux_err [mJy],psf_flux", "psf_flux", "flux=psf_flux"}}) {
    const ReadTable table = read_table(table_with(c.header), with_band("V"));
    ASSERT_EQ(table.warnings.size(), 1u) << c.header;
    EXPECT_NE(table.warnings[0].message.find(fmt::format("not used: {}", c.named)), std::string::npos)
        << table.warnings[0].message;
    ASSERT_EQ(table.warnings[0].hint.remedies.size(), 1u);
    EXPECT_EQ(table.warnings[0].hint.remedies[0].value, c.remedy);
  }
}

TEST(UnusedColumns, TheRemedyReadsTheOtherColumn) {
  const std::string text = table_with("hjd,mag,mag_err,mag_corr");
  SourceOptions other = with_band("V");
  other.columns = {{"mag", "mag_corr"}};
  const ReadTable table = read_table(text, other);
  EXPECT_TRUE(table.warnings.empty());
  ASSERT_EQ(table.objects.size(), 1u);
  EXPECT_LT(table.objects[0].light_curve.flux[0], read_object(text, with_band("V")).light_curve.flux[0]);
}

TEST(UnusedColumns, WhatIsNoOtherMeasurementIsNotNamed) {
  for (const char* header :
       {"hjd,mag,mag_err", "hjd,mag,mag_err,airmass", "hjd,mag,mag_err,mean_mag", "hjd,mag,mag_err,mag_ref",
        "hjd,mag,mag_err,e_mag_ap", "hjd,mag,mag_err,limiting_mag_err", "hjd,mag,mag_err,image",
        "hjd,mag,mag_err,x", "hjd,mag,mag_err,exptime"}) {
    EXPECT_TRUE(read_table(table_with(header), with_band("V")).warnings.empty()) << header;
  }
}

TEST(UnusedColumns, AWordThatMakesItSomethingElseIsHeeded) {
  for (const char* word :
       {"err", "error", "errors", "e",   "d",   "sigma", "unc",  "uncertainty", "std", "rms",
        "sys", "zp",    "limit",  "lim", "min", "max",   "mean", "median",      "avg", "flag",
        "ref", "sky",   "n",      "id",  "fit", "model", "bias", "ratio"}) {
    for (const std::string& name : {fmt::format("mag_{}_x", word), fmt::format("x_{}_mag", word)}) {
      for (const Diagnostic& warning :
           read_table(table_with("hjd,mag,mag_err," + name), with_band("V")).warnings)
        EXPECT_EQ(warning.message.find("not used: " + name), std::string::npos) << name;
    }
  }
}

TEST(UnusedColumns, ManyAreCounted) {
  const ReadTable table =
      read_table(table_with("hjd,mag,mag_err,mag_1,mag_2,mag_3,mag_4,mag_5"), with_band("V"));
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_NE(table.warnings[0].message.find("not used: mag_1, mag_2, mag_3 and 2 more"), std::string::npos)
      << table.warnings[0].message;
}

}  // namespace
}  // namespace astrom3
