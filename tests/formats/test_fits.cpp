// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "formats/fits.h"
#include "source/fits_source.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"
#include "tests/formats/fits_bytes.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<SourceObject> read_fits(std::string_view bytes, const SourceOptions& options = {}) {
  FitsSource source(ByteReader::in_memory(bytes), "lc/tess1.fits", options);
  std::vector<SourceObject> objects;
  for (SourceObject object; source.next(object);) objects.push_back(object);
  return objects;
}

Diagnostic rejection_of_fits(std::string_view bytes, const SourceOptions& options = {}) {
  const auto objects = read_fits(bytes, options);
  EXPECT_EQ(objects.size(), 1u);
  if (objects.empty() || !objects[0].rejection.has_value()) return {};
  EXPECT_EQ(objects[0].object_id, "tess1");
  return *objects[0].rejection;
}

const std::vector<FitsColumnText> kTessColumns{{"TIME", "D", {{"TUNIT", "'BJD - 2457000, days'"}}},
                                               {"CADENCENO", "J", {}},
                                               {"PDCSAP_FLUX", "E", {}},
                                               {"PDCSAP_FLUX_ERR", "E", {}},
                                               {"QUALITY", "J", {}}};
constexpr std::size_t kTessRow = 8 + 4 + 4 + 4 + 4;

std::string tess_row(double time, float flux, float error, std::int32_t quality) {
  return big_endian_bytes(time) + big_endian_bytes<std::int32_t>(7) + big_endian_bytes(flux) +
         big_endian_bytes(error) + big_endian_bytes(quality);
}

std::string tess_rows() {
  return tess_row(1325.25, 1000.0f, 2.0f, 0) + tess_row(kNan, 1001.0f, 2.0f, 0) +
         tess_row(1325.75, 1002.0f, 2.0f, 128) + tess_row(1326.25, 1003.0f, 2.0f, 0);
}

std::string tess_file(FitsCards cards = table_cards(kTessColumns, kTessRow, 4)) {
  return fits_primary() + fits_header(cards) + padded(tess_rows(), '\0') +
         fits_header({{"XTENSION", "'IMAGE   '"},
                      {"BITPIX", "32"},
                      {"NAXIS", "2"},
                      {"NAXIS1", "3"},
                      {"NAXIS2", "3"},
                      {"EXTNAME", "'APERTURE'"}}) +
         padded(std::string(36, '\0'), '\0');
}

/// The cards of the table with the value of `keyword` replaced.
FitsCards with(const std::string& keyword, const std::string& value) {
  FitsCards cards = table_cards(kTessColumns, kTessRow, 4);
  for (auto& [key, text] : cards) {
    if (key == keyword) text = value;
  }
  return cards;
}

TEST(Fits, ReadsATessLightCurveAndDropsGapsAndFlags) {  // FI07, FI08, FM18
  const auto objects = read_fits(tess_file());
  ASSERT_EQ(objects.size(), 1u);
  const SourceObject& star = objects[0];
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.object_id, "tess1");
  EXPECT_EQ(star.light_curve.time, (std::vector{1325.25, 1326.25}));
  // T = 20.44 is 1 electron/s, T = 0 is 2416 Jy.
  EXPECT_NEAR(star.light_curve.flux.at(0) / (1000 * 2416e3 * std::pow(10, -0.4 * 20.44)), 1, 1e-7);
  EXPECT_EQ(star.n_raw, 4u);
  EXPECT_EQ(star.dropped.missing, 1u);
  EXPECT_EQ(star.dropped.quality, 1u);
}

TEST(Fits, GivesTheSameBitsAsText) {  // DT03
  const std::vector<FitsColumnText> columns{{"time", "D", {}}, {"flux", "D", {}}, {"flux_err", "D", {}}};
  std::string rows;
  std::string text = "time,flux,flux_err\n";
  for (int i = 0; i < 40; ++i) {
    const double t = 2457000.123456789 + 1.1 * i;
    const double f = 40 + 3 * std::sin(t);
    rows += big_endian_bytes(t) + big_endian_bytes(f) + big_endian_bytes(0.1 + 0.01 * i);
    text += fmt::format("{},{},{}\n", t, f, 0.1 + 0.01 * i);
  }
  const auto objects =
      read_fits(fits_primary() + fits_header(table_cards(columns, 24, 40)) + padded(rows, '\0'));
  const SourceObject from_text = read_object(text);
  EXPECT_EQ(objects.at(0).light_curve.time, from_text.light_curve.time);
  EXPECT_EQ(objects.at(0).light_curve.flux, from_text.light_curve.flux);
  EXPECT_EQ(objects.at(0).light_curve.flux_err, from_text.light_curve.flux_err);
}

