// SPDX-License-Identifier: MIT
//
// Units and systems of magnitudes that a table says beside its numbers: in the unit of a column, or row by
// row.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "source/row_units.h"
#include "tests/source/source_testing.h"
#include "tests/source/strangers_tables.h"

namespace astrom3 {
namespace {

/// mJy of a magnitude whose zero point is `jy`, by its definition.
double mjy(double mag, double jy) {
  return 1e3 * jy * std::pow(10.0, -0.4 * mag);
}

/// 12 rows behind `header`: a time, `value`, `error`, and `rest`.
std::string rows_of(const std::string& header, const std::string& value, const std::string& error,
                    const std::string& rest) {
  std::string text = header + "\n";
  for (std::size_t i = 0; i < 12; ++i)
    text += fmt::format("{},{}{},{}{}\n", day(i), value, i, error, rest.empty() ? "" : "," + rest);
  return text;
}

SourceOptions in_band(const std::string& band) {
  SourceOptions options;
  options.band = band;
  return options;
}

TEST(RowUnits, OfFluxesAreConverted) {
  for (const char* name : {"unit", "units", "flux_unit", "Flux Units", "fluxunit"}) {
    const SourceObject star =
        read_object(rows_of(fmt::format("mjd,flux,flux_err,{}", name), "250.", "2.5", "uJy"));
    ASSERT_EQ(rejection_text(star), "") << name;
    EXPECT_DOUBLE_EQ(star.light_curve.flux[0], 0.25) << name;
    EXPECT_DOUBLE_EQ(star.light_curve.flux_err[0], 0.0025) << name;
  }
}

TEST(RowUnits, MayDifferFromRowToRow) {
  const SourceObject star =
      read_object("mjd,flux,flux_err,unit\n58000,2500,25,uJy\n58001,2.6,0.02,mJy\n58002,2400000,1e4,nJy\n");
  EXPECT_EQ(star.light_curve.flux, (std::vector{2.5, 2.6, 2.4}));
  EXPECT_EQ(star.light_curve.flux_err, (std::vector{0.025, 0.02, 0.01}));
}

TEST(RowUnits, OfMagnitudesAreConvertedAndSayTheirSystem) {
  const SourceObject small =
      read_object(rows_of("mjd,mag,mag_err,units", "1250.", "20", "mmag"), in_band("g"));
  EXPECT_DOUBLE_EQ(small.light_curve.flux[0], mjy(1.25, 3631));
  const SourceObject ab =
      read_object(rows_of("mjd,mag,mag_err,mag_unit", "14.", "0.02", "ABMag"), in_band("V"));
  EXPECT_DOUBLE_EQ(ab.light_curve.flux[0], mjy(14, 3631));
  const SourceObject vega =
      read_object(rows_of("mjd,mag,mag_err,mag_unit", "14.", "0.02", "VegaMag"), in_band("V"));
  EXPECT_DOUBLE_EQ(vega.light_curve.flux[0], mjy(14, 3836.3));
  EXPECT_EQ(read_rejection(rows_of("mjd,mag,mag_err,mag_unit", "14.", "0.02", "VegaMag"), in_band("g")).code,
            Status::no_zero_point);
}

TEST(RowUnits, ThatAreNoneOfWhatIsReadAreRefusedWithAWayOut) {
  struct Case {
    const char *unit, *remedy;
  };
  for (const Case& c : {Case{"adu", "flux-unit"}, Case{"", "flux-unit"}, Case{"ABMag", "columns"}}) {
    const std::string text = rows_of("jd,flux,flux_error,flux_units", "14.", "0.02", c.unit);
    if (*c.unit == '\0') continue;  // without a last cell the row is one of three fields
    const Diagnostic rejection = read_rejection(text);
    EXPECT_EQ(rejection.code, Status::bad_header) << c.unit;
    ASSERT_EQ(rejection.hint.remedies.size(), 1u) << c.unit;
    EXPECT_EQ(rejection.hint.remedies[0].name, c.remedy) << c.unit;
  }
  SourceOptions as_magnitudes = in_band("V");
  as_magnitudes.columns = {{"mag", "flux"}, {"mag_err", "flux_error"}};
  const SourceObject star =
      read_object(rows_of("jd,flux,flux_error,flux_units", "14.", "0.02", "ABMag"), as_magnitudes);
  EXPECT_DOUBLE_EQ(star.light_curve.flux[0], mjy(14, 3631));
  SourceOptions as_they_are;
  as_they_are.flux_unit = FluxUnit::mJy;
  EXPECT_DOUBLE_EQ(
      read_object(rows_of("jd,flux,flux_error,unit", "14.", "0.02", "adu"), as_they_are).light_curve.flux[0],
      14);
}

TEST(RowUnits, OfAnotherPlaceComeFirst) {
  const SourceObject named = read_object(rows_of("mjd,flux [mJy],flux_err [mJy],unit", "2.", "0.02", "uJy"));
  EXPECT_DOUBLE_EQ(named.light_curve.flux[0], 2);
  const SourceObject counted = read_object(rows_of("mjd,flux,flux_err,zp,unit", "200.", "2", "25,adu"));
  EXPECT_DOUBLE_EQ(counted.light_curve.flux[0], 200 * mjy(25, 3631));
}

TEST(RowUnits, KeepsFewTexts) {
  RowUnits units;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(units.of(fmt::format("{} mJy", i + 1)).unit.scale, i + 1);
  EXPECT_EQ(units.of("3 mJy").unit.scale, 3);
}

TEST(AbMagnitudes, HaveTheZeroPointOfAbInEveryBand) {
  for (const char* header :
       {"mjd,mag [AB],mag_err", "mjd,mag (mag(AB)),mag_err", "mjd,mag [ABmag],mag_err"}) {
    for (const char* band : {"V", "g", "clear", "I", ""}) {
      const SourceObject star = read_object(rows_of(header, "14.", "0.02", ""), in_band(band));
      ASSERT_EQ(rejection_text(star), "") << header << band;
      EXPECT_DOUBLE_EQ(star.light_curve.flux[0], mjy(14, 3631)) << header << band;
      EXPECT_EQ(star.zero_point_jy, 3631) << header << band;
    }
  }
  SourceOptions given = in_band("V");
  given.zero_point_jy = 4000;
  EXPECT_DOUBLE_EQ(read_object(rows_of("mjd,mag [AB],mag_err", "14.", "0.02", ""), given).light_curve.flux[0],
                   mjy(14, 4000));
}

TEST(AbMagnitudes, MayBeSaidRowByRow) {
  const auto star_of = [](const char* band, const char* system) {
    return read_object(
        rows_of("mjd,mag,mag_err,filter,magsys", "14.", "0.02", fmt::format("{},{}", band, system)));
  };
  for (const char* band : {"V", "ztfg", "g"})
    EXPECT_DOUBLE_EQ(star_of(band, "AB").light_curve.flux.at(0), mjy(14, 3631)) << band;
  EXPECT_DOUBLE_EQ(star_of("V", "Vega").light_curve.flux.at(0), mjy(14, 3836.3));
  EXPECT_EQ(star_of("g", "Vega").rejection.value_or(Diagnostic{}).code, Status::no_zero_point);
  EXPECT_EQ(star_of("ztfg", "Vega").rejection.value_or(Diagnostic{}).code, Status::no_zero_point);
  EXPECT_DOUBLE_EQ(star_of("V", "Abell 33").light_curve.flux.at(0), mjy(14, 3836.3));
  EXPECT_EQ(star_of("V", "ST").rejection.value_or(Diagnostic{}).code, Status::no_zero_point);
  const SourceObject unsaid = read_object(rows_of("mjd,mag,mag_err,magsys", "14.", "0.02", "AB"));
  EXPECT_DOUBLE_EQ(unsaid.light_curve.flux.at(0), mjy(14, 3631));
}

}  // namespace
}  // namespace astrom3
