// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "source/survey_formats.h"
#include "tests/base/rejection.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

SourceOptions in_band(const std::string& band) {
  SourceOptions options;
  if (band == "split") {
    options.split_bands = true;
  } else {
    options.band = band;
  }
  return options;
}

SourceOptions of_format(const std::string& format, const std::string& band = {}) {
  SourceOptions options = in_band(band);
  options.format = format;
  return options;
}

constexpr const char* kSkyPatrol2 =
    "# ASAS-SN SkyPatrol ID: 68720274411\n# Gaia DR2: 524241032396352768\n\n\n"
    "JD,Flux,Flux Error,Mag,Mag Error,Limit,FWHM,Filter,Quality,Camera\n"
    "2457008.7667359,30.1081,0.0634,12.7631,0.0023,17.7077,1.79,V,G,ba\n"
    "2457009.7667359,30.5081,0.0634,12.7531,0.0023,17.7077,1.79,V,B,ba\n"
    "2457010.7667359,14.3293,99.9900,13.5095,0.0100,99.9900,1.44,V,G,bm\n"
    "2457011.7667359,-32.4655,0.3780,15.7090,99.9990,15.7090,1.40,V,G,bl\n"
    "2457012.7667359,31.0000,0.0634,12.7431,0.0023,17.7077,1.79,V,U,ba\n"
    "2458511.7501379,20.8931,0.1000,13.1001,0.0100,17.9900,1.46,g,G,bk\n";

TEST(SkyPatrol2, DropsNonDetectionsSentinelsAndBadImagesAndCountsEach) {  // FM04
  const ReadTable table = read_table(kSkyPatrol2, in_band("V"));
  EXPECT_EQ(table.format, "skypatrol2");
  ASSERT_EQ(table.objects.size(), 1u);
  const SourceObject& star = table.objects[0];
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.light_curve.flux, (std::vector{30.1081, 31.0}));
  EXPECT_EQ(star.n_raw, 5u);
  EXPECT_EQ(star.dropped.quality, 1u);
  EXPECT_EQ(star.dropped.null_values, 1u);
  EXPECT_EQ(star.dropped.upper_limits, 1u);
  EXPECT_EQ(star.dropped.other_bands, 1u);
  EXPECT_TRUE(star.flags.has(Flag::points_dropped));
}

TEST(SkyPatrol2, SplitsIntoOneObjectForEveryBand) {  // FM04
  const ReadTable table = read_table(kSkyPatrol2, in_band("split"), "68720274411-light-curves.csv");
  ASSERT_EQ(table.objects.size(), 2u);
  EXPECT_EQ(table.objects[0].object_id, "68720274411-light-curves:V");
  EXPECT_EQ(table.objects[0].light_curve.size(), 2u);
  EXPECT_EQ(table.objects[1].object_id, "68720274411-light-curves:g");
  EXPECT_EQ(table.objects[1].light_curve.flux, std::vector{20.8931});
}

TEST(SkyPatrol2, RefusesTwoBandsWhenNoneIsChosen) {
  EXPECT_EQ(read_rejection(kSkyPatrol2).code, Status::mixed_bands);
}

TEST(SkyPatrol1, DropsLimitsAndReadsFluxInMillijansky) {  // FM03
  const SourceObject star = read_object(
      "HJD,UT Date,Camera,FWHM,Limit,mag,mag_err,flux(mJy),flux_err,Filter\n"
      "2458002.51020,2017-09-06.0112978,be,2.03,14.814,>14.814,99.990,4.020,0.911,V\n"
      "2458003.51020,2017-09-07.0112978,be,2.03,16.814,14.0,0.02,9.640,0.178,V\n");
  EXPECT_EQ(star.light_curve.flux, std::vector{9.640});
  EXPECT_EQ(star.dropped.upper_limits, 1u);
}

TEST(Pyasassn, IsALongTableByItsId) {  // FM05
  const ReadTable table = read_table(
      "# \"asas_sn_id\":12702,\"name\":\"VX Men\"\n"
      "jd,flux,flux_err,mag,mag_err,limit,fwhm,cam,asas_sn_id\n"
      "2458515.6,24.3,0.09,12.9,0.004,17.2,1.44,bi,12702\n"
      "2458516.6,18.7,0.07,13.2,0.004,17.4,1.37,bi,12703\n"
      "2458517.6,2.7,1.07,15.2,99.99,15.4,1.37,bi,12702\n");
  EXPECT_EQ(table.format, "pyasassn");
  ASSERT_EQ(table.objects.size(), 2u);
  EXPECT_EQ(table.objects[0].object_id, "12702");
  EXPECT_EQ(table.objects[0].light_curve.size(), 1u);
  EXPECT_EQ(table.objects[0].dropped.upper_limits, 1u);
}