TEST(Fits, QualityMaskChoosesTheBits) {  // FI08
  SourceOptions options;
  options.quality_mask = 1;
  EXPECT_EQ(read_fits(tess_file(), options).at(0).light_curve.size(), 3u);
}

TEST(Fits, ReadsAKeplerLightCurveByItsOwnQualityColumn) {  // FM17
  const std::vector<FitsColumnText> columns{{"TIME", "D", {}},
                                            {"TIMECORR", "E", {}},
                                            {"CADENCENO", "J", {}},
                                            {"SAP_FLUX", "E", {}},
                                            {"SAP_FLUX_ERR", "E", {}},
                                            {"PDCSAP_FLUX", "E", {}},
                                            {"PDCSAP_FLUX_ERR", "E", {}},
                                            {"SAP_QUALITY", "J", {}}};
  const auto row = [](double time, float flux, std::int32_t quality) {
    return big_endian_bytes(time) + big_endian_bytes(0.0f) + big_endian_bytes<std::int32_t>(7) +
           big_endian_bytes(1.0f) + big_endian_bytes(1.0f) + big_endian_bytes(flux) + big_endian_bytes(2.0f) +
           big_endian_bytes(quality);
  };
  FitsCards cards = table_cards(columns, 36, 3);
  cards.emplace_back("BJDREFI", "2454833");
  const std::string file = fits_primary() + fits_header(cards) +
                           padded(row(131.5, 1.74e5f, 0) + row(131.52, 9.0f, 128) + row(kNan, 9.0f, 0), '\0');
  FitsSource source(ByteReader::in_memory(file), "kplr1.fits", {});
  SourceObject star;
  ASSERT_TRUE(source.next(star));
  EXPECT_EQ(source.describe().format, "kepler");
  EXPECT_EQ(star.light_curve.time, std::vector{131.5});
  // 1.74e5 electrons/s is Kp = 12, taken as AB.
  EXPECT_NEAR(star.light_curve.flux.at(0) / (3631e3 * std::pow(10, -0.4 * 12)), 1, 1e-6);
  EXPECT_EQ(star.dropped.quality, 1u);
  EXPECT_EQ(star.dropped.missing, 1u);
}

TEST(Fits, QlpFluxIsRelativeToTheMagnitudeInTheHeader) {  // FM19
  const std::vector<FitsColumnText> columns{
      {"TIME", "D", {}},        {"CADENCENO", "J", {}},       {"SAP_FLUX", "E", {}},
      {"KSPSAP_FLUX", "E", {}}, {"KSPSAP_FLUX_ERR", "E", {}}, {"QUALITY", "I", {}}};
  const std::string row = big_endian_bytes(1.5) + big_endian_bytes<std::int32_t>(1) + big_endian_bytes(1.0f) +
                          big_endian_bytes(0.5f) + big_endian_bytes(0.25f) +
                          big_endian_bytes<std::int16_t>(0);
  FitsCards cards = table_cards(columns, 26, 1);
  const auto file = [&] { return fits_primary() + fits_header(cards) + padded(row, '\0'); };
  EXPECT_EQ(rejection_of_fits(file()).code, Status::bad_header);
  cards.emplace_back("TESSMAG", "10.0 / [mag]");
  const auto objects = read_fits(file());
  EXPECT_NEAR(objects.at(0).light_curve.flux.at(0), 0.5 * 2416e3 * 1e-4, 1e-9);
}

