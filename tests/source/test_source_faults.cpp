// SPDX-License-Identifier: MIT
//
// What a bad text table gets: one named claim for each case of the catalogue of faults.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

using namespace std::string_literals;
using Doubles = std::vector<double>;

const std::string kHeader = "hjd,flux,flux_err\n";

bool mentions(const std::string& text, std::string_view word) {
  return text.find(word) != std::string::npos;
}

TEST(TextFaults, AnEmptyFileHasItsOwnCode) {  // TX01
  for (const std::string& text : {""s, gzipped("")}) {
    const SourceObject object = read_object(text);
    ASSERT_TRUE(object.rejection.has_value());
    EXPECT_EQ(object.rejection->code, Status::empty_file);
    EXPECT_EQ(object.object_id, "star");
    EXPECT_EQ(object.rejection->object_id, "star");
    EXPECT_EQ(object.rejection->file, "lc/star.csv");
  }
}

TEST(TextFaults, AHeaderAloneHasNoRows) {  // TX02
  EXPECT_EQ(read_rejection(kHeader).code, Status::no_rows);
  EXPECT_EQ(read_rejection("hjd,flux,flux_err").code, Status::no_rows);
  EXPECT_EQ(read_rejection("object_id," + kHeader).code, Status::no_rows);
  EXPECT_EQ(read_rejection("\n \n\n").code, Status::no_rows);
}

TEST(TextFaults, Utf16AndUtf32AreNamed) {  // TX06
  const auto widened = [](std::string_view text, std::size_t width, bool little) {
    std::string out;
    for (const char c : text) {
      std::string unit(width, '\0');
      unit[little ? 0 : width - 1] = c;
      out += unit;
    }
    return out;
  };
  const std::string text = kHeader + "1,2,3\n";
  EXPECT_TRUE(mentions(read_rejection("\xff\xfe"s + widened(text, 2, true)).message, "UTF-16"));
  EXPECT_TRUE(mentions(read_rejection("\xfe\xff"s + widened(text, 2, false)).message, "UTF-16"));
  EXPECT_TRUE(mentions(read_rejection(widened(text, 2, true)).message, "UTF-16"));
  EXPECT_TRUE(mentions(read_rejection("\xff\xfe\0\0"s + widened(text, 4, true)).message, "UTF-32"));
  EXPECT_EQ(read_rejection(widened(text, 2, false)).code, Status::bad_encoding);
}

TEST(TextFaults, Latin1IsNotUtf8) {  // TX06
  const Diagnostic rejection = read_rejection("hjd,flux,flux_err,site\n1,2,3,La Silla\n2,3,4,Caf\xe9\n");
  EXPECT_EQ(rejection.code, Status::bad_encoding);
  EXPECT_EQ(rejection.line, 3);
  EXPECT_FALSE(read_object("hjd,flux,flux_err,site\n1,2,3,Caf\xc3\xa9\n").rejection.has_value());
}

TEST(TextFaults, ANulByteIsNoText) {  // TX07
  const Diagnostic rejection = read_rejection(kHeader + "1,2,3\n2,3\0,4\n"s);
  EXPECT_EQ(rejection.code, Status::not_text);
  EXPECT_EQ(rejection.line, 3);
}

