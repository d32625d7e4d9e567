// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "astrom3/source/source.h"
#include "source/photometry.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

using Doubles = std::vector<double>;

constexpr std::string_view kThreeRows =
    "hjd,flux,flux_err\n2457000.5,10,0.1\n2457001.25,11,0.2\n2457002.125,12.5,0.3\n";

void expect_three_rows(const SourceObject& object) {
  ASSERT_FALSE(object.rejection.has_value()) << to_string(*object.rejection);
  EXPECT_EQ(object.n_raw, 3u);
  EXPECT_EQ(object.light_curve.time, (Doubles{2457000.5, 2457001.25, 2457002.125}));
  EXPECT_EQ(object.light_curve.flux, (Doubles{10, 11, 12.5}));
  EXPECT_EQ(object.light_curve.flux_err, (Doubles{0.1, 0.2, 0.3}));
}

TEST(TextSource, ReadsTimeFluxAndErrorByName) {
  const SourceObject object = read_object(kThreeRows);
  expect_three_rows(object);
  EXPECT_EQ(object.object_id, "star");
  EXPECT_EQ(object.file, "lc/star.csv");
}

TEST(TextSource, BlankLinesBlanksAndAMissingLastNewlineDoNotMatter) {  // TX03
  const SourceObject object = read_object(
      "\n hjd , flux,flux_err \n\n2457000.5, 10 ,0.1\n   \n 2457001.25,11,0.2 \n\n2457002.125,12.5,0.3");
  expect_three_rows(object);
  EXPECT_TRUE(object.flags.has(Flag::no_final_newline));
}

TEST(TextSource, ReadsEveryKindOfLineEnd) {  // TX04
  expect_three_rows(
      read_object("hjd,flux,flux_err\r\n2457000.5,10,0.1\r\n2457001.25,11,0.2\n2457002.125,12.5,0.3\r\n"));
  const ReadTable table =
      read_table("hjd,flux,flux_err\r2457000.5,10,0.1\r2457001.25,11,0.2\r2457002.125,12.5,0.3\r");
  ASSERT_EQ(table.objects.size(), 1u);
  expect_three_rows(table.objects[0]);
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_NE(table.warnings[0].message.find("carriage return"), std::string::npos);
}

TEST(TextSource, DropsAByteOrderMark) {  // TX05
  expect_three_rows(read_object("\xef\xbb\xbf" + std::string(kThreeRows)));
}

TEST(TextSource, IgnoresOtherColumnsInAnyOrder) {  // TX10, TX11
  expect_three_rows(
      read_object("flux_err,camera,flux,note,hjd\n0.1,ba,10,>3,2457000.5\n0.2,bb,11,,2457001.25\n"
                  "0.3,bc,12.5,\"a,b\",2457002.125\n"));
}

TEST(TextSource, HeaderNamesMayDifferInCaseBlanksAndMark) {  // TX13
  expect_three_rows(
      read_object("# HJD, Flux ,FLUX_ERR\n2457000.5,10,0.1\n2457001.25,11,0.2\n2457002.125,12.5,0.3\n"));
  expect_three_rows(
      read_object("#hjd flux flux_err\n2457000.5,10,0.1\n2457001.25,11,0.2\n2457002.125,12.5,0.3\n"));
  // Under an exact "flux", "Flux" is another column.
  expect_three_rows(
      read_object("hjd,Flux,flux,flux_err\n2457000.5,x,10,0.1\n2457001.25,x,11,0.2\n"
                  "2457002.125,x,12.5,0.3\n"));
}

TEST(TextSource, ReadsQuotedFields) {  // TX17
  expect_three_rows(
      read_object("\"hjd\",\"flux\",\"flux_err\",\"note\"\n2457000.5,\"10\",0.1,\"a \"\"b\"\"\"\n"
                  "\"2457001.25\",11,0.2,\"two\nlines, one field\"\n2457002.125,12.5,0.3,\n"));
}

TEST(TextSource, ReadsSemicolonsAndTabs) {
  expect_three_rows(
      read_object("hjd;flux;flux_err\n2457000.5;10;0.1\n2457001.25;11;0.2\n2457002.125;12.5;0.3\n"));
  expect_three_rows(
      read_object("hjd\tflux\tflux_err\n2457000.5\t10\t0.1\n2457001.25\t11\t0.2\n2457002.125\t12.5\t0.3\n"));
}