TEST(Fits, ScalesZerosAndNullsAreHonoured) {  // FI07
  const std::vector<FitsColumnText> columns{
      {"time", "D", {}},
      {"flux", "I", {{"TSCAL", "0.5"}, {"TZERO", "100."}, {"TNULL", "-1"}}},
      {"flux_err", "E", {}}};
  const auto row = [](double t, std::int16_t flux) {
    return big_endian_bytes(t) + big_endian_bytes(flux) + big_endian_bytes(0.5f);
  };
  const std::string file = fits_primary() + fits_header(table_cards(columns, 14, 3)) +
                           padded(row(1, 10) + row(2, -1) + row(3, -8), '\0');
  EXPECT_EQ(rejection_of_fits(file).code, Status::missing_value);  // no survey: nothing is dropped unasked
  SourceOptions options;
  options.nonfinite = NonfinitePolicy::drop;
  EXPECT_EQ(read_fits(file, options).at(0).light_curve.flux, (std::vector{105.0, 96.0}));
}

TEST(Fits, ALongTableAndItsBands) {
  const std::vector<FitsColumnText> columns{{"object_id", "K", {}},
                                            {"time", "D", {}},
                                            {"flux", "D", {}},
                                            {"flux_err", "D", {}},
                                            {"band", "2A", {}}};
  const auto row = [](std::int64_t id, double t, const char* band) {
    return big_endian_bytes(id) + big_endian_bytes(t) + big_endian_bytes(5.0) + big_endian_bytes(0.1) + band;
  };
  const std::string file =
      fits_primary() + fits_header(table_cards(columns, 34, 3)) +
      padded(row(12345678901234, 1, "g ") + row(2, 1, "r ") + row(12345678901234, 2, "g "), '\0');
  SourceOptions options;
  options.split_bands = true;
  const auto objects = read_fits(file, options);
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(objects[0].object_id, "12345678901234:g");
  EXPECT_EQ(objects[0].light_curve.size(), 2u);
  options.split_bands = false;
  options.band = "r";
  const auto selected = read_fits(file, options);
  ASSERT_EQ(selected.size(), 2u);
  EXPECT_TRUE(contains(rejection_text(selected[0]), "no observation in band \"r\""));
  EXPECT_EQ(selected[0].rejection.value_or(Diagnostic{}).code, Status::no_points);
  EXPECT_EQ(rejection_text(selected[1]), "");
}

TEST(Fits, WhatIsNoFitsOrIsCutIsRefused) {  // FI01, FI02
  EXPECT_EQ(rejection_of_fits("").code, Status::bad_header);
  EXPECT_EQ(rejection_of_fits("SIMPLE  = ").code, Status::bad_header);
  const std::string whole =
      fits_primary() + fits_header(table_cards(kTessColumns, kTessRow, 4)) + tess_rows();
  EXPECT_EQ(read_fits(whole).at(0).light_curve.size(), 2u);  // only the padding is missing
  for (std::size_t n = 0; n < whole.size(); n += n < 2880u * 2 ? 577 : 7)
    EXPECT_NE(rejection_of_fits(std::string_view(whole).substr(0, n)).code, Status::ok) << n;
}

TEST(Fits, HeadersThatContradictThemselvesAreRefusedBeforeAnythingIsAllocated) {  // FI03, FI04
  for (const auto& [keyword, value] : FitsCards{{"NAXIS2", "-1"},
                                                {"NAXIS2", "9223372036854775807"},
                                                {"NAXIS2", "18446744073709551616"},
                                                {"NAXIS2", "4.0"},
                                                {"NAXIS1", "23"},
                                                {"NAXIS1", "-24"},
                                                {"NAXIS1", "99999999999"},
                                                {"NAXIS", "1"},
                                                {"NAXIS", "1000000000"},
                                                {"BITPIX", "16"},
                                                {"BITPIX", "7"},
                                                {"PCOUNT", "-5"},
                                                {"GCOUNT", "9223372036854775807"},
                                                {"GCOUNT", "0"},
                                                {"GCOUNT", "2"},
                                                {"TFIELDS", "0"},
                                                {"TFIELDS", "1000"},
                                                {"TFIELDS", "4"},
                                                {"TFORM1", "'Z'"},
                                                {"TFORM1", "''"},
                                                {"TFORM1", "'99999999999999999999D'"},
                                                {"TFORM1", "'0D'"},
                                                {"TFORM2", "'4A'"},
                                                {"TFORM3", "'X'"},
                                                {"TFORM5", "'P'"}}) {
    const Diagnostic rejection = rejection_of_fits(tess_file(with(keyword, value)));
    const bool is_fine = keyword == "TFORM2";  // a column that is not read
    EXPECT_EQ(rejection.code == Status::ok, is_fine)
        << keyword << " = " << value << ": " << rejection.message;
  }
}

