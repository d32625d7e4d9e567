// SPDX-License-Identifier: MIT
//
// The forms in which the same survey's files come, and what other people call their columns.
#include <gtest/gtest.h>

#include <string>

#include "source/column_names.h"
#include "source/photometry.h"
#include "tests/base/rejection.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

SourceOptions in_band(const std::string& band) {
  SourceOptions options;
  options.band = band;
  return options;
}

TEST(ColumnName, IsFreeOfUnitsOffsetsAndTimeScales) {  // FM30
  const auto base = [](std::string_view name) { return parse_column_name(name).base; };
  EXPECT_EQ(base("flux [mJy]"), "flux");
  EXPECT_EQ(base("Flux_uJy"), "flux");
  EXPECT_EQ(base("BJD_TDB"), "bjd");
  EXPECT_EQ(base("mjd(UTC)"), "mjd");
  EXPECT_EQ(base("HJD - 2450000"), "hjd");
  EXPECT_EQ(base("BJD-2457000.0"), "bjd");
  EXPECT_EQ(base("time_2"), "time_2");
  EXPECT_EQ(base("Mag Error"), "mag_error");
  EXPECT_EQ(base("uJy"), "flux");
  EXPECT_EQ(base("duJy"), "flux_err");
  EXPECT_EQ(base("time_s"), "time");
}

TEST(ColumnName, WithAUnitOfFluxConvertsIt) {  // FM30
  const std::string rows = "\n2458000.5,14,1\n2458001.5,15,1\n";
  const auto first_flux = [&](const std::string& header) {
    const SourceObject star = read_object(header + rows);
    return star.light_curve.flux.empty() ? -1 : star.light_curve.flux[0];
  };
  EXPECT_DOUBLE_EQ(first_flux("MJD (TAI),flux (uJy),flux_err (uJy)"), 14e-3);
  EXPECT_DOUBLE_EQ(first_flux("BJD_TDB,flux_nJy,flux_err_nJy"), 14e-6);
  EXPECT_DOUBLE_EQ(first_flux("HJD-2450000,flux[Jy],e_flux[Jy]"), 14e3);
  EXPECT_DOUBLE_EQ(first_flux("time,flux,err"), 14);
}

TEST(ColumnName, WithAUnitNobodyKnowsAsksForIt) {
  const std::string text = "time,flux(e-/s),flux_err(e-/s)\n1,14,1\n2,15,1\n";
  EXPECT_EQ(read_rejection(text).code, Status::bad_header);
  SourceOptions options;
  options.flux_unit = FluxUnit::mJy;
  EXPECT_EQ(read_object(text, options).light_curve.flux, (std::vector{14.0, 15.0}));
}

TEST(ColumnName, OfATimeInSecondsConvertsIt) {
  EXPECT_EQ(read_object("time (s),flux,flux_err\n43200,14,1\n0,15,1\n").light_curve.time,
            (std::vector{0.5, 0.0}));
}

TEST(ColumnName, ErrBelongsToTheOnlyMeasurement) {
  EXPECT_EQ(read_object("HJD,Magnitude,sigma\n1,14,1\n2,15,1\n", in_band("V")).light_curve.size(), 2u);
  EXPECT_EQ(read_rejection("HJD,mag,flux,err\n1,14,5,1\n2,15,6,1\n").code, Status::missing_error_column);
}

TEST(IpacTable, IsReadByItsNamesAndUnits) {  // FM31
  const SourceObject star = read_object(
      "\\fixlen = T\n\\ORIGIN = 'IRSA'\n"
      "| oid  | hjd          | mjd        | mag    | magerr | catflags | filtercode |\n"
      "| int  | double       | double     | float  | float  | int      | char       |\n"
      "|      |              |            |        |        |          |            |\n"
      "| null | null         | null       | null   | null   | null     | null       |\n"
      "  686    2458202.6369   58202.1341   18.88    0.06     0          zg \n"
      "  686    2458203.6369   58203.1341   18.89    0.06     32768      zg \n"
      "  686    2458204.6369   58204.1341   null     null     0          zg \n");
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.object_id, "686");
  EXPECT_EQ(star.light_curve.time, std::vector{2458202.6369});
  EXPECT_EQ(star.dropped.quality, 1u);
  EXPECT_EQ(star.dropped.missing, 1u);
  const SourceObject flux = read_object(
      "|   mjd| flux| flux_err|\n|double|double|double|\n|     d|  uJy|  uJy|\n   1.5    5.0   1.0\n");
  EXPECT_DOUBLE_EQ(flux.light_curve.flux.at(0), 5e-3);
}