TEST(AsassnDatabase, IsKnownByItsColumns) {  // FM02
  const ReadTable table = read_table(
      "hjd,camera,mag,mag_err,flux,flux_err\n2457981.84031,bc,11.221,0.02,124.549,2.292\n"
      "2457980.84031,bc,99.990,99.99,0.549,2.292\n");
  EXPECT_EQ(table.format, "asassn");
  EXPECT_EQ(table.objects.at(0).light_curve.flux, std::vector{124.549});
  EXPECT_EQ(table.objects.at(0).dropped.upper_limits, 1u);
}

constexpr const char* kZtf =
    "oid,expid,hjd,mjd,mag,magerr,catflags,filtercode,ra,dec\n"
    "1,9,2458300.5,58300.0,16.0,0.02,0,zg,10.1,5.2\n"
    "1,9,2458301.5,58301.0,16.5,0.02,32768,zg,10.1,5.2\n"
    "1,9,2458302.5,58302.0,16.5,0.02,0x8000,zg,10.1,5.2\n"
    "1,9,2458303.5,58303.0,16.5,0.02,2,zg,10.1,5.2\n"
    "2,9,2458303.5,58303.0,15.0,0.02,0,zr,10.1,5.2\n";

TEST(Ztf, KeepsCleanObservationsAndConvertsAbMagnitudes) {  // FM06
  const ReadTable table = read_table(kZtf);
  EXPECT_EQ(table.format, "ztf");
  ASSERT_EQ(table.objects.size(), 2u);
  const SourceObject& star = table.objects[0];
  EXPECT_EQ(star.object_id, "1");
  EXPECT_EQ(star.light_curve.time, std::vector{2458300.5});  // HJD, not MJD
  // Closed form: 3631 Jy * 10^(-0.4 * 16) in mJy.
  EXPECT_NEAR(star.light_curve.flux.at(0), 3631e3 * std::pow(10, -6.4), 1e-12);
  EXPECT_EQ(star.dropped.quality, 3u);
}

TEST(Ztf, QualityMaskChoosesTheBitsThatDrop) {  // FM06
  SourceOptions options;
  options.quality_mask = 32768;
  EXPECT_EQ(read_table(kZtf, options).objects.at(0).light_curve.size(), 2u);
  options.quality_mask = 0;
  EXPECT_EQ(read_table(kZtf, options).objects.at(0).light_curve.size(), 4u);
}

TEST(ZtfForced, ReadsBlankSeparatedRowsUnderACommaHeaderAndItsZeroPoints) {  // FM08
  const ReadTable table = read_table(
      "# Order of columns below:\n"
      " index, field, filter, infobitssci, zpdiff, jd, forcediffimflux, forcediffimfluxunc, procstatus\n#\n"
      " 0 574 ZTF_g 0 26.3699 2459250.87 12.5 29.5 0\n"
      " 1 574 ZTF_g 33554432 26.3699 2459251.87 12.5 29.5 0\n"
      " 2 574 ZTF_g 0 26.3699 2459252.87 null null 56\n"
      "# ----END----\n");
  EXPECT_EQ(table.format, "ztf_forced");
  const SourceObject& star = table.objects.at(0);
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_NEAR(star.light_curve.flux.at(0), 12.5 * 3631e3 * std::pow(10, -0.4 * 26.3699), 1e-14);
  EXPECT_EQ(star.dropped.quality, 1u);
  EXPECT_EQ(star.dropped.missing, 1u);
}

TEST(Alerce, TakesCorrectedMagnitudesAndNamesBandsByTheirFilterNumber) {  // FM23
  const ReadTable table = read_table(
      "mjd,candid,fid,magpsf,magpsf_corr,sigmapsf,sigmapsf_corr,corrected,dubious\n"
      "58277.37,\"523370271015010017\",1,19.683,18.267,0.08,0.0106,true,false\n"
      "58278.37,\"523370271015010018\",2,19.683,18.0,0.08,0.0106,true,false\n"
      "58279.37,\"523370271015010019\",2,19.683,\"\",0.08,\"\",false,false\n",
      in_band("zr"));
  EXPECT_EQ(table.format, "alerce");
  const SourceObject& star = table.objects.at(0);
  EXPECT_NEAR(star.light_curve.flux.at(0), 3631e3 * std::pow(10, -7.2), 1e-9);
  EXPECT_EQ(star.dropped.quality, 1u);
  EXPECT_EQ(star.dropped.other_bands, 1u);
}