TEST(TextFaults, BinaryFormatsAreNamed) {  // TX08
  const std::array<std::pair<std::string, const char*>, 6> files{{{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, "PNG"},
                                                                  {"SIMPLE  =                    T", "FITS"},
                                                                  {"PAR1\x15\x04\x15"s, "Parquet"},
                                                                  {"\x89HDF\r\n\x1a\n\0"s, "HDF5"},
                                                                  {"PK\x03\x04\x14\0"s, "zip"},
                                                                  {gzipped("hjd,flux\n"), "gzip"}}};
  for (const auto& [bytes, name] : files) {
    const Diagnostic rejection = read_rejection(std::string(name) == "gzip" ? gzipped(bytes) : bytes);
    EXPECT_EQ(rejection.code, Status::not_text) << name;
    EXPECT_TRUE(mentions(rejection.message, name)) << rejection.message;
  }
  std::string noise;
  for (int i = 0; i < 100'000; ++i) noise += static_cast<char>((i * 7919) >> 3);
  EXPECT_EQ(read_rejection(noise).code, Status::not_text);
}

TEST(TextFaults, AMissingColumnListsWhatWasFound) {  // TX09
  const Diagnostic rejection = read_rejection("hjd,fluxx,flux_err\n1,2,3\n");
  EXPECT_EQ(rejection.code, Status::missing_column);
  EXPECT_EQ(rejection.line, 1);
  EXPECT_TRUE(mentions(rejection.message, "hjd, fluxx, flux_err")) << rejection.message;
  EXPECT_TRUE(mentions(to_string(rejection.hint), "\"fluxx\"")) << to_string(rejection.hint);
  EXPECT_EQ(read_rejection("flux,flux_err\n1,2\n").column, "hjd");
  EXPECT_EQ(read_rejection("# labels\nobject_id,class,band\na,EW,V\nb,M,V\n").line, 2);
  SourceOptions options;
  options.columns = {{"time", "epoch"}};
  EXPECT_EQ(read_rejection(kHeader + "1,2,3\n", options).column, "epoch");
  SourceOptions by_id;
  by_id.id_column = "star_id";
  EXPECT_EQ(read_rejection(kHeader + "1,2,3\n", by_id).code, Status::missing_column);
}

TEST(TextFaults, TablesWithoutHeaderNeedFieldNumbers) {  // TX11, LC40
  for (const std::string& text :
       {"2127.69172 13.245 0.004\n2130.68758 13.240 0.004\n"s, "1935.8813,10.008,0.034\n"s}) {
    const Diagnostic rejection = read_rejection(text);
    EXPECT_EQ(rejection.code, Status::bad_header);
    EXPECT_TRUE(mentions(to_string(rejection.hint), "columns=time=1,mag=2,mag_err=3"))
        << to_string(rejection.hint);
    SourceOptions options;
    options.columns = {{"time", "1"}, {"mag", "2"}, {"mag_err", "3"}};
    options.band = "V";
    const SourceObject object = read_object(text, options);
    ASSERT_FALSE(object.rejection.has_value()) << to_string(*object.rejection);
    EXPECT_EQ(object.light_curve.time[0], text[0] == '2' ? 2127.69172 : 1935.8813);
    // A damaged first row is a row all the same, a title is not.
    const bool has_commas = text.find(',') != std::string::npos;
    const std::string damaged = has_commas ? "2127.1,x,y\n" : "2127.1 x y\n";
    EXPECT_EQ(read_rejection(damaged + text, options).code, Status::not_a_number);
    EXPECT_FALSE(read_object("# 1 title\nOGLE star\n" + text, options).rejection.has_value());
    options.columns["mag_err"] = "4";
    EXPECT_EQ(read_rejection(text, options).code, Status::missing_column);
  }
}

TEST(TextFaults, ANeededColumnMayNotBeThereTwice) {  // TX12
  const Diagnostic rejection = read_rejection("hjd,flux,flux_err,flux\n1,2,3,4\n");
  EXPECT_EQ(rejection.code, Status::ambiguous_column);
  EXPECT_EQ(rejection.field, 4);
  EXPECT_EQ(read_rejection("hjd,Flux,FLUX,flux_err\n1,2,3,4\n").code, Status::ambiguous_column);
  EXPECT_FALSE(read_object("hjd,flux,flux_err,note,note\n1,2,3,4,5\n").rejection.has_value());
}

TEST(TextFaults, AShortRowIsCounted) {  // TX14
  const Diagnostic rejection = read_rejection(kHeader + "1,2,3\n2,3\n");
  EXPECT_EQ(rejection.code, Status::field_count);
  EXPECT_EQ(rejection.line, 3);
  EXPECT_EQ(rejection.value, "2,3");
  EXPECT_EQ(rejection.message, "row has 2 fields, the header has 3");
}

TEST(TextFaults, ALongRowIsCounted) {  // TX15
  EXPECT_EQ(read_rejection(kHeader + "1,2,3\n2,3,4,5\n").message, "row has 4 fields, the header has 3");
}

TEST(TextFaults, RowsThatDoNotFitTheHeaderAreNotShifted) {  // TX16
  const Diagnostic rejection = read_rejection(kHeader + "1,2,3,V\n2,3,4,V\n");
  EXPECT_EQ(rejection.message, "rows have 4 fields, the header has 3");
  EXPECT_EQ(read_rejection(kHeader + "1,2,3,\n2,3,4,V\n").message, "row has 4 fields, the header has 3");
  EXPECT_EQ(read_rejection(kHeader + "0,1,2,3\n1,2,3,4\n").code, Status::field_count);
}

TEST(TextFaults, AnUnclosedQuoteNamesItsLine) {  // TX18
  const Diagnostic rejection = read_rejection(kHeader + "1,2,3\n2,\"3,4\n3,4,5\n");
  EXPECT_EQ(rejection.code, Status::unclosed_quote);
  EXPECT_EQ(rejection.line, 3);
}

TEST(TextFaults, ADecimalCommaIsGuessed) {  // TX19
  EXPECT_EQ(read_rejection(kHeader + "1,5,2,0,1\n").code, Status::field_count);
  const Diagnostic rejection = read_rejection("hjd;flux;flux_err\n2457000,5;5,2;0,1\n");
  EXPECT_EQ(rejection.code, Status::not_a_number);
  EXPECT_TRUE(mentions(to_string(rejection.hint), "decimal comma")) << to_string(rejection.hint);
}

TEST(TextFaults, ThousandsSeparatorsAreNotRead) {  // TX20
  EXPECT_EQ(read_rejection(kHeader + "1,1,000,3\n").code, Status::field_count);
  EXPECT_EQ(read_rejection(kHeader + "1,1_000,3\n").code, Status::not_a_number);
  EXPECT_EQ(read_rejection(kHeader + "1,1 000,3\n").code, Status::not_a_number);
  EXPECT_EQ(read_rejection(kHeader + "1,\"1,000\",3\n").code, Status::not_a_number);
}

TEST(TextFaults, AnUpperLimitIsNoMeasurement) {  // TX21
  const std::string text = kHeader + "1,2,3\n2,>17.2,4\n3,<0.1,4\n4,3,3\n";
  const Diagnostic rejection = read_rejection(text);
  EXPECT_EQ(rejection.code, Status::upper_limit);
  EXPECT_EQ(rejection.line, 3);
  EXPECT_EQ(rejection.field, 2);
  EXPECT_EQ(rejection.column, "flux");
  EXPECT_EQ(rejection.value, ">17.2");
  EXPECT_TRUE(mentions(to_string(rejection.hint), "upper-limits=drop"));
  EXPECT_EQ(to_string(rejection),
            "error[upper_limit]: lc/star.csv:3:2: object star: \"flux\": expected a number, found \">17.2\"\n"
            "hint: leave upper limits out with upper-limits=drop");
  EXPECT_EQ(rejection.byte, static_cast<std::int64_t>(text.find(">17.2")));
  SourceOptions options;
  options.upper_limits = UpperLimitPolicy::drop;
  const SourceObject object = read_object(text, options);
  EXPECT_EQ(object.light_curve.time, (Doubles{1, 4}));
  EXPECT_EQ(object.dropped.upper_limits, 2u);
  EXPECT_EQ(object.n_raw, 4u);
  EXPECT_TRUE(object.flags.has(Flag::points_dropped));
}

TEST(TextFaults, AMissingValueIsNotSkippedUnlessAsked) {  // TX22, LC12, LC13, LC14
  SourceOptions options;
  options.nonfinite = NonfinitePolicy::drop;
  for (const char* word : {"", "NA", "N/A", "null", "nan", "-", "None"}) {
    for (std::size_t field = 0; field < 3; ++field) {
      std::array<std::string, 3> row{"2", "3", "4"};
      row[field] = word;
      const std::string text = kHeader + "1,2,3\n" + row[0] + "," + row[1] + "," + row[2] + "\n3,4,5\n";
      const Diagnostic rejection = read_rejection(text);
      EXPECT_EQ(rejection.code, Status::missing_value) << word;
      EXPECT_EQ(rejection.field, static_cast<std::int64_t>(field) + 1);
      const SourceObject object = read_object(text, options);
      EXPECT_EQ(object.light_curve.time, (Doubles{1, 3}));
      EXPECT_EQ(object.dropped.missing, 1u);
    }
  }
}

TEST(TextFaults, InfinityIsNotFinite) {  // TX23, LC15, LC16, LC17
  SourceOptions options;
  options.nonfinite = NonfinitePolicy::drop;
  for (const char* word : {"inf", "-Infinity", "1e400"}) {
    const std::string text = kHeader + "1,2,3\n2," + word + ",4\n";
    EXPECT_EQ(read_rejection(text).code, Status::nonfinite) << word;
    const SourceObject object = read_object(text, options);
    EXPECT_EQ(object.light_curve.size(), 1u);
    EXPECT_EQ(object.dropped.nonfinite, 1u);
  }
}

TEST(TextFaults, AnUnderflowIsZero) {  // TX24
  EXPECT_EQ(read_object(kHeader + "1,2,1e-400\n").light_curve.flux_err, (Doubles{0}));
}

TEST(TextFaults, AlmostNumbersAreNoNumbers) {  // TX25, TX26
  for (const std::string& word :
       {"0x10"s, "2.45D6"s, "1e"s, "1.5abc"s, "\xd9\xa3"s, "nan(abc)"s, std::string(4096, '7')}) {
    EXPECT_EQ(read_rejection(kHeader + "1," + word + ",3\n").code, Status::not_a_number) << word;
  }
  EXPECT_EQ(read_rejection(kHeader + "1," + std::string(4096, '7') + ",3\n").value.size(), 80u);
}

TEST(TextFaults, ALineOfMoreThanAMebibyteIsNotHeld) {  // TX27
  const std::string long_line(std::size_t{1} << 20, '1');
  const Diagnostic rejection = read_rejection(kHeader + "1,2,3\n1,2," + long_line + "\n");
  EXPECT_EQ(rejection.code, Status::line_too_long);
  EXPECT_EQ(rejection.line, 3);
  std::string header = "c0";
  for (int i = 1; i < 1'000'000; ++i) header += ",c" + std::to_string(i);
  EXPECT_EQ(read_rejection(header + "\n1,2\n").code, Status::line_too_long);
}

TEST(TextFaults, RowsKeepTheOrderOfTheFile) {  // TX28, LC25
  EXPECT_EQ(read_object(kHeader + "3,2,3\n1,2,3\n2,2,3\n").light_curve.time, (Doubles{3, 1, 2}));
}

TEST(TextFaults, CommentsAreNotPercentOrBackslash) {  // TX35
  EXPECT_EQ(read_rejection(kHeader + "% remark\n1,2,3\n").code, Status::field_count);
  EXPECT_EQ(read_rejection(kHeader + "1,2,3\n\\ remark, with, commas\n").code, Status::not_a_number);
}

TEST(TextFaults, AFileCutInsideANumberIsNoticed) {  // TX34
  EXPECT_EQ(read_rejection(kHeader + "1,2,3\n2,3").code, Status::field_count);
  const SourceObject object = read_object(kHeader + "1,2,3\n2,12,0.3");
  EXPECT_FALSE(object.rejection.has_value());
  EXPECT_TRUE(object.flags.has(Flag::no_final_newline));
  EXPECT_FALSE(read_object(kHeader + "1,2,3\n").flags.has(Flag::no_final_newline));
}

TEST(TextFaults, DamagedGzipRejectsTheWholeFile) {  // TX36
  std::string text = kHeader;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + "," + std::to_string(i % 7) + ",1\n";
  const std::string good = gzipped(text);
  std::string flipped = good;
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 4);
  for (const std::string& bytes :
       {good.substr(0, good.size() - 1), good.substr(0, good.size() / 2), flipped, good + "junk"}) {
    const SourceObject object = read_object(bytes);
    ASSERT_TRUE(object.rejection.has_value());
    EXPECT_EQ(object.rejection->code, Status::bad_compression);
    EXPECT_EQ(object.light_curve.size(), 0u);
  }
}