TEST(Fits, ColumnsThatAreNoSingleNumberAreRefused) {  // FI06
  std::vector<FitsColumnText> columns{{"time", "D", {}}, {"flux", "2D", {}}, {"flux_err", "D", {}}};
  const auto file = [&](std::size_t row_bytes) {
    return fits_primary() + fits_header(table_cards(columns, row_bytes, 1)) +
           padded(std::string(row_bytes, '\0'), '\0');
  };
  EXPECT_NE(rejection_of_fits(file(32)).message.find("expected one number"), std::string::npos);
  columns[1] = {"brightness", "D", {}};
  EXPECT_EQ(rejection_of_fits(file(24)).code, Status::missing_column);
}

TEST(Fits, UnitsOfTimeAndFluxAreHonoured) {  // FI06
  const std::vector<FitsColumnText> columns{
      {"time", "D", {{"TUNIT", "'s'"}}}, {"flux", "D", {{"TUNIT", "'uJy'"}}}, {"flux_err", "D", {}}};
  const std::string file =
      fits_primary() + fits_header(table_cards(columns, 24, 1)) +
      padded(big_endian_bytes(43200.0) + big_endian_bytes(5.0) + big_endian_bytes(1.0), '\0');
  const SourceObject star = read_fits(file).at(0);
  EXPECT_EQ(star.light_curve.time, std::vector{0.5});
  EXPECT_DOUBLE_EQ(star.light_curve.flux.at(0), 5e-3);
  EXPECT_DOUBLE_EQ(star.light_curve.flux_err.at(0), 1e-3);
}

TEST(Fits, SuperWaspCountsSecondsAndMicroVega) {  // FM28
  const std::vector<FitsColumnText> columns{
      {"TMID", "J", {}}, {"TAMFLUX2", "E", {}}, {"TAMFLUX2_ERR", "E", {}}, {"FLAG", "I", {}}};
  const auto row = [](std::int32_t seconds, float flux, float error, std::int16_t flag) {
    return big_endian_bytes(seconds) + big_endian_bytes(flux) + big_endian_bytes(error) +
           big_endian_bytes(flag);
  };
  const std::string file =
      fits_header({{"SIMPLE", "T"}, {"BITPIX", "8"}, {"NAXIS", "0"}, {"JD_REF", "2453005.5"}}) +
      fits_header(table_cards(columns, 14, 3)) +
      padded(row(43200, 100.0f, 2.0f, 32) + row(86400, 0.0f, 0.0f, 1) + row(129600, 101.0f, 2.0f, 0), '\0');
  const SourceObject star = read_fits(file).at(0);
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.light_curve.time, (std::vector{2453006.0, 2453007.0}));
  // 100 micro-Vega are magnitude 10: 3636 Jy * 1e-4.
  EXPECT_NEAR(star.light_curve.flux.at(0), 363.6, 1e-9);
  EXPECT_EQ(star.dropped.null_values, 1u);
  SourceOptions strict;
  strict.quality_mask = 32;
  EXPECT_EQ(read_fits(file, strict).at(0).dropped.quality, 1u);
}

TEST(Fits, TglcTakesItsErrorAndMagnitudeFromTheHeaders) {  // FM29
  const std::vector<FitsColumnText> columns{{"time", "D", {}},
                                            {"aperture_flux", "E", {}},
                                            {"cal_aper_flux", "E", {}},
                                            {"TESS_flags", "I", {}},
                                            {"TGLC_flags", "I", {}}};
  const auto row = [](double time, float flux, std::int16_t flags) {
    return big_endian_bytes(time) + big_endian_bytes(7.0f) + big_endian_bytes(flux) +
           big_endian_bytes<std::int16_t>(0) + big_endian_bytes(flags);
  };
  FitsCards cards = table_cards(columns, 20, 2);
  const auto file = [&] {
    return fits_header({{"SIMPLE", "T"}, {"BITPIX", "8"}, {"NAXIS", "0"}, {"TESSMAG", "10.0"}}) +
           fits_header(cards) + padded(row(1.5, 0.5f, 0) + row(2.5, 0.75f, 2), '\0');
  };
  EXPECT_EQ(rejection_of_fits(file()).code, Status::missing_error_column);
  cards.emplace_back("CAPE_ERR", "0.25");
  const SourceObject star = read_fits(file()).at(0);
  ASSERT_EQ(rejection_text(star), "");
  EXPECT_EQ(star.light_curve.time, std::vector{1.5});
  EXPECT_NEAR(star.light_curve.flux.at(0), 0.5 * 2416e3 * 1e-4, 1e-9);
  EXPECT_NEAR(star.light_curve.flux_err.at(0), 0.25 * 2416e3 * 1e-4, 1e-9);
  EXPECT_TRUE(star.flags.has(Flag::error_assumed));
}