constexpr const char* kGaiaWide =
    "solution_id,source_id,transit_id,g_transit_time,g_transit_flux,g_transit_flux_error,g_transit_mag,"
    "bp_obs_time,bp_flux,bp_flux_error,rp_obs_time,rp_flux,rp_flux_error,variability_flag_g_reject,"
    "variability_flag_bp_reject,variability_flag_rp_reject\n"
    "1,4066,17,1705.9,5000,10,16.4,1705.91,2000,20,1705.92,3000,30,false,false,false\n"
    "1,4066,18,1706.9,5100,10,16.4,1706.91,,,1706.92,3100,30,true,false,false\n";

TEST(Gaia, ReadsTheBandAskedForFromARowOfThree) {  // FM12
  const ReadTable table = read_table(kGaiaWide, in_band("G"));
  EXPECT_EQ(table.format, "gaia");
  const SourceObject& star = table.objects.at(0);
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.object_id, "4066");
  EXPECT_EQ(star.light_curve.time, std::vector{1705.9});
  // 1 e-/s is magnitude 25.8010446445 (AB).
  EXPECT_NEAR(star.light_curve.flux.at(0) / (5000 * 3631e3 * std::pow(10, -0.4 * 25.8010446445)), 1, 1e-7);
  EXPECT_EQ(star.dropped.quality, 1u);
}

TEST(Gaia, SplitsARowIntoThreeBandsAndCountsWhatIsNull) {  // FM12
  const ReadTable table = read_table(kGaiaWide, in_band("split"));
  ASSERT_EQ(table.objects.size(), 3u);
  EXPECT_EQ(table.objects[1].object_id, "4066:BP");
  EXPECT_EQ(table.objects[1].light_curve.size(), 1u);
  EXPECT_EQ(table.objects[1].dropped.missing, 1u);
  EXPECT_EQ(table.objects[2].light_curve.time, (std::vector{1705.92, 1706.92}));
}

TEST(Gaia, SaysWhichBandsThereAreWhenNoneIsChosen) {
  const Diagnostic rejection = read_rejection(kGaiaWide);
  EXPECT_EQ(rejection.code, Status::mixed_bands);
  EXPECT_NE(rejection.message.find("G, BP, RP"), std::string::npos) << rejection.message;
}

TEST(GaiaLong, DropsWhatPhotometryOrVariabilityRejected) {  // FM13
  const ReadTable table = read_table(
      "source_id,transit_id,band,time,mag,flux,flux_error,flux_over_error,rejected_by_photometry,"
      "rejected_by_variability,other_flags,solution_id\n"
      "4066,17,G,1705.9,16.4,5000,10,500,false,false,1,1\n"
      "4066,18,G,1706.9,16.4,5000,10,500,true,false,1,1\n"
      "4066,19,G,1707.9,16.4,5000,10,500,false,True,1,1\n"
      "4066,20,RP,1708.9,16.4,5000,10,500,false,false,1,1\n",
      in_band("G"));
  EXPECT_EQ(table.format, "gaia_long");
  EXPECT_EQ(table.objects.at(0).light_curve.size(), 1u);
  EXPECT_EQ(table.objects.at(0).dropped.quality, 2u);
}

TEST(Atlas, ReadsMicrojanskyAndKeepsNegativeFlux) {  // FM14
  const ReadTable table = read_table(
      "###MJD          m      dm   uJy   duJy F err chi/N   RA       Dec        x        y     maj  min   "
      "phi  "
      "apfit mag5sig Sky   Obs\n"
      "57230.60 16.0 0.02 1445.0 26.0 o 0 1.2 10.1 5.2 100.0 200.0 2.5 2.3 10.0 -0.4 19.2 20.1 01a\n"
      "57231.60 -20.0 0.02 -14.0 26.0 o 0 1.2 10.1 5.2 100.0 200.0 2.5 2.3 10.0 -0.4 19.2 20.1 01a\n"
      "57232.60 16.0 0.02 1445.0 26.0 o 1 1.2 10.1 5.2 100.0 200.0 2.5 2.3 10.0 -0.4 19.2 20.1 01a\n"
      "57233.60 16.0 0.02 1445.0 4000.0 o 0 1.2 10.1 5.2 100.0 200.0 2.5 2.3 10.0 -0.4 19.2 20.1 01a\n"
      "57234.60 16.0 0.02 1445.0 26.0 o 0 900 10.1 5.2 100.0 200.0 2.5 2.3 10.0 -0.4 19.2 20.1 01a\n");
  EXPECT_EQ(table.format, "atlas");
  const SourceObject& star = table.objects.at(0);
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.light_curve.flux, (std::vector{1445.0 * 1e-3, -14.0 * 1e-3}));
  EXPECT_EQ(star.dropped.quality, 3u);
}