TEST(TextFaults, AnErrorColumnIsNeededOrItsValueGiven) {  // LC41
  const Diagnostic rejection = read_rejection("hjd,flux\n1,2\n");
  EXPECT_EQ(rejection.code, Status::missing_error_column);
  EXPECT_TRUE(mentions(to_string(rejection.hint), "missing-error"));
  SourceOptions options;
  options.missing_error = 0.5;
  const SourceObject object = read_object("hjd,flux\n1,2\n", options);
  EXPECT_EQ(object.light_curve.flux_err, (Doubles{0.5}));
  EXPECT_TRUE(object.flags.has(Flag::error_assumed));
  // Where there is a column, it counts.
  EXPECT_EQ(read_object(kHeader + "1,2,3\n", options).light_curve.flux_err, (Doubles{3}));
}

TEST(TextFaults, SentinelsAreFlaggedAndDroppedOnlyOnRequest) {  // LC23, LC24
  std::string fluxes = kHeader;
  std::string mags = "hjd,mag,mag_err\n";
  std::string errors = mags;
  for (int i = 0; i < 50; ++i) {
    const std::string t = std::to_string(i);
    fluxes += t + (i == 7 ? ",99.99,0.1\n" : "," + std::to_string(10 + i % 3) + ",0.1\n");
    mags += t + (i == 7 ? ",29.999,0.1\n" : "," + std::to_string(10 + 0.1 * (i % 3)) + ",0.1\n");
    errors += t + (i == 7 ? ",10,99.999\n" : ",10,0.0" + std::to_string(1 + i % 3) + "\n");
  }
  SourceOptions options;
  options.band = "V";
  SourceOptions dropping = options;
  dropping.null_values = {99.99, 29.999, 99.999};
  for (const std::string& text : {fluxes, mags, errors}) {
    const SourceObject kept = read_object(text, options);
    EXPECT_EQ(kept.light_curve.size(), 50u);
    EXPECT_TRUE(kept.flags.has(Flag::sentinel_suspected));
    const SourceObject dropped = read_object(text, dropping);
    EXPECT_EQ(dropped.light_curve.size(), 49u);
    EXPECT_EQ(dropped.dropped.null_values, 1u);
    EXPECT_FALSE(dropped.flags.has(Flag::sentinel_suspected));
  }
  // A star may really be that bright.
  EXPECT_FALSE(read_object(kHeader + "1,99,1\n2,98,1\n3,97,1\n4,99,1\n").flags.has(Flag::sentinel_suspected));
}