TEST(TextSource, DecimalCommasAndDExponentsAreOptions) {  // TX19, TX25
  SourceOptions options;
  options.decimal = ',';
  expect_three_rows(
      read_object("hjd;flux;flux_err\n2457000,5;10;0,1\n2457001,25;11;0,2\n2457002,125;12,5;0,3\n", options));
  SourceOptions fortran;
  fortran.d_exponent = true;
  expect_three_rows(read_object(
      "hjd,flux,flux_err\n2457000.5,1D1,1d-1\n2457001.25,11,0.2\n2.457002125D6,12.5,0.3\n", fortran));
}

TEST(TextSource, SkipsCommentsEverywhere) {  // TX35
  expect_three_rows(
      read_object("# ASAS-SN SkyPatrol ID: 1\n# Gaia DR2: 2\n\n\nhjd,flux,flux_err\n2457000.5,10,0.1\n"
                  "# a remark, with commas\n2457001.25,11,0.2\n2457002.125,12.5,0.3\n# end\n"));
}

TEST(TextSource, ReadsGzipWhateverTheName) {  // TX36, TX38
  expect_three_rows(read_object(gzipped(kThreeRows)));
  expect_three_rows(read_object(gzipped(kThreeRows.substr(0, 30)) + gzipped(kThreeRows.substr(30))));
  expect_three_rows(read_object(kThreeRows, {}, "star.csv.gz"));
}

TEST(TextSource, GivesTheSameBitsPlainAndCompressed) {  // DT03
  const std::string text =
      "hjd,mag,mag_err,band\n2457000.123456789,12.3456,0.0123,V\n2457001.1,12.1,0.02,V\n";
  const SourceObject plain = read_object(text);
  const SourceObject packed = read_object(gzipped(text));
  EXPECT_EQ(plain.light_curve.flux, packed.light_curve.flux);
  EXPECT_EQ(plain.light_curve.flux_err, packed.light_curve.flux_err);
}

TEST(TextSource, NamesTheObjectAfterTheFile) {  // TX39
  EXPECT_EQ(object_id_of("dir.csv/ASASSN-V J1.dat.gz"), "ASASSN-V J1");
  EXPECT_EQ(object_id_of("a.b.csv"), "a.b");
  EXPECT_EQ(object_id_of("A.CSV.GZ"), "A");
  EXPECT_EQ(object_id_of("star"), "star");
  EXPECT_EQ(object_id_of(".csv"), ".csv");
  EXPECT_EQ(object_id_of("-star.txt"), "-star");
  EXPECT_EQ(object_id_of("new\nline.csv"), "new\nline");
  EXPECT_EQ(object_id_of("caf\xe9.csv"), "caf\\xe9");
}

// ---- magnitudes, fluxes, zero points ----

TEST(Photometry, MagnitudeZeroIsTheZeroPoint) {
  const FluxWithError f = flux_from_magnitude(0, 0.1, 3631);
  EXPECT_DOUBLE_EQ(f.flux, 3631e3);
  EXPECT_DOUBLE_EQ(f.flux_err, 0.4 * std::log(10.0) * 3631e3 * 0.1);
  EXPECT_DOUBLE_EQ(flux_from_magnitude(27.5, 0, 3631).flux, mjy_per_unit(FluxUnit::AB27_5));
}