TEST(Crts, IsVAndALongTable) {  // FM15
  const ReadTable table = read_table(
      "MasterID,Mag,Magerr,RA,Decl,MJD,Blend\n1140046004742,13.05,0.05,164.84942,39.73488,53712.41388,0\n"
      "1140046004742,13.05,0.05,164.84942,39.73488,53713.41388,1\n");
  EXPECT_EQ(table.format, "crts");
  const SourceObject& star = table.objects.at(0);
  EXPECT_EQ(star.object_id, "1140046004742");
  EXPECT_NEAR(star.light_curve.flux.at(0), 3836.3e3 * std::pow(10, -5.22), 1e-9);
  EXPECT_EQ(star.dropped.quality, 1u);
}

constexpr const char* kAsas3 =
    "#ndata= 3\n#dataset= 1 ; 1 F2120-59_220\n#desig= 212003-5930.7\n"
    "#     HJD      MAG_0  MAG_1  MER_0 MER_1 GRADE FRAME\n"
    " 1868.88123  11.250 11.200 0.040 0.035  A   1234\n"
    " 1869.88123  29.999 11.200 0.040 0.035  A   1235\n"
    " 1870.88123  11.250 29.999 0.040 0.035  D   1236\n"
    "#dataset= 2 ; 1 F2120-59_221\n"
    " 1871.88123  11.350 11.300 0.040 0.035  B   1237\n";

TEST(Asas3, KeepsGradesAAndBAndDropsTheSentinel) {  // FM16
  const ReadTable table = read_table(kAsas3);
  EXPECT_EQ(table.format, "asas3");
  const SourceObject& star = table.objects.at(0);
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.light_curve.time, (std::vector{1868.88123, 1871.88123}));
  EXPECT_EQ(star.dropped.null_values, 1u);
  EXPECT_EQ(star.dropped.quality, 1u);
}

TEST(Asas3, ReadsAnotherApertureByName) {  // FM16
  SourceOptions options;
  options.columns = {{"mag", "MAG_1"}, {"mag_err", "MER_1"}};
  const SourceObject star = read_object(kAsas3, options);
  EXPECT_EQ(star.light_curve.time, (std::vector{1868.88123, 1869.88123, 1871.88123}));
}

TEST(Aavso, DropsLimitsAndObservationsWithoutAnError) {  // FM22
  const std::string text =
      "JD\tMagnitude\tUncertainty\tHQuncertainty\tBand\tObserver Code\tValidation Flag\n"
      "2458000.5\t12.1\t0.01\t\tV\tABC\tV\n2458001.5\t<14.2\t\t\tV\tABC\tV\n2458002.5\t12.2\t\t\tV\tABC\tV\n"
      "2458003.5\t12.3\t0.02\t\tV\tABC\tT\n2458004.5\t12.3\t0.02\t\tVis.\tABC\tV\n";
  const ReadTable table = read_table(text, in_band("V"));
  EXPECT_EQ(table.format, "aavso");
  const SourceObject& star = table.objects.at(0);
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.light_curve.size(), 1u);
  EXPECT_EQ(star.dropped.upper_limits, 1u);
  EXPECT_EQ(star.dropped.missing, 1u);
  EXPECT_EQ(star.dropped.quality, 1u);
  SourceOptions options = in_band("V");
  options.missing_error = 0.1;
  const SourceObject more = read_object(text, options);
  EXPECT_EQ(more.light_curve.size(), 2u);
  EXPECT_TRUE(more.flags.has(Flag::error_assumed));
}

constexpr const char* kHeaderless = "2127.69172 13.245 0.004\n2130.68758 13.240 0.004\n";