// ---- ASAS-SN .dat ----

const std::string kDatRows =
    "2456764.71864 11.840 0.021 70.455 1.363\n2456766.19917 11.972 0.022 62.390 1.264\n";

SourceObject read_dat(const std::string& text) {
  return read_object(text, {}, "ASASSN-V J1.dat");
}

TEST(AsassnDat, ReadsTheColumnsItsHeaderNames) {  // TX30, FM01
  for (const char* header :
       {"# SIM-1: simulated\nHJD MAG MAG_ERR FLUX FLUX_ERR\n",
        "ASASSN-V J1\n### HJD  MAG MAG_ERR  FLUX FLUX_ERR\n",
        "HJD MAG MAG_ERR FLUX FLUX_ERR\n(d) (mag) (mag) (mJy) (mJy)\n",
        "HJD\tMAG\tMAG_ERR\tFLUX\tFLUX_ERR\n----- --- --- --- ---\n", "HJD MAG MAG_ERR FLUX FLUX_ERR\n"}) {
    std::string text = header + kDatRows;
    if (text.find('\t') != std::string::npos) {
      for (char& c : text) c = c == ' ' ? '\t' : c;
    }
    const SourceObject object = read_dat(text);
    ASSERT_FALSE(object.rejection.has_value()) << header << to_string(*object.rejection);
    EXPECT_EQ(object.object_id, "ASASSN-V J1");
    EXPECT_EQ(object.light_curve.flux, (Doubles{70.455, 62.390})) << header;
    EXPECT_EQ(object.light_curve.flux_err, (Doubles{1.363, 1.264})) << header;
  }
}

