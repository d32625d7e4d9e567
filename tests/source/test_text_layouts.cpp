// SPDX-License-Identifier: MIT
//
// Text tables as strangers write them: each layout is read, or refused with the line that is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <vector>

#include "formats/byte_reader.h"
#include "formats/decompressed.h"
#include "formats/ecsv_header.h"
#include "source/text_source.h"

namespace astrom3 {
namespace {

struct Table {
  std::vector<SourceObject> objects;
  std::vector<Diagnostic> warnings;
  TableDescription description;

  const SourceObject& only() const {
    EXPECT_EQ(objects.size(), 1u);
    static const SourceObject nothing;
    return objects.empty() ? nothing : objects.front();
  }
};

Table read(const std::string& text, const SourceOptions& options) {
  Table table;
  TextSource source(DecompressedReader(ByteReader::in_memory(text)), "star.txt", options);
  for (SourceObject object; source.next(object);) table.objects.push_back(object);
  table.warnings = source.take_warnings();
  table.description = source.describe();
  return table;
}

SourceOptions band_v() {
  SourceOptions options;
  options.band = "V";
  return options;
}

std::string why(const SourceObject& object) {
  return object.rejection.has_value() ? object.rejection->message : std::string("read");
}

/// A table with three rows, MJD 59000 to 59002, of 12.0, 12.1 and 12.2 mag in V.
void expect_three(const std::string& text, SourceOptions options = band_v()) {
  const Table table = read(text, options);
  const SourceObject& object = table.only();
  ASSERT_FALSE(object.rejection.has_value()) << text << why(object) << " line " << object.rejection->line;
  ASSERT_EQ(object.light_curve.time.size(), 3u) << text;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(object.light_curve.time[i] - object.light_curve.time[0], static_cast<double>(i), 1e-9)
        << text;
    const double mag = -2.5 * std::log10(object.light_curve.flux[i] / object.light_curve.flux[0]);
    EXPECT_NEAR(mag, 0.1 * static_cast<double>(i), 1e-9) << text;
  }
}

/// The same of fluxes 1, 2, 3 mJy.
void expect_fluxes(const std::string& text, double scale = 1, const SourceOptions& options = {}) {
  const Table table = read(text, options);
  const SourceObject& object = table.only();
  ASSERT_FALSE(object.rejection.has_value()) << text << why(object) << " line " << object.rejection->line;
  ASSERT_EQ(object.light_curve.time.size(), 3u) << text;
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(object.light_curve.flux[i] / (scale * static_cast<double>(i + 1)), 1, 1e-6) << text;
}

Diagnostic expect_refused(const std::string& text, Status code, const SourceOptions& options = band_v()) {
  const Table table = read(text, options);
  if (table.objects.empty() || !table.objects.front().rejection.has_value()) {
    ADD_FAILURE() << "read: " << text;
    return {};
  }
  const Diagnostic rejection = *table.objects.front().rejection;
  EXPECT_EQ(rejection.code, code) << text << rejection.message;
  return rejection;
}

TEST(TextLayouts, QuotesHoldBlanks) {
  expect_three(
      "mjd mag mag_err \"Observer Code\"\n59000 12.0 0.1 \"A B\"\n59001 12.1 0.1 C\n59002 12.2 0.1 \"\"\n");
  expect_three(
      "\"star, name\" mjd mag mag_err\n\"a b\"  59000 12.0 0.1\n\"a b\" 59001 12.1 0.1\n\"a b\" 59002 12.2 "
      "0.1\n");
  expect_three(
      "# mjd \"mag\" mag_err note\n59000 \"12.0\" 0.1 say\"so\n59001 12.1 0.1 5\"\n59002 12.2 0.1 \"a "
      "\"\"b\"\"\"\n");
  expect_three("mjd,mag,mag_err,\"a, b\"\n59000,12.0,0.1,\"x, y\"\n59001,12.1,0.1,z\n59002,12.2,0.1,\n");
  // A quote that does not close costs its row's object, as it does with commas.
  expect_refused("mjd mag mag_err note\n59000 12.0 0.1 \"A B\n59001 12.1 0.1 C\n", Status::unclosed_quote);
}

TEST(TextLayouts, NamesMayStandBehindTheCommentMarksOfOtherPrograms) {
  for (const char* mark : {"# ", "% ", "! ", "%", "!", "%% "})
    expect_three(std::string(mark) + "mjd mag err\n59000 12.0 0.01\n59001 12.1 0.01\n59002 12.2 0.01\n");
}

TEST(TextLayouts, SeparatorsAtTheEndAreNoFields) {  // TX16
  expect_three("mjd,mag,mag_err\n59000,12.0,0.1,\n59001,12.1,0.1,\n59002,12.2,0.1,\n");
  expect_three("mjd,mag,mag_err\n59000,12.0,0.1\n59001,12.1,0.1, \n59002,12.2,0.1\n");
  expect_three("mjd,mag,mag_err,\n59000,12.0,0.1\n59001,12.1,0.1,\n59002,12.2,0.1\n");
  expect_three("mjd;mag;mag_err\n59000;12.0;0.1;;\n59001;12.1;0.1;;\n59002;12.2;0.1;;\n");
  expect_three("mjd\tmag\tmag_err\t\n59000\t12.0\t0.1\n59001\t12.1\t0.1\n59002\t12.2\t0.1\n");
  SourceOptions numbered = band_v();
  numbered.columns = {{"time", "1"}, {"mag", "2"}, {"mag_err", "3"}};
  expect_three("59000,12.0,0.1,\n59001,12.1,0.1\n59002,12.2,0.1,\n", numbered);
  expect_refused("mjd,mag,mag_err\n59000,12.0,0.1,\n59001,12.1,0.1,5\n", Status::field_count);
  expect_refused("mjd,mag,mag_err\n59000,12.0,0.1\n59001,12.1\n", Status::field_count);
}

TEST(TextLayouts, ManyLinesAboveTheNames) {  // RC11
  const std::string rows = "59000,12.0,0.1\n59001,12.1,0.1\n59002,12.2,0.1\n";
  const auto lines = [](std::size_t n, const std::string& line) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text += line;
    return text;
  };
  for (const std::string& above :
       {lines(200'000, "\n"), lines(200'000, " \r\n"), lines(20'000, "# a comment\n"), lines(20'000, "#\n\n"),
        "# one\n" + lines(200'000, "\n"), lines(2'000, "#" + std::string(1'000, 'x') + "\n")}) {
    expect_three(above + "mjd,mag,mag_err\n" + rows);
    expect_three(above + "# mjd,mag,mag_err\n" + rows);
    // Lines are numbered from the top of the file.
    const Table bad = read(above + "mjd,mag,mag_err\n" + rows + "59003,x,0.1\n", band_v());
    ASSERT_TRUE(bad.only().rejection.has_value());
    EXPECT_EQ(bad.only().rejection->line, std::count(above.begin(), above.end(), '\n') + 5);
    const Table nameless = read(above + "mjd,brightness\n1,2\n", band_v());
    ASSERT_TRUE(nameless.only().rejection.has_value());
    EXPECT_EQ(nameless.only().rejection->line, std::count(above.begin(), above.end(), '\n') + 1);
  }
}

TEST(TextLayouts, HeadersOfEcsvMayBeLong) {  // RC11
  const auto table = [](std::size_t n) {
    std::string text =
        "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: mjd, unit: d, datatype: float64}\n"
        "# - {name: mag, datatype: float64}\n# - {name: mag_err, datatype: float64}\n# meta:\n";
    for (std::size_t i = 0; i < n; ++i) text += "#   k" + std::to_string(i) + ": what was done\n";
    return text + "mjd mag mag_err\n59000 12.0 0.1\n59001 12.1 0.1\n59002 12.2 0.1\n";
  };
  for (const std::size_t n : std::initializer_list<std::size_t>{0, 500, 1500, 15'000}) expect_three(table(n));
  const Table longer = read(table(25'000), band_v());
  EXPECT_NE(why(longer.only()).find("more than 20,000 lines or 1 MiB"), std::string::npos);
}

TEST(TextLayouts, TablesHaveAMostOfColumns) {  // RC08
  const auto header = [](const char* separator, std::size_t n) {
    std::string text = std::string("mjd") + separator + "flux" + separator + "flux_err";
    for (std::size_t i = 3; i < n; ++i) text += separator + std::to_string(i);
    return text + "\n";
  };
  for (const char* separator : {",", ";", "\t", " "}) {
    EXPECT_EQ(read(header(separator, 20'001), {}).only().rejection->code, Status::bad_header) << separator;
    const auto fits = read(header(separator, 20'000), {}).only().rejection;
    EXPECT_EQ(fits->code, Status::no_rows) << separator << fits->message;
  }
}

TEST(TextLayouts, UnitsAndDashesBelowTheNames) {
  const std::string tsv = "59000\t12.0\t0.1\n59001\t12.1\t0.1\n59002\t12.2\t0.1\n";
  expect_three(
      "#\n#Title: a star\n#Column\tBJD\t(F13.5)\tTime\nBJD\tmag\te_mag\nd\tmag\tmag\n-----\t---\t---\n" +
      tsv);
  expect_three("BJD\tmag\te_mag\n \t \t \n-----\t---\t---\n" + tsv);
  expect_three("BJD;mag;e_mag\nd;mag;mag\n-----;---;---\n59000;12.0;0.1\n59001;12.1;0.1\n59002;12.2;0.1\n");
  expect_three("BJD|mag|e_mag\nd|mag|mag\n-----|---|---\n59000|12.0|0.1\n59001|12.1|0.1\n59002|12.2|0.1\n");
  expect_three(
      "mjd,mag,mag_err\ndouble,float,float\nd,mag,mag\n59000,12.0,0.1\n59001,12.1,0.1\n59002,12.2,0.1\n");
  expect_three("hjd,mag,mag_err\nd,mmag,mmag\n59000,12000,100\n59001,12100,100\n59002,12200,100\n");
  expect_three("hjd mag mag_err\n(d) (mag) (mag)\n59000 12.0 0.1\n59001 12.1 0.1\n59002 12.2 0.1\n");
  expect_fluxes("time flux flux_err\nMJD mJy mJy\n59000 1 0.1\n59001 2 0.1\n59002 3 0.1\n");
  expect_fluxes("time,flux,flux_err\nMJD,uJy,uJy\n59000,1,0.1\n59001,2,0.1\n59002,3,0.1\n", 1e-3);
  expect_fluxes("# time flux flux_err\n# [d] [Jy] [Jy]\n59000 1 0.1\n59001 2 0.1\n59002 3 0.1\n", 1e3);
}

TEST(TextLayouts, UnknownUnitsBelowTheNamesAreRefused) {
  const Diagnostic counts =
      expect_refused("time,flux,flux_err\nd,adu,adu\n59000,1,0.1\n59001,2,0.1\n", Status::bad_header, {});
  EXPECT_NE(counts.message.find("adu"), std::string::npos) << counts.message;
  expect_refused("time flux flux_err\nd electrons electrons\n59000 1 0.1\n", Status::bad_header, {});
  expect_refused("time flux flux_err note\nd uJy uJy\n59000 1 0.1 a\n", Status::bad_header, {});
}

TEST(TextLayouts, DataAreNeverTakenForUnits) {
  const Table table = read("object_id,mjd,mag,mag_err\nd,59000,12.0,0.1\nmag,59001,12.1,0.1\n", band_v());
  EXPECT_EQ(table.objects.size(), 2u);
  expect_refused("mjd,mag,mag_err\n,,\n59000,12.0,0.1\n", Status::missing_value);
  expect_refused("mjd mag mag_err\n-- -- --\n59000 12.0 0.1\n", Status::missing_value);
}

TEST(TextLayouts, KeywordsOfSncosmo) {
  const std::string rows = "59000 1 0.1\n59001 2 0.1\n59002 3 0.1\n";
  expect_fluxes("@t0 58500.0\n@z 0.01\ntime flux flux_err\n" + rows);
  expect_fluxes("@name SN of 2020\ntime flux flux_err\n@survey x\n" + rows);
  expect_fluxes(
      "@flux 1 2\n# comment\n@mjd 5\ntime,flux,flux_err\n59000,1,0.1\n@z 0.1\n59001,2,0.1\n59002,3,0.1\n");
}

TEST(TextLayouts, NamesOneALineOfSalt) {
  const std::string names = "#Date :\n#Flux :\n#Fluxerr :\n#ZP :\n#Filter :\n#MagSys :\n#end :\n";
  const std::string rows = "59000 1 0.1 25 g AB\n59001 2 0.1 25 g AB\n59002 3 0.1 25 g AB\n";
  const double scale = 3631e3 * std::pow(10.0, -0.4 * 25);
  expect_fluxes("@SN 1\n@Z_HELIO 0.01\n" + names + rows, scale);
  expect_fluxes("#a title: with a colon\n" + names + rows, scale);
  SourceOptions options;
  options.flux_unit = FluxUnit::uJy;
  expect_fluxes("# Date : MJD\n# Flux : counts\n# Fluxerr :\n# end :\n59000 1 .1\n59001 2 .1\n59002 3 .1\n",
                1e-3, options);
}

TEST(TextLayouts, TextOfSnana) {
  const std::string head = "SURVEY: DES\nSNID: 1001\nRA: 12.3 deg\nNOBS: 2\nNVAR: 5\n";
  const std::string names = "VARLIST: MJD FLT FIELD FLUXCAL FLUXCALERR\n";
  const std::string rows = "OBS: 59000 g NULL 10 1\nOBS: 59001 g NULL 20 1\nEND:\n";
  SourceOptions options;
  const Table one = read(head + names + rows, options);
  ASSERT_FALSE(one.only().rejection.has_value()) << why(one.only());
  EXPECT_EQ(one.only().object_id, "1001");
  EXPECT_EQ(one.description.format, "snana");
  EXPECT_NEAR(one.only().light_curve.flux[0], 10 * 3631e3 * 1e-11, 1e-9);
  const Table two = read(head + names + rows + "\nSNID: 7\n" + names + rows, options);
  ASSERT_EQ(two.objects.size(), 2u);
  EXPECT_EQ(two.objects[1].object_id, "7");
  EXPECT_EQ(two.objects[1].light_curve.time.size(), 2u);
  const Table told =
      read("DOCUMENTATION:\n  NOTES:\n  - made by us\nDOCUMENTATION_END:\n" + head + names + rows, options);
  EXPECT_EQ(told.only().object_id, "1001");
  const Table marked = read(head + names + "#OBS: 59000.5 g NULL 10 1\n" + rows, options);
  EXPECT_EQ(marked.only().light_curve.time.size(), 2u);
  EXPECT_EQ(marked.warnings.size(), 1u);
  const Table unnamed = read("SURVEY: DES\n" + names + rows, options);
  EXPECT_EQ(unnamed.only().object_id, "star");
  const std::string other = "VARLIST: MJD FLT FIELD FLUXCALERR FLUXCAL\n";
  const Diagnostic second = expect_refused(head + names + rows + other + rows, Status::bad_header, options);
  EXPECT_EQ(second.line, 10);
  expect_refused(head + names + "OBS: 59000 g NULL 10 1\n59001 g NULL 20 1 5\n", Status::bad_header, options);
}

TEST(TextLayouts, IdsThatBeginWithAMark) {
  const Table table = read(
      "object_id,mjd,mag,mag_err\n#1,59000,12,0.1\n#1,59001,12.1,0.1\n#2,59000,12,0.1\n#2,59001,13,0.1\n3,"
      "59000,12,0.1\n"
      "# 3,59001,12,0.1\n# just a remark, with commas, three, four\n",
      band_v());
  ASSERT_EQ(table.objects.size(), 3u);
  EXPECT_EQ(table.objects[0].object_id, "#1");
  EXPECT_EQ(table.objects[1].light_curve.time.size(), 2u);
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_EQ(table.warnings[0].line, 7);
  EXPECT_EQ(read("object_id mjd mag mag_err\n#a 59000 12 0.1\n#b 59001 12.1 0.1\n", band_v()).objects.size(),
            2u);
  EXPECT_EQ(read("id;mjd;mag;mag_err\n#a;59000;12;0.1\n#b;59001;12.1;0.1\n", band_v()).objects.size(), 2u);
}

TEST(TextLayouts, DamagedRowsOfMarkedIdsAreRejected) {
  const Table table =
      read("object_id,mjd,mag,mag_err\n#1,59000,12,0.1\n#2,59000,nan,0.1\n#3,59000,12\n#4,59000,12,0.1\n",
           band_v());
  ASSERT_EQ(table.objects.size(), 4u);
  EXPECT_EQ(table.objects[1].rejection->code, Status::missing_value);
  EXPECT_EQ(table.objects[2].rejection->code, Status::field_count);
  EXPECT_FALSE(table.objects[3].rejection.has_value());
}

TEST(TextLayouts, RowsInCommentsAreCounted) {
  const std::vector<std::string> texts{
      "mjd,mag,mag_err\n59000,12.0,0.1\n#59000.5,19.0,0.1\n# "
      "59000.6,19,0.1\n59001,12.1,0.1\n59002,12.2,0.1\n",
      "mjd mag mag_err\n59000 12.0 0.1\n# 59000.5 19.0 0.1\n#59001 12 0.1\n59001 12.1 0.1\n59002 12.2 0.1\n",
      "band,mjd,mag,mag_err\nV,59000,12.0,0.1\n#V,59000.5,19.0,0.1\n#V,59001,19,0.1\nV,59001,12.1,0.1\nV,"
      "59002,12.2,0.1\n"};
  for (const std::string& text : texts) {
    expect_three(text);
    const Table table = read(text, band_v());
    ASSERT_EQ(table.warnings.size(), 1u) << text;
    EXPECT_EQ(table.warnings[0].message,
              "2 lines that begin with # hold numbers and were skipped as comments");
    EXPECT_EQ(table.warnings[0].line, 3);
  }
  EXPECT_TRUE(read("mjd mag mag_err\n# seen by me\n59000 12.0 0.1\n", band_v()).warnings.empty());
}

TEST(TextLayouts, HeadersAmongTheRowsAreSkipped) {
  const std::vector<std::string> texts{
      "mjd,mag,mag_err\n59000,12.0,0.1\n59001,12.1,0.1\nmjd,mag,mag_err\n59002,12.2,0.1\n",
      "mjd mag mag_err\nd mag mag\n59000 12.0 0.1\n59001 12.1 0.1\nmjd mag mag_err\nd mag mag\n59002 12.2 "
      "0.1\n",
      "BJD\tmag\te_mag\nd\tmag\tmag\n-----\t---\t---\n59000\t12.0\t0.1\nBJD\tmag\te_mag\nd\tmag\tmag\n-----"
      "\t---\t---\n"
      "59001\t12.1\t0.1\n59002\t12.2\t0.1\n",
      "object_id,mjd,mag,mag_err\n7,59000,12.0,0.1\nobject_id,mjd,mag,mag_err\n7,59001,12.1,0.1\n7,59002,12."
      "2,0.1\n"};
  for (const std::string& text : texts) {
    expect_three(text);
    ASSERT_EQ(read(text, band_v()).warnings.size(), 1u) << text;
  }
  expect_three("# mjd mag mag_err\n59000 12.0 0.1\n# mjd mag mag_err\n59001 12.1 0.1\n59002 12.2 0.1\n");
}

TEST(TextLayouts, OtherHeadersAmongTheRowsAreRefused) {
  EXPECT_EQ(
      expect_refused("mjd,mag,mag_err\n59000,12.0,0.1\nmjd,mag_err,mag\n59001,0.1,12.1\n", Status::bad_header)
          .line,
      3);
  EXPECT_EQ(
      expect_refused("mjd mag mag_err\n59000 12.0 0.1\nmag mjd mag_err\n12 59001 .1\n", Status::bad_header)
          .line,
      3);
  EXPECT_EQ(expect_refused("mjd,mag,mag_err\n59000,12.0,0.1\nhjd,mag,mag_err,band\n59001,12,0.1,V\n",
                           Status::bad_header)
                .line,
            3);
  EXPECT_EQ(expect_refused("# mjd mag mag_err\n59000 12.0 0.1\n# mjd mag_err mag\n59001 0.1 12.1\n",
                           Status::bad_header)
                .line,
            3);
}

TEST(TextLayouts, DecimalCommasAreNamed) {
  SourceOptions options = band_v();
  options.decimal = ',';
  for (const std::string text :
       {"mjd;mag;mag_err\n59000,0;12,0;0,1\n59001,0;12,1;0,1\n59002,0;12,2;0,1\n",
        "mjd\tmag\tmag_err\n59000,0\t12,0\t0,1\n59001,0\t12,1\t0,1\n59002,0\t12,2\t0,1\n",
        "mjd mag mag_err\n59000,0 12,0 0,1\n59001,0 12,1 0,1\n59002,0 12,2 0,1\n"}) {
    const Table table = read(text, band_v());
    ASSERT_TRUE(table.only().rejection.has_value());
    ASSERT_FALSE(table.only().rejection->hint.remedies.empty()) << text;
    EXPECT_EQ(table.only().rejection->hint.remedies.front().name, "decimal");
    expect_three(text, options);
  }
}

TEST(TextLayouts, ProseIsNoHeader) {
  SourceOptions numbered = band_v();
  numbered.columns = {{"time", "1"}, {"mag", "2"}, {"mag_err", "3"}};
  for (const std::string comment :
       {"# HJD, V mag and err of the star, aperture 3; time is mid exposure, mag is instrumental\n",
        "# time mag\n", "# time and mag, both with err\n"}) {
    const std::string text = comment + "59000 12.0 0.1\n59001 12.1 0.1\n59002 12.2 0.1\n";
    expect_refused(text, Status::bad_header);
    expect_three(text, numbered);
  }
  expect_three(
      "# HJD, mag and time of the star\n# mjd mag mag_err\n59000 12.0 0.1\n59001 12.1 0.1\n59002 12.2 0.1\n");
  expect_three(
      "mjd mag mag_err\n# time is mid exposure, mag is good\n59000 12.0 0.1\n59001 12.1 0.1\n59002 12.2 "
      "0.1\n");
}

const std::string kEcsvRows = "59000 1 0.1 \"\"\n59001 2 0.1 \"a b\"\n59002 3 0.1 c\n";

TEST(TextLayouts, EcsvSaysUnits) {
  expect_fluxes(
      "# %ECSV 0.9\n# ---\n# datatype:\n# - {name: time, datatype: float64}\n"
      "# - {name: flux, unit: uJy, datatype: float64, description: 'a, {b}, unit: Jy'}\n"
      "# - {name: flux_err, unit: uJy, datatype: float64}\n"
      "# - {name: \"my note\", datatype: string}\ntime flux flux_err \"my note\"\n" +
          kEcsvRows,
      1e-3);
  expect_fluxes(
      "# %ECSV 1.0\n# ---\n# datatype:\n# - name: time\n#   datatype: float64\n# - name: flux\n#   unit: Jy\n"
      "#   datatype: float64\n# - name: flux_err\n#   unit: Jy\n# - name: note\n"
      "time flux flux_err note\n" +
          kEcsvRows,
      1e3);
  expect_fluxes(
      "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n# - {name: time, unit: d, datatype: float64}\n"
      "# - {name: flux, unit: nJy, datatype: float64, subtype: 'float64[2]',\n"
      "#   description: long}\n# - {name: flux_err, unit: nJy, datatype: float64}\n"
      "# - {name: 'a, b', datatype: string}\ntime,flux,flux_err,\"a, b\"\n"
      "59000,1,0.1,\"x, y\"\n59001,2,0.1,\n59002,3,0.1,z\n",
      1e-6);
  expect_refused(
      "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: time, datatype: float64}\n"
      "# - {name: flux, unit: electron / s, datatype: float64}\n# - {name: flux_err, datatype: float64}\n"
      "# - {name: note, datatype: string}\ntime flux flux_err note\n" +
          kEcsvRows,
      Status::bad_header, {});
}

std::string ecsv_of_time(const std::string& datatype, const std::string& format, const std::string& rows) {
  return "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: time, datatype: " + datatype +
         "}\n# - {name: flux, unit: mJy, datatype: float64}\n# - {name: flux_err, unit: mJy, datatype: "
         "float64}\n"
         "# meta: !!omap\n# - __serialized_columns__:\n#     flux:\n#       __class__: "
         "astropy.units.quantity.Quantity\n"
         "#       unit: &id001 !astropy.units.Unit {unit: mJy}\n#     time:\n#       __class__: "
         "astropy.time.core.Time\n"
         "#       format: " +
         format +
         "\n#       scale: utc\n#       value: !astropy.table.SerializedColumn {name: time}\n"
         "# schema: astropy-2.0\ntime flux flux_err\n" +
         rows;
}

TEST(TextLayouts, EcsvSaysWhatTimesAre) {
  const auto span_of = [](const std::string& text) {
    const Table table = read(text, {});
    if (table.only().rejection.has_value()) return -1.0;
    return table.only().light_curve.time.back() - table.only().light_curve.time.front();
  };
  EXPECT_NEAR(span_of(ecsv_of_time("float64", "mjd", "59000 1 .1\n59001 2 .1\n")), 1, 1e-9);
  EXPECT_NEAR(span_of(ecsv_of_time("float64", "unix", "1600000000 1 .1\n1600086400 2 .1\n")), 1, 1e-6);
  EXPECT_NEAR(span_of(ecsv_of_time("float64", "jyear", "2020 1 .1\n2021 2 .1\n")), 365.25, 1e-6);
  const Diagnostic text = expect_refused(
      ecsv_of_time("string", "isot", "2020-01-01T00:00:00.000 1 .1\n2020-01-02T00:00:00.000 2 .1\n"),
      Status::bad_header, {});
  EXPECT_EQ(text.column, "time");
  // Years of 365 and 366 days have no one length.
  expect_refused(ecsv_of_time("float64", "decimalyear", "2020 1 .1\n2021 2 .1\n"), Status::bad_header, {});
  SourceOptions half;
  half.columns = {{"time", "time.jd1"}};
  expect_refused(
      "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: time.jd1, datatype: float64}\n# - {name: time.jd2, "
      "datatype: float64}\n"
      "# - {name: flux, unit: mJy, datatype: float64}\n# - {name: flux_err, unit: mJy, datatype: float64}\n"
      "time.jd1 time.jd2 flux flux_err\n2459000 .1 1 .1\n",
      Status::bad_header, half);
}

TEST(EcsvHeader, SurvivesDamage) {
  const std::vector<std::string_view> open{"# %ECSV 1.0", "# datatype:", "# - {name: a, unit: 'b",
                                           "# delimiter: ','"};
  EXPECT_TRUE(parse_ecsv_header(open)->columns.empty());
  const std::vector<std::string_view> odd{"# %ECSV",   "#",     "# datatype:", "# - {:}",
                                          "# - {,,}}", "# - {", "# }",         "#  x"};
  EXPECT_EQ(parse_ecsv_header(odd)->columns.size(), 3u);
  EXPECT_FALSE(parse_ecsv_header({}).has_value());
}

}  // namespace
}  // namespace astrom3