TEST(IpacTable, OfSuperWaspHasDays) {  // FM28
  const SourceObject star = read_object(
      "\\JD_REF = 2453005.5\n"
      "|TMID      |FLUX2         |FLUX2_ERR     |TAMFLUX2      |TAMFLUX2_ERR  |FLAG |           HJD|\n"
      "|int       |float         |float         |float         |float         |int  |        double|\n"
      "|sec       |micro Vega    |micro Vega    |micro Vega    |micro Vega    |     |           day|\n"
      "|null      |null          |null          |null          |null          |null |          null|\n"
      "   73862495   2.277175e+02   3.615729e-01   1.000000e+02   1.546886e+00    32 2453860.389988\n");
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.light_curve.time, std::vector{2453860.389988});
  EXPECT_NEAR(star.light_curve.flux.at(0), 363.6, 1e-9);
}

TEST(SuperWasp, CountsSecondsInTextToo) {  // FM28
  const SourceObject star =
      read_object("TMID,TAMFLUX2,TAMFLUX2_ERR,FLAG\n43200,100,2,32\n86400,0,0,1\n129600,101,2,0\n");
  EXPECT_EQ(star.light_curve.time, (std::vector{0.5, 1.5}));
  EXPECT_EQ(star.dropped.null_values, 1u);
}

TEST(Qlp, RelativeFluxesNeedTheHeaderOrAUnit) {  // FM19
  constexpr const char* kText =
      "TIME,CADENCENO,SAP_FLUX,DET_FLUX,DET_FLUX_ERR,QUALITY\n1.5,1,1.0,1.01,0.01,0\n2.5,2,1.0,0.99,0.01,0\n";
  const Diagnostic rejection = read_rejection(kText);
  EXPECT_EQ(rejection.code, Status::bad_header);
  EXPECT_TRUE(contains(rejection.message, "TESSMAG"));
  SourceOptions options;
  options.flux_unit = FluxUnit::mJy;
  EXPECT_EQ(read_object(kText, options).light_curve.flux, (std::vector{1.01, 0.99}));
}

TEST(Rubin, ForcedSourcesWithTheTimesOfTheirVisitsAreNanojansky) {
  const auto star = read_object(
      "objectId,band,psfFlux,psfFluxErr,psfFlux_flag,expMidptMJD\n1,g,3000,10,False,60000.5\n1,g,3100,10,"
      "True,60001.5\n"
      "1,g,3200,10,False,60002.5\n");
  EXPECT_EQ(star.object_id, "1");
  ASSERT_EQ(star.light_curve.size(), 2u);
  EXPECT_DOUBLE_EQ(star.light_curve.flux[1], 3.2e-3);
}

TEST(Rubin, SourcesOfDataPreviewZeroAreNotThoseOfElasticc) {
  const std::string rows = "1,5,g,60000.5,3000,10\n1,6,g,60001.5,3100,10\n";
  const auto dp02 = read_object("diaObjectId,ccdVisitId,filterName,midPointTai,psFlux,psFluxErr\n" + rows);
  EXPECT_DOUBLE_EQ(dp02.light_curve.flux[0], 3e-3);
  const auto elasticc =
      read_object("diaObjectId,diaSourceId,filterName,midPointTai,psFlux,psFluxErr\n" + rows);
  EXPECT_DOUBLE_EQ(elasticc.light_curve.flux[0], 3000 * mjy_per_unit(FluxUnit::AB27_5));
}

TEST(Rubin, WithoutABandIsNanojanskyAllTheSame) {  // FM20
  const SourceObject star = read_object("midpointMjdTai,psfFlux,psfFluxErr\n60000,2e6,1e4\n60001,3e6,1e4\n");
  EXPECT_NEAR(star.light_curve.flux.at(0), 2.0, 1e-12);
}