TEST(AsassnDat, UnnamedHeadersAreBelievedOnlyIfFluxFollowsFromMagnitude) {  // TX30
  const SourceObject object = read_dat("ASAS-SN light curve\nV band\n" + kDatRows);
  ASSERT_FALSE(object.rejection.has_value()) << to_string(*object.rejection);
  EXPECT_EQ(object.light_curve.flux, (Doubles{70.455, 62.390}));
  EXPECT_TRUE(
      read_dat("ASAS-SN light curve\nV band\n2456764.7 11.840 0.021 40.455 1.363\n").rejection.has_value());
  EXPECT_TRUE(read_dat("ASAS-SN\n2456764.7 x y z w\n" + kDatRows).rejection.has_value());
  EXPECT_TRUE(read_dat("only one line\n" + kDatRows).rejection.has_value());
}

TEST(AsassnDat, WithoutItsHeaderNothingIsSkipped) {  // TX31
  EXPECT_EQ(read_dat(kDatRows).rejection->code, Status::bad_header);
  const SourceObject late = read_dat("2456760.1 11.8 0.02 70 1\nHJD MAG MAG_ERR FLUX FLUX_ERR\n" + kDatRows);
  ASSERT_TRUE(late.rejection.has_value());
  EXPECT_EQ(late.rejection->code, Status::bad_header);
  EXPECT_EQ(late.rejection->line, 1);
}

TEST(AsassnDat, ASixthColumnIsNotShiftedAway) {  // TX32
  const std::string header = "# star\nHJD MAG MAG_ERR FLUX FLUX_ERR\n";
  EXPECT_EQ(read_dat(header + "2456764.7 11.840 0.021 70.4 1.3 ba\n").rejection->code, Status::field_count);
  EXPECT_EQ(read_dat(header + "0 2456764.7 11.840 0.021 70.4 1.3\n").rejection->code, Status::field_count);
}

TEST(AsassnDat, ARowOfMissingValuesIsNoLineOfUnits) {
  EXPECT_EQ(read_dat("HJD MAG MAG_ERR FLUX FLUX_ERR\n- - - - -\n" + kDatRows).rejection->code,
            Status::missing_value);
}

TEST(AsassnDat, GluedColumnsAreNoticed) {  // TX33
  const SourceObject object =
      read_dat("# star\nHJD MAG MAG_ERR FLUX FLUX_ERR\n" + kDatRows + "2456767.1 14.1-0.02 7 1\n");
  EXPECT_EQ(object.rejection->code, Status::field_count);
  EXPECT_EQ(object.rejection->line, 5);
}

}  // namespace
}  // namespace astrom3