TEST(Headerless, NeedsAFormatOrColumnsAndSaysSo) {
  const Diagnostic rejection = read_rejection(kHeaderless);
  EXPECT_EQ(rejection.code, Status::bad_header);
  EXPECT_NE(to_string(rejection.hint).find("columns="), std::string::npos);
  EXPECT_NE(to_string(rejection.hint).find("format="), std::string::npos);
}

TEST(Headerless, OgleIsTheIBandUnlessDeclaredOtherwise) {  // FM09
  const SourceObject star = read_object(kHeaderless, of_format("ogle"));
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_NEAR(star.light_curve.flux.at(0), 2416e3 * std::pow(10, -0.4 * 13.245), 1e-9);
  const SourceObject visual = read_object(kHeaderless, of_format("ogle", "V"));
  EXPECT_NEAR(visual.light_curve.flux.at(0), 3836.3e3 * std::pow(10, -0.4 * 13.245), 1e-9);
}

TEST(Headerless, MachoIsInstrumentalAndNeedsAZeroPoint) {  // FM10, FM11
  const std::string text = std::string("# 1.3319.11\n# MACHO\n# MJD Mag Err\n") + kHeaderless;
  EXPECT_EQ(read_rejection(text, of_format("macho")).code, Status::no_zero_point);
  SourceOptions options = of_format("macho");
  options.zero_point_jy = 3000;
  EXPECT_EQ(read_object(text, options).light_curve.size(), 2u);
  EXPECT_EQ(read_object(kHeaderless, of_format("linear")).light_curve.size(), 2u);
}

TEST(Format, CsvTurnsTheSurveysOff) {
  const SourceObject star = read_object(kSkyPatrol2, [] {
    SourceOptions options = of_format("csv", "V");
    options.columns = {{"time", "JD"}, {"flux", "Flux"}, {"flux_err", "Flux Error"}};
    return options;
  }());
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.light_curve.size(), 5u);
}

TEST(Format, NamedAndNotFoundListsTheColumnsItNeeds) {
  const Diagnostic rejection = read_rejection("time,flux,flux_err\n1,2,3\n", of_format("ztf"));
  EXPECT_EQ(rejection.code, Status::bad_header);
  EXPECT_NE(rejection.message.find("catflags"), std::string::npos) << rejection.message;
}

TEST(Format, UnknownNamesAreAUsageErrorWithTheNearest) {
  try {
    check_format_option(of_format("skypatrol3"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::usage);
    EXPECT_NE(error.diagnostic().hint.text.find("skypatrol"), std::string::npos);
  }
}

TEST(SurveyFormats, AreToldApartByTheirColumns) {
  for (const SurveyFormat& format : survey_formats()) {
    if (format.signature.empty()) continue;
    std::vector<std::string> names;
    std::string_view rest = format.signature;
    while (!rest.empty()) {
      const std::string_view several = rest.substr(0, rest.find('|'));
      names.emplace_back(several.substr(0, several.find(',')));
      rest.remove_prefix(std::min(rest.size(), several.size() + 1));
    }
    EXPECT_EQ(recognise_survey(names), &format) << format.name;
  }
}

TEST(SplitBands, KeepsABadBandApartFromTheGoodOnes) {
  const ReadTable table =
      read_table("object_id,hjd,mag,magerr,band\na,1,12,0.1,V\nb,1,12,0.1,V\na,1,x,0.1,g\na,2,12,0.1,V\n",
                 in_band("split"));
  ASSERT_EQ(table.objects.size(), 3u);
  EXPECT_EQ(table.objects[0].object_id, "a:V");
  EXPECT_EQ(table.objects[0].light_curve.size(), 2u);
  EXPECT_EQ(table.objects[1].object_id, "a:g");
  ASSERT_TRUE(table.objects[1].rejection.has_value());
  EXPECT_EQ(table.objects[1].rejection->object_id, "a:g");
  EXPECT_EQ(table.objects[2].object_id, "b:V");
}

TEST(SplitBands, ARowThatCannotBeReadRejectsItsObjectOnce) {
  const ReadTable table =
      read_table("object_id,hjd,mag,magerr,band\na,1,12,0.1,V\na,1,12,g\na,2,12,0.1,V\n", in_band("split"));
  ASSERT_EQ(table.objects.size(), 1u);
  EXPECT_EQ(table.objects[0].object_id, "a");
  EXPECT_EQ(table.objects[0].rejection.value_or(Diagnostic{}).code, Status::field_count);
  EXPECT_EQ(table.objects[0].n_raw, 3u);
}

}  // namespace
}  // namespace astrom3