TEST(Ecsv, UnitsOfFluxAreHonoured) {  // FM30
  const SourceObject star = read_object(
      "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: time, unit: d, datatype: float64}\n"
      "# - {name: flux, unit: uJy, datatype: float64}\n# - {name: flux_err, unit: uJy, datatype: float64}\n"
      "# schema: astropy-2.0\ntime flux flux_err\n58000.1 14.0 0.1\n58001.1 14.2 0.1\n");
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_DOUBLE_EQ(star.light_curve.flux.at(0), 14e-3);
}

TEST(SkyPatrol2, TimesMayBeHeliocentric) {  // FM04
  const SourceObject star = read_object(
      "HJD,Flux,Flux Error,Mag,Mag Error,Limit,FWHM,Filter,Quality\n"
      "2457148.1,26.0,0.13,12.9,0.005,16.9,1.70,V,G\n2457149.1,26.0,0.13,12.9,99.999,16.9,1.70,V,G\n");
  EXPECT_EQ(star.light_curve.size(), 1u);
  EXPECT_EQ(star.dropped.upper_limits, 1u);
}

TEST(Rubin, SourcesOfOneObjectNeedNoId) {  // FM20
  const ReadTable table = read_table(
      "midpointMjdTai,band,psfFlux,psfFluxErr,psfFlux_flag\n60000.5,r,1000,10,false\n60001.5,r,1100,10,"
      "true\n");
  EXPECT_EQ(table.format, "rubin");
  EXPECT_DOUBLE_EQ(table.objects.at(0).light_curve.flux.at(0), 1e-3);
  EXPECT_EQ(table.objects[0].dropped.quality, 1u);
}

TEST(ForeignFormat, IsNamedWithAWayOut) {  // FM32
  const auto message = [](std::string_view text) { return read_rejection(text).message; };
  const Diagnostic table = read_rejection("<?xml version=\"1.0\"?>\n<VOTABLE version=\"1.4\">\n</VOTABLE>\n");
  EXPECT_EQ(table.code, Status::bad_header);
  EXPECT_NE(table.message.find("VOTable"), std::string::npos);
  EXPECT_NE(table.hint.text.find("astropy"), std::string::npos);
  EXPECT_NE(message("<VOSOURCE version=\"0.04\"></VOSOURCE>").find("VOSource"), std::string::npos);
  EXPECT_NE(message("<!DOCTYPE html>\n<html></html>").find("web page"), std::string::npos);
  EXPECT_NE(message("[{\"mjd\": 1}]").find("JSON"), std::string::npos);
  EXPECT_NE(
      message("Title: Photometry of a star\nTable: 1\n=====\nByte-by-byte Description of file: table1.txt\n"
              "-----\n   Bytes Format Units   Label  Explanations\n-----\n2455000.1 12.3 0.01\n")
          .find("machine-readable table"),
      std::string::npos);
  EXPECT_NE(
      message("\\begin{deluxetable}{ccc}\nHJD & V & eV \\\\\n2455000.1 & 12.3 & 0.01 \\\\\n").find("LaTeX"),
      std::string::npos);
  EXPECT_NE(message("{\"mjd\": 1}\n{\"mjd\": 2}\n").find("JSON lines"), std::string::npos);
}

TEST(Asassn, FluxMayHaveItsUnitInTheHeader) {  // FM02
  const ReadTable table = read_table(
      "hjd,camera,mag,mag_err,flux(mJy),flux_err\n2457981.84,bc,11.2,0.02,124.549,2.292\n"
      "2457982.84,bc,99.99,99.99,1.0,99.99\n");
  EXPECT_EQ(table.format, "asassn");
  EXPECT_EQ(table.objects.at(0).light_curve.flux, std::vector{124.549});
}

TEST(Pyasassn, OneLightCurveHasNoIdAndItsLimitsAreNoData) {  // FM05
  const SourceObject star = read_object(
      "jd,flux,flux_err,mag,mag_err,limit,fwhm,image_id,camera,quality,phot_filter\n"
      "2457148.1,26.0,0.13,12.9,0.005,16.9,1.70,ba1,bd,G,V\n"
      "2457164.0,27.0,99.99,12.8,99.99,17.5,1.98,ba2,bd,G,V\n");
  EXPECT_EQ(star.light_curve.flux, std::vector{26.0});
  EXPECT_EQ(star.dropped.upper_limits, 1u);
}

