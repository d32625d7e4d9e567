// SPDX-License-Identifier: MIT
//
// Units and zero points of strangers' tables: what is known is converted, what is not is refused by name.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "source/column_names.h"
#include "source/units.h"
#include "tests/source/source_testing.h"
#include "tests/source/strangers_tables.h"

namespace astrom3 {
namespace {

TEST(Units, AreKnownByTheirUsualSpellings) {
  const auto expect = [](std::string_view text, UnitKind kind, double scale) {
    const Unit unit = parse_unit(text);
    EXPECT_EQ(unit.kind, kind) << text;
    EXPECT_DOUBLE_EQ(unit.scale, scale) << text;
  };
  expect("", UnitKind::none, 1);
  expect("mJy", UnitKind::flux, 1);
  expect("uJy", UnitKind::flux, 1e-3);
  expect("\u00b5Jy", UnitKind::flux, 1e-3);
  expect("erg / (Hz s cm2)", UnitKind::flux, 1e26);
  expect("W m-2 Hz-1", UnitKind::flux, 1e29);
  expect("nanomaggy", UnitKind::flux, 3.631e-3);
  expect("mag", UnitKind::magnitude, 1);
  expect("mag(AB)", UnitKind::magnitude, 1);
  expect("mmag", UnitKind::magnitude, 1e-3);
  expect("h", UnitKind::time, 1.0 / 24);
  expect("sec", UnitKind::time, 1.0 / 86400);
  expect("min", UnitKind::time, 1.0 / 1440);
  expect("yr", UnitKind::time, 365.25);
  expect("BJD - 2457000, days", UnitKind::time, 1);
  expect("MJD", UnitKind::time, 1);
  expect("AB", UnitKind::magnitude, 1);
  expect("10-3Jy", UnitKind::flux, 1);  // as the CDS writes it
  expect("10^-6 Jy", UnitKind::flux, 1e-3);
  expect("10**(-6) Jy", UnitKind::flux, 1e-3);
  expect("1e-3 mag", UnitKind::magnitude, 1e-3);
  expect("0.1 mag", UnitKind::magnitude, 0.1);
  expect("10+3s", UnitKind::time, 1e3 * (1.0 / 86400));
  expect("ks", UnitKind::time, 1e3 * (1.0 / 86400));
  expect("erg s^-1 cm^-2 Hz^-1", UnitKind::flux, 1e26);
  expect("hours since 2019-01-01", UnitKind::unknown, 1);
  expect("seconds since 2000", UnitKind::time, 1.0 / 86400);
}

TEST(Units, OfWhichNobodyKnowsHowMuchTheyAreAreUnknown) {
  for (const char* text :
       {"electron / s", "e-/s", "count",    "ct",  "adu",  "ADU/s",      "DN", "1/d",     "phase", "%", "MJy",
        "mag/arcsec2",  "m",    "relative", "1/s", "10-3", "10^-3 e-/s", "MS", "1e-3 /d", "-1 Jy"})
    EXPECT_EQ(parse_unit(text).kind, UnitKind::unknown) << text;
}

TEST(ColumnUnits, AreTheWordsOfANameThatAreUnits) {
  const auto expect = [](std::string_view name, std::string_view base, std::string_view unit) {
    const ColumnName parsed = parse_column_name(name);
    EXPECT_EQ(parsed.base, base) << name;
    EXPECT_EQ(parsed.unit, unit) << name;
  };
  expect("dujy", "flux_err", "ujy");
  expect("uJy_err", "flux_err", "ujy");
  expect("ujyerr", "flux_err", "ujy");
  expect("stdJy", "flux_err", "jy");
  expect("Flux-mJy", "flux", "mjy");
  expect("flux\tmJy", "flux", "mjy");
  expect("flux_#mJy", "flux", "#mjy");
  expect("psf_flux_nanomaggies_err", "psf_flux_err", "nanomaggies");
  expect("\u00b5Jy", "flux", "\u00b5jy");
  expect("AB27.5", "flux", "ab27.5");
  expect("flux/uJy", "flux", "uJy");
  expect("err / mJy", "err", "mJy");
  expect("time.h", "time", "h");
  expect("e_flux:nJy", "e_flux", "nJy");
  expect("flux{uJy}", "flux", "uJy");
  expect("flux_adu", "flux", "adu");
  expect("err/ADU", "err", "ADU");
  expect("flux_err_counts", "flux_err", "counts");
  expect("rel_flux_T1", "rel_flux_t1", "rel");  // another name, but a unit all the same
  expect("counts", "counts", "counts");
  expect("magerr_mmag", "magerr", "mmag");
  expect("mmag", "mag", "mmag");
  expect("i:jd", "i:jd", "");
  expect("flux/err", "flux/err", "");
  expect("m/s", "m/s", "");
  expect("mmjy", "mmjy", "");
  expect("jyflux", "jyflux", "");
  expect("mag_mjyx", "mag_mjyx", "");
}

TEST(ColumnUnits, OfFluxAreTakenFromAnyPlaceOfItsName) {
  const std::string rows = "58000.5,14,1\n58001.5,15,1\n58002.5,17,1\n";
  const auto first = [&](const std::string& header) {
    const SourceObject star = read_object(header + "\n" + rows);
    return star.light_curve.flux.empty()
               ? std::vector<double>{}
               : std::vector{star.light_curve.flux[0], star.light_curve.flux_err[0]};
  };
  EXPECT_EQ(first("mjd,uJy,duJy"), (std::vector{14e-3, 1e-3}));
  EXPECT_EQ(first("mjd,nJy,nJy_err"), (std::vector{14e-6, 1e-6}));
  EXPECT_EQ(first("mjd,mJy,e_mJy"), (std::vector{14.0, 1.0}));
  EXPECT_EQ(first("mjd,flux_uJy,flux_uJy_err"), (std::vector{14e-3, 1e-3}));
  EXPECT_EQ(first("mjd,flux_Jy,flux_err_Jy"), (std::vector{14e3, 1e3}));
  EXPECT_EQ(first("mjd,flux [Jy],flux_err [mJy]"), (std::vector{14e3, 1.0}));
  EXPECT_EQ(first("mjd,flux (uJy),flux_err (nJy)"), (std::vector{14e-3, 1e-6}));
}

TEST(ColumnUnits, OfErrorsThatDoNotFitTheirValuesAreRefused) {
  const std::string rows = "58000.5,14,1\n58001.5,15,1\n";
  for (const char* header : {"mjd,flux [mJy],flux_err [mag]", "mjd,flux [mJy],flux_err [%]",
                             "mjd,mag [mag],mag_err [mJy]", "mjd,flux [mJy],flux_err [ct]"}) {
    const Diagnostic rejection = read_rejection(std::string(header) + "\n" + rows, with_band("V"));
    EXPECT_EQ(rejection.code, Status::bad_header) << header;
    EXPECT_NE(rejection.column, "") << header;
    SourceOptions given = with_band("V");
    given.missing_error = 0.1;
    EXPECT_EQ(read_object(std::string(header) + "\n" + rows, given).light_curve.size(), 2u) << header;
  }
}

TEST(ColumnUnits, OfTimesBecomeDays) {
  const auto times = [](const std::string& header, const std::string& scale) {
    const std::string text = header + "\n" + scale + ",14,1\n0,15,1\n";
    return read_object(text).light_curve.time;
  };
  EXPECT_EQ(times("time [h],flux,flux_err", "36"), (std::vector{1.5, 0.0}));
  EXPECT_EQ(times("time (s),flux,flux_err", "43200"), (std::vector{0.5, 0.0}));
  EXPECT_EQ(times("time_min,flux,flux_err", "360"), (std::vector{0.25, 0.0}));
  EXPECT_EQ(times("t (yr),flux,flux_err", "2"), (std::vector{730.5, 0.0}));
  EXPECT_EQ(times("BTJD (BJD - 2457000 days),flux,flux_err", "2"), (std::vector{2.0, 0.0}));
  const std::string phase = "time [phase],flux,flux_err\n1,14,1\n0,15,1\n";
  EXPECT_EQ(read_rejection(phase).code, Status::bad_header);
  SourceOptions options;
  options.time_unit = TimeUnit::hour;
  EXPECT_EQ(read_object(phase, options).light_curve.time, (std::vector{1.0 / 24, 0.0}));
}

TEST(ColumnUnits, OfMagnitudesInThousandthsAreDivided) {
  const std::string rows = "58000.5,12000,10\n58001.5,12500,20\n58002.5,12400,20\n";
  const auto whole =
      read_object("mjd,mag,mag_err\n58000.5,12,0.01\n58001.5,12.5,0.02\n58002.5,12.4,0.02\n", with_band("V"));
  for (const char* header :
       {"mjd,mag [mmag],mag_err [mmag]", "mjd,mag (mmag),mag_err (mmag)", "mjd,mag [millimag],err [mmag]"}) {
    const auto found = read_object(std::string(header) + "\n" + rows, with_band("V"));
    EXPECT_EQ(found.light_curve.flux, whole.light_curve.flux) << header;
    ASSERT_EQ(found.light_curve.size(), 3u) << header;
    EXPECT_DOUBLE_EQ(found.light_curve.flux_err[1], whole.light_curve.flux_err[1]) << header;
  }
  const auto mixed = read_object(
      "mjd,mag [mag],mag_err [mmag]\n58000.5,12,10\n58001.5,12.5,20\n58002.5,12.4,20\n", with_band("V"));
  EXPECT_DOUBLE_EQ(mixed.light_curve.flux_err[1], whole.light_curve.flux_err[1]);
}

TEST(ColumnUnits, OfCountsAreRefusedAlsoWhereTheUserNamesTheColumn) {
  const std::string rows = "\n58000.5,14,1\n58001.5,15,1\n58002.5,17,1\n";
  SourceOptions named;
  named.columns = {{"flux", "counts"}, {"flux_err", "counts_err"}};
  for (const auto& [header, options] :
       {std::pair{"mjd,counts,counts_err", named}, std::pair{"mjd,flux_adu,flux_err_adu", SourceOptions{}},
        std::pair{"mjd,rel_flux,rel_flux_err", SourceOptions{}}}) {
    const Diagnostic rejection = read_rejection(header + rows, options);
    EXPECT_EQ(rejection.code, Status::bad_header) << header;
    ASSERT_FALSE(rejection.hint.remedies.empty()) << header;
    EXPECT_EQ(rejection.hint.remedies.front().name, "flux-unit") << header;
    SourceOptions in_jy = options;
    in_jy.flux_unit = FluxUnit::Jy;
    EXPECT_EQ(read_object(header + rows, in_jy).light_curve.flux[0], 14e3) << header;
  }
}

TEST(ColumnUnits, OfMagnitudesCalledFluxNameTheWayToReadThem) {
  const std::string text = "mjd,flux [mag],err [mag]\n58000.5,14,.1\n58001.5,15,.1\n58002.5,13,.1\n";
  const Diagnostic rejection = read_rejection(text, with_band("V"));
  EXPECT_EQ(rejection.code, Status::bad_header);
  ASSERT_FALSE(rejection.hint.remedies.empty());
  EXPECT_EQ(rejection.hint.remedies.front().value, "mag=flux [mag],mag_err=err [mag]");
  SourceOptions read = with_band("V");
  read.columns = {{"mag", "flux [mag]"}, {"mag_err", "err [mag]"}};
  EXPECT_NEAR(read_object(text, read).light_curve.flux[0], 3631e3 * std::pow(10, -0.4 * 14), 1e-9);
}

TEST(ColumnUnits, OfAFluxBesideAnotherWithoutOneAreChosen) {
  const std::string text =
      "mjd,flux,flux_err,flux_mJy,flux_err_mJy\n1,900,9,14,1\n2,950,9,15,1\n3,980,9,17,1\n";
  EXPECT_EQ(read_object(text).light_curve.flux, (std::vector{14.0, 15.0, 17.0}));
  // The error of the counts is not that of the flux.
  EXPECT_EQ(read_rejection("mjd,flux,flux_err,flux_mJy\n1,900,9,14\n2,950,9,15\n").code,
            Status::missing_error_column);
}

TEST(Calibration, OfMagnitudesWinsOverCounts) {
  const std::string rows = "\n58000,12.0,0.01,1385,13\n58001,12.4,0.01,1085,13\n58002,12.2,0.01,1185,13\n";
  const SourceObject star = read_object("mjd,mag,magerr,flux,fluxerr" + rows, with_band("g"));
  EXPECT_TRUE(star.is_magnitude);
  EXPECT_NEAR(star.light_curve.flux[0], 3631e3 * std::pow(10, -4.8), 1e-6);
  const ReadTable table = read_table("mjd,mag,magerr,flux,fluxerr" + rows, with_band("g"));
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_NE(table.warnings[0].message.find("magnitudes are read"), std::string::npos);
  // A flux of a known unit wins.
  EXPECT_EQ(read_object("mjd,mag,magerr,flux_uJy,fluxerr_uJy" + rows).light_curve.flux[0], 1.385);
  SourceOptions in_mjy;
  in_mjy.flux_unit = FluxUnit::mJy;
  EXPECT_EQ(read_object("mjd,mag,magerr,flux,fluxerr" + rows, in_mjy).light_curve.flux[0], 1385);
  // Without a band there is no zero point, and the counts are not taken in their place.
  const Diagnostic rejection = read_rejection("mjd,mag,magerr,flux,fluxerr" + rows);
  EXPECT_EQ(rejection.code, Status::no_zero_point);
}

TEST(Calibration, OfAZeroPointOfTheRowIsUsed) {
  const double mjy = 3631e3 * std::pow(10, -0.4 * 25);
  for (const char* name : {"zp", "zeropoint", "magzp", "zero_point", "ZP"}) {
    const std::string text = fmt::format(
        "mjd,flux,fluxerr,{},magsys\n58000,61,1,25.0,ab\n58001,70,1,25.0,AB\n58002,50,1,27.5,ab\n", name);
    const SourceObject star = read_object(text);
    ASSERT_EQ(star.light_curve.size(), 3u) << name;
    EXPECT_DOUBLE_EQ(star.light_curve.flux[0], 61 * mjy) << name;
    EXPECT_DOUBLE_EQ(star.light_curve.flux_err[1], mjy) << name;
    EXPECT_NEAR(star.light_curve.flux[2], 5 * mjy, 1e-9 * mjy) << name;
  }
  for (const char* name : {"MAGZERO", "zp [mag]", "ZP_AUTO", "photometric_zeropoint", "Zeropoint (AB)"}) {
    const std::string text = fmt::format("mjd,flux,fluxerr,{}\n58000,61,1,25.0\n58001,70,1,25.0\n", name);
    EXPECT_DOUBLE_EQ(read_object(text).light_curve.flux[0], 61 * mjy) << name;
  }
  for (const char* name : {"zp_err", "e_zp", "zp_rms", "zpflag", "n_zp"}) {  // not zero points
    const std::string text = fmt::format("mjd,flux,fluxerr,{}\n58000,61,1,25.0\n58001,70,1,25.0\n", name);
    EXPECT_EQ(read_object(text).light_curve.flux[0], 61) << name;
  }
  const std::string vega = "mjd,flux,fluxerr,zp,zpsys\n58000,61,1,25.0,vega\n58001,70,1,25.0,vega\n";
  EXPECT_EQ(read_rejection(vega).code, Status::no_zero_point);
}

TEST(Calibration, OfVegaMagnitudesIsNotThatOfAb) {
  SourceOptions in_i;
  in_i.band = "i";
  const std::string rows = "\n58000,14,.1,Vega\n58001,15,.1,Vega\n58002,13,.1,Vega\n";
  for (const char* header :
       {"mjd,mag,magerr,magsys", "mjd,mag [vegamag],magerr,x", "mjd,mag (Vega),magerr,x"}) {
    const Diagnostic rejection = read_rejection(header + rows, in_i);
    EXPECT_EQ(rejection.code, Status::no_zero_point) << header;
    SourceOptions given = in_i;
    given.zero_point_jy = 2500;
    EXPECT_NEAR(read_object(header + rows, given).light_curve.flux[0], 2500e3 * std::pow(10, -0.4 * 14),
                1e-9);
    SourceOptions in_v;
    in_v.band = "V";  // whose zero point is not that of AB
    EXPECT_NEAR(read_object(header + rows, in_v).light_curve.flux[0], 3836.3e3 * std::pow(10, -0.4 * 14),
                1e-9);
  }
  EXPECT_EQ(read_object("mjd,mag,magerr,magsys\n58000,14,.1,AB\n58001,15,.1,AB\n", in_i).light_curve.size(),
            2u);
}

TEST(Calibration, OfAnAsassnTableIsCheckedAgainstItsMagnitudes) {
  const auto text_with = [](double per_mjy) {
    return table_of("hjd,mag,mag_err,flux,flux_err", 20, [&](std::size_t i, double mag) {
      return fmt::format("{},{:.4f},0.01,{:.4f},0.2", day(i), mag,
                         per_mjy * 3836.3e3 * std::pow(10, -0.4 * mag));
    });
  };
  EXPECT_EQ(read_object(text_with(1)).light_curve.size(), 20u);
  EXPECT_EQ(read_rejection(text_with(40)).code, Status::bad_header);
}

}  // namespace
}  // namespace astrom3