TEST(Photometry, BandsAreKnownByExactName) {
  EXPECT_EQ(default_zero_point_jy("V"), 3836.3);
  EXPECT_EQ(default_zero_point_jy("g"), 3631.0);
  EXPECT_EQ(default_zero_point_jy("zr"), 3631.0);
  for (const char* unknown : {"", "v", "G", "B", "I", "clear"}) {
    EXPECT_EQ(default_zero_point_jy(unknown), std::nullopt) << unknown;
  }
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

TEST(TextSource, AGivenZeroPointWinsOverTheBand) {
  SourceOptions options;
  options.band = "V";
  options.zero_point_jy = 1000;
  EXPECT_NEAR(read_object("hjd,mag,mag_err\n1,10,0.02\n", options).light_curve.flux[0], 100, 1e-11);
}

TEST(TextSource, MagnitudesOfAnUnknownBandNeedAZeroPoint) {
  for (const char* text : {"hjd,mag,mag_err\n1,10,0.02\n", "hjd,mag,mag_err,band\n1,10,0.02,I\n"}) {
    const Diagnostic rejection = read_rejection(text);
    EXPECT_EQ(rejection.code, Status::no_zero_point) << text;
    EXPECT_NE(to_string(rejection.hint).find("zero-point"), std::string::npos) << text;
  }
  EXPECT_NE(to_string(read_rejection("hjd,mag,mag_err\n1,10,0.02\n").hint).find("band"), std::string::npos);
}

TEST(TextSource, AnUnknownBandCostsOnlyItsObject) {
  const ReadTable table =
      read_table("object_id,hjd,mag,mag_err,band\na,1,10,0.1,V\nb,1,10,0.1,I\nb,2,11,0.1,I\nc,1,10,0.1,g\n");
  ASSERT_EQ(table.objects.size(), 3u);
  EXPECT_FALSE(table.objects[0].rejection.has_value());
  EXPECT_EQ(table.objects[1].rejection->code, Status::no_zero_point);
  EXPECT_EQ(table.objects[1].n_raw, 2u);
  EXPECT_FALSE(table.objects[2].rejection.has_value());
}

TEST(TextSource, FluxIsPreferredToMagnitude) {  // LC33
  const SourceObject object = read_object(
      "hjd,mag,mag_err,flux,flux_err\n2457000.5,>14,99.99,10,0.1\n2457001.25,12,NA,11,0.2\n"
      "2457002.125,x,,12.5,0.3\n");
  expect_three_rows(object);
}

TEST(TextSource, MagnitudesAskedForByNameAreRead) {
  SourceOptions options;
  options.band = "V";
  options.columns = {{"mag", "MAG"}};
  const SourceObject object = read_object("hjd,MAG,mag_err,flux,flux_err\n1,10,0.1,3,1\n", options);
  EXPECT_NEAR(object.light_curve.flux[0], 383.63, 1e-10);
}

TEST(TextSource, FluxUnitsBecomeMillijansky) {
  SourceOptions options;
  options.flux_unit = FluxUnit::uJy;
  const SourceObject object = read_object("mjd,flux,flux_err\n1,2500,10\n", options);
  EXPECT_DOUBLE_EQ(object.light_curve.flux[0], 2.5);
  EXPECT_DOUBLE_EQ(object.light_curve.flux_err[0], 0.01);
}

TEST(TextSource, FluxesThatLookLikeMagnitudesAreFlagged) {  // LC33
  EXPECT_TRUE(
      read_object("hjd,flux,flux_err\n1,12.1,0.02\n2,12.3,0.03\n").flags.has(Flag::looks_like_magnitudes));
  EXPECT_FALSE(
      read_object("hjd,flux,flux_err\n1,12.1,0.02\n2,32.3,0.03\n").flags.has(Flag::looks_like_magnitudes));
  EXPECT_FALSE(
      read_object("hjd,flux,flux_err\n1,12.1,1.02\n2,12.3,0.03\n").flags.has(Flag::looks_like_magnitudes));
  EXPECT_FALSE(read_object("hjd,flux,flux_err,mag\n1,12.1,0.02,13.7\n2,12.3,0.03,13.7\n")
                   .flags.has(Flag::looks_like_magnitudes));
  SourceOptions options;
  options.band = "V";
  EXPECT_FALSE(
      read_object("hjd,mag,mag_err\n1,12,0.02\n2,13,0.02\n", options).flags.has(Flag::looks_like_magnitudes));
}

// ---- bands ----

constexpr std::string_view kTwoBands = "mjd,mag,magerr,filter\n1,10,0.1,V\n2,11,0.1,g\n3,12,0.1,V\n";

TEST(TextSource, TwoBandsInOneObjectAreRejected) {  // LC38
  const Diagnostic rejection = read_rejection(kTwoBands);
  EXPECT_EQ(rejection.code, Status::mixed_bands);
  EXPECT_EQ(rejection.line, 3);
  EXPECT_EQ(rejection.field, 4);
  EXPECT_EQ(rejection.column, "filter");
  EXPECT_NE(to_string(rejection.hint).find("band"), std::string::npos);
}

TEST(TextSource, ABandIsSelectedWhereThereIsAColumn) {  // LC38
  SourceOptions options;
  options.band = "V";
  const SourceObject object = read_object(kTwoBands, options);
  EXPECT_FALSE(object.rejection.has_value());
  EXPECT_EQ(object.light_curve.time, (Doubles{1, 3}));
  EXPECT_EQ(object.n_raw, 2u);
  EXPECT_EQ(object.dropped.other_bands, 1u);
  EXPECT_FALSE(object.flags.has(Flag::points_dropped));
}

TEST(TextSource, AnObjectWithoutTheSelectedBandHasNoPoints) {
  SourceOptions options;
  options.band = "i";
  const Diagnostic rejection = read_rejection(kTwoBands, options);
  EXPECT_EQ(rejection.code, Status::no_points);
  EXPECT_NE(rejection.message.find("\"i\""), std::string::npos);
}

TEST(TextSource, OtherBandsMayHoldAnything) {
  SourceOptions options;
  options.band = "V";
  EXPECT_FALSE(read_object("mjd,mag,magerr,filter\n1,10,0.1,V\n2,>11,NA,g\n", options).rejection.has_value());
}

// ---- several files ----

std::vector<SourceObject> read_files(std::vector<std::filesystem::path> files,
                                     const SourceOptions& options = {},
                                     std::vector<Diagnostic>* warnings = nullptr) {
  const auto source = open_source(std::move(files), options);
  std::vector<SourceObject> objects;
  for (SourceObject object; source->next(object);) objects.push_back(object);
  EXPECT_EQ(source->bytes_read(), source->bytes_total());
  if (warnings != nullptr) *warnings = source->take_warnings();
  return objects;
}

TEST(OpenSource, ReadsFilesInOrder) {
  const TemporaryFolder folder;
  const auto objects = read_files(
      {write_file(folder / "b.csv", kThreeRows), write_file(folder / "-a.csv", gzipped(kThreeRows))});
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(objects[0].object_id, "b");
  EXPECT_EQ(objects[1].object_id, "-a");
  expect_three_rows(objects[1]);
}

TEST(OpenSource, AFileThatCannotBeReadIsOneRejectedObject) {  // TX40
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "folder.csv");
  const auto objects =
      read_files({folder / "gone.csv", folder / "folder.csv", write_file(folder / "good.csv", kThreeRows)});
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_EQ(objects[0].object_id, "gone");
  EXPECT_EQ(objects[0].rejection->code, Status::io_error);
  EXPECT_NE(objects[0].rejection->message.find("No such file"), std::string::npos);
  EXPECT_EQ(objects[1].rejection->code, Status::io_error);
  EXPECT_NE(objects[1].rejection->message.find("directory"), std::string::npos);
  expect_three_rows(objects[2]);
}