TEST(Ztf, CatflagsDropInAnyTable) {  // FM06
  for (const char* header : {"oid,mjd,mag,magerr,catflags,filtercode", "x,time,mag,magerr,catflags,band"}) {
    const SourceObject star =
        read_object(std::string(header) + "\n1,58000.5,15.2,0.03,0,zr\n1,58001.5,15.3,0.03,0x8000,zr\n");
    ASSERT_EQ(rejection_text(star), "");
    EXPECT_EQ(star.light_curve.size(), 1u) << header;
    EXPECT_EQ(star.dropped.quality, 1u) << header;
  }
}

TEST(Crts, AMatchOfManyPositionsHasFramesForIds) {  // FM15
  const ReadTable table = read_table(
      "InputID,MasterFrame,Mag,Magerr,RA,Decl,MJD,Blend\n"
      "a,1001,13.05,0.05,164.8,39.7,53712.4,0\nb,1002,14.05,0.05,164.8,39.7,53712.4,0\n"
      "a,1001,13.15,0.05,164.8,39.7,53713.4,1\n");
  ASSERT_EQ(table.objects.size(), 2u);
  EXPECT_EQ(table.objects[0].object_id, "1001");
  EXPECT_EQ(table.objects[0].dropped.quality, 1u);
}

TEST(Crts, TheCatalogueOfPeriodicVariablesIsOneLongTableWithoutHeader) {  // FM15
  SourceOptions options;
  options.format = "crts_catalog";
  const ReadTable table = read_table(
      "1109065026725,53705.501925,16.943797,0.082004,182.25871,9.76580\n"
      "1109065026725,53745.483080,16.644200,0.076903,182.25871,9.76580\n"
      "1109065026726,53745.483080,16.644200,0.076903,182.25871,9.76580\n",
      options);
  ASSERT_EQ(table.objects.size(), 2u);
  EXPECT_EQ(table.objects[0].object_id, "1109065026725");
  EXPECT_EQ(table.objects[0].light_curve.size(), 2u);
}

TEST(Aavso, ReportsInTheExtendedFormatAreRead) {  // FM22
  const SourceObject star = read_object(
      "#TYPE=EXTENDED\n#OBSCODE=ABC\n#DELIM=,\n#DATE=JD\n#OBSTYPE=CCD\n"
      "#NAME,DATE,MAG,MERR,FILT,TRANS,MTYPE,CNAME,CMAG,KNAME,KMAG,AMASS,GROUP,CHART,NOTES\n"
      "ES UMa,2461161.33,11.707,0.021,V,NO,STD,ENSEMBLE,na,na,na,1.302,na,APASS,x\n"
      "ES UMa,2461162.33,0.807,0.021,V,NO,DIF,ENSEMBLE,na,na,na,1.302,na,APASS,x\n"
      "ES UMa,2461163.33,<11.8,na,V,NO,STD,ENSEMBLE,na,na,na,1.302,na,APASS,x\n");
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.object_id, "ES UMa");
  EXPECT_EQ(star.light_curve.time, std::vector{2461161.33});
  EXPECT_EQ(star.dropped.quality, 1u);
  EXPECT_EQ(star.dropped.upper_limits, 1u);
}

TEST(Alerce, DetectionsOfSeveralSurveysAreCorrectedMagnitudes) {  // FM23
  const SourceObject star = read_object(
      "candid,oid,mjd,fid,mag,e_mag,isdiffpos,corrected,dubious,mag_corr,e_mag_corr,e_mag_corr_ext\n"
      "1,ZTF1,58300.1,1,18.1,0.1,1,True,False,17.1,0.02,0.05\n"
      "2,ZTF1,58301.1,1,18.1,0.1,1,False,False,,,\n");
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.light_curve.size(), 1u);
  EXPECT_EQ(star.dropped.quality, 1u);
}

TEST(GaiaLong, RejectionsMayBeLetters) {  // FM13
  const SourceObject star = read_object(
      "source_id,transit_id,band,time,mag,flux,flux_error,rejected_by_photometry,rejected_by_variability\n"
      "1,2,G,1756.8,13.7,61379.6,66.4,F,F\n1,3,G,1757.8,13.7,61379.6,66.4,T,F\n");
  EXPECT_EQ(star.dropped.quality, 1u);
}

}  // namespace
}  // namespace astrom3