TEST(Fits, EleanorIsInElectrons) {  // FM29
  const std::vector<FitsColumnText> columns{{"TIME", "D", {}},
                                            {"RAW_FLUX", "E", {}},
                                            {"CORR_FLUX", "E", {}},
                                            {"FLUX_ERR", "E", {}},
                                            {"QUALITY", "J", {}}};
  const std::string row = big_endian_bytes(1.5) + big_endian_bytes(9.0f) + big_endian_bytes(1000.0f) +
                          big_endian_bytes(2.0f) + big_endian_bytes<std::int32_t>(0);
  const SourceObject star =
      read_fits(fits_primary() + fits_header(table_cards(columns, 24, 1)) + padded(row, '\0')).at(0);
  EXPECT_NEAR(star.light_curve.flux.at(0), 16.110052, 1e-5);  // T = 20.44 is 1 electron/s, T = 0 is 2416 Jy
}

TEST(Fits, SeveralTablesNeedAChoice) {  // FI05
  const std::string table = fits_header(table_cards(kTessColumns, kTessRow, 4)) + padded(tess_rows(), '\0');
  const Diagnostic rejection = rejection_of_fits(fits_primary() + table + table);
  EXPECT_NE(rejection.message.find("1 BINTABLE"), std::string::npos) << rejection.message;
  EXPECT_NE(to_string(rejection.hint).find("hdu="), std::string::npos);
  SourceOptions options;
  options.hdu = 2;
  EXPECT_EQ(read_fits(fits_primary() + table + table, options).at(0).light_curve.size(), 2u);
  options.hdu = 0;
  EXPECT_EQ(rejection_of_fits(fits_primary() + table, options).code, Status::bad_header);
  EXPECT_EQ(rejection_of_fits(fits_primary()).code, Status::bad_header);
}

TEST(Fits, CompressedTablesAsciiTablesAndEndlessHeadersAreRefused) {  // FI09
  FitsCards cards = table_cards(kTessColumns, kTessRow, 4);
  cards.emplace_back("ZIMAGE", "T");
  EXPECT_EQ(rejection_of_fits(tess_file(cards)).code, Status::bad_header);
  EXPECT_EQ(rejection_of_fits(tess_file(with("XTENSION", "'TABLE   '"))).code, Status::bad_header);
  std::string endless = fits_primary();
  endless.replace(endless.find("END   "), 3, "XYZ");
  endless.append(2880u * 1001, ' ');
  EXPECT_NE(rejection_of_fits(endless).message.find("no END"), std::string::npos);
}

TEST(Fits, ContinueCardsAndDoubledQuotesAreText) {  // FI09
  FitsCards cards = table_cards(kTessColumns, kTessRow, 4);
  cards.insert(cards.begin() + 8, {{"OBJECT", "'O''Neill&'"}, {"CONTINUE", "  'more'"}});
  EXPECT_EQ(read_fits(tess_file(cards)).at(0).light_curve.size(), 2u);
}

TEST(Fits, NamesAreOpenedAsTheyAreAndGzipIsSeen) {  // FI10, TX38
  const TemporaryFolder folder;
  const std::filesystem::path plain = folder / "a.fits[1][col TIME=0]";
  write_file(plain, tess_file());
  const std::filesystem::path packed = folder / "|cat";
  write_file(packed, gzipped(tess_file()));
  const auto source = open_source({plain, packed}, {});
  SourceObject object;
  for (const char* id : {"a.fits[1][col TIME=0]", "|cat"}) {
    ASSERT_TRUE(source->next(object));
    EXPECT_EQ(object.object_id, id);
    EXPECT_EQ(object.light_curve.time, (std::vector{1325.25, 1326.25}));
  }
  EXPECT_FALSE(source->next(object));
}

}  // namespace
}  // namespace astrom3