TEST(OpenSource, AFileWrittenToWhileItIsReadIsNotTrusted) {  // TX40
  const TemporaryFolder folder;
  const auto file = write_file(folder / "live.csv", kThreeRows);
  ByteReader reader = ByteReader::open(file);
  std::array<char, 10> some{};
  ASSERT_EQ(reader.read(some), some.size());
  write_file(file, std::string(kThreeRows) + "2457003.5,10,0.1\n");
  std::string rest(1000, '\0');
  EXPECT_NO_THROW(reader.read(rest));
  EXPECT_THROW(reader.read(rest), Error);
  write_file(file, "hjd");
  reader = reader.from_start();
  EXPECT_THROW(reader.read(rest), Error);
}

TEST(OpenSource, AnIdInTwoFilesIsAWarningOrARejection) {  // PQ14
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "sub");
  const std::vector files{write_file(folder / "a.csv", kThreeRows),
                          write_file(folder / "sub" / "a.csv", kThreeRows)};
  std::vector<Diagnostic> warnings;
  EXPECT_FALSE(read_files(files, {}, &warnings)[1].rejection.has_value());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].code, Status::duplicate_id);
  EXPECT_EQ(warnings[0].object_id, "a");
  SourceOptions options;
  options.unique_ids = true;
  const auto objects = read_files(files, options);
  EXPECT_FALSE(objects[0].rejection.has_value());
  EXPECT_EQ(objects[1].rejection->code, Status::duplicate_id);
  EXPECT_EQ(objects[1].light_curve.size(), 0u);
}

TEST(OpenSource, WarningsAboutManyFilesAreBounded) {
  const TemporaryFolder folder;
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < 150; ++i) {
    files.push_back(write_file(folder / ("s" + std::to_string(i) + ".csv"), "hjd,flux,flux_err\r1,2,3\r"));
  }
  std::vector<Diagnostic> warnings;
  EXPECT_EQ(read_files(files, {}, &warnings).size(), 150u);
  ASSERT_EQ(warnings.size(), 2u);  // one thing is said once
  EXPECT_NE(warnings.back().message.find("149 more files"), std::string::npos);
}

TEST(OpenSource, OptionsThatMakeNoSenseAreUsageErrors) {
  const auto usage = [](auto change) {
    SourceOptions options;
    change(options);
    try {
      open_source({}, options);
    } catch (const Error& error) {
      return error.code() == Status::usage;
    }
    return false;
  };
  EXPECT_TRUE(usage([](SourceOptions& o) { o.columns = {{"magnitude", "m"}}; }));
  EXPECT_TRUE(usage([](SourceOptions& o) { o.columns = {{"mag", " "}}; }));
  EXPECT_TRUE(usage([](SourceOptions& o) { o.zero_point_jy = -1; }));
  EXPECT_TRUE(usage([](SourceOptions& o) { o.missing_error = NAN; }));
  EXPECT_TRUE(usage([](SourceOptions& o) { o.decimal = ';'; }));
  EXPECT_FALSE(usage([](SourceOptions&) {}));
}

}  // namespace
}  // namespace astrom3
