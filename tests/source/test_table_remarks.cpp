// SPDX-License-Identifier: MIT
//
// Warnings about fluxes of an unknown unit, headers that say another one, and ids that may be none: of files
// and of tables in memory.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "source/flux_doubts.h"
#include "source/header_notes.h"
#include "tests/source/source_testing.h"
#include "tests/source/strangers_tables.h"

namespace astrom3 {
namespace {

bool warns(const ReadTable& table, std::string_view text) {
  for (const Diagnostic& warning : table.warnings)
    if (warning.message.find(text) != std::string::npos) return true;
  return false;
}

/// 24 fluxes scale * (9 +- 3), with errors of 2 %.
std::string fluxes_of(const std::string& header, double scale, int decimals) {
  return table_of(header, 24, [&](std::size_t i, double mag) {
    const double flux = scale * (9 + 10 * (mag - 12));
    return fmt::format("{},{:.{}f},{:.{}f}", day(i), flux, decimals, 0.02 * flux, decimals);
  });
}

TEST(FluxDoubts, AreNamedWithTheOptionThatEndsThem) {
  struct Case {
    double scale;
    int decimals;
    const char* text;
  };
  SourceOptions in_mjy;
  in_mjy.flux_unit = FluxUnit::mJy;
  for (const Case& c : {Case{1, 4, ""}, Case{1e2, 2, ""}, Case{1e3, 0, "whole numbers"},
                        Case{1e4, 2, "counts?"}, Case{1e-10, 14, "another unit?"}}) {
    const std::string text = fluxes_of("mjd,flux,flux_err", c.scale, c.decimals);
    const ReadTable table = read_table(text);
    EXPECT_EQ(table.warnings.empty(), *c.text == '\0') << c.scale;
    EXPECT_TRUE(*c.text == '\0' || warns(table, c.text)) << c.scale;
    EXPECT_TRUE(read_table(text, in_mjy).warnings.empty()) << c.scale;
    EXPECT_TRUE(read_table(fluxes_of("mjd,flux [mJy],flux_err", c.scale, c.decimals)).warnings.empty())
        << c.scale;
  }
}

TEST(FluxDoubts, FluxesDividedByTheirMedianAreNoMillijansky) {
  std::vector<double> values, errors(25, 0.02);
  for (int i = 0; i < 25; ++i) values.push_back(1 + 0.01 * (i - 12));
  EXPECT_EQ(doubt_of_fluxes(values, errors), FluxDoubt::relative);
  for (double& value : values) value += 0.01;
  EXPECT_EQ(doubt_of_fluxes(values, errors), FluxDoubt::none);
  values.assign(25, 1.0);
  values[3] = -1;
  EXPECT_EQ(doubt_of_fluxes(values, errors), FluxDoubt::none);
  EXPECT_EQ(doubt_of_fluxes(std::vector<double>(9, 1.0), std::vector<double>(9, 0.02)), FluxDoubt::none);
}

TEST(HeaderNotes, SayWhatTheNumbersAre) {
  struct Case {
    NoteOn what;
    const char* line;
    bool says;
  };
  for (const Case& c : {
           Case{NoteOn::fluxes, "# flux zero point 25.0", true},
           Case{NoteOn::fluxes, "# relative flux", true},
           Case{NoteOn::fluxes, "# flux in erg/s/cm2/A", true},
           Case{NoteOn::fluxes, "# flux x 1000", true},
           Case{NoteOn::fluxes, "# fluxes scaled by 1e-15", true},
           Case{NoteOn::fluxes, "# flux: 10^-3 Jy", true},
           Case{NoteOn::fluxes, "# meta: {flux_unit: uJy}", true},
           Case{NoteOn::fluxes, "# fluxes in mJy", false},
           Case{NoteOn::fluxes, "# reduced on 2017-09-04 by version 1.2", false},
           Case{NoteOn::fluxes, "flux in adu", false},  // no comment
           Case{NoteOn::uncalibrated_magnitudes, "# instrumental magnitudes", true},
           Case{NoteOn::uncalibrated_magnitudes, "# differential photometry", true},
           Case{NoteOn::uncalibrated_magnitudes, "# units: d, mmag, mmag", true},
           Case{NoteOn::uncalibrated_magnitudes, "# instrument: ZTF", false},
           Case{NoteOn::vega_magnitudes, "# mag in Vega system", true},
           Case{NoteOn::vega_magnitudes, "# Vega was observed, too", false},
           Case{NoteOn::ab_magnitudes, "# AB magnitudes", true},
           Case{NoteOn::ab_magnitudes, "# airmass ab initio", false},
           Case{NoteOn::times, "# time in seconds since MJD 58000", true},
           Case{NoteOn::times, "# time [h], flux, error", true},
           Case{NoteOn::times, "# time: decimal year", true},
           Case{NoteOn::times, "# time unit = min", true},
           Case{NoteOn::times, "# time in days", false},
           Case{NoteOn::times, "# exposure time in seconds: 30", false},
           Case{NoteOn::times, "# time: 2017-09-04, 30 s", false},
           Case{NoteOn::times, "# time (BJD)", false},
           Case{NoteOn::errors, "# errors are 3 sigma", true},
           Case{NoteOn::errors, "# errors (2-sigma)", true},
           Case{NoteOn::errors, "# uncertainties in percent", true},
           Case{NoteOn::errors, "# errors are 1 sigma", false},
           Case{NoteOn::errors, "# clipped at 3 sigma", false},
       }) {
    EXPECT_EQ(find_note(std::string(c.line) + "\n", c.what).has_value(), c.says) << c.line;
  }
}

TEST(HeaderNotes, AreWarningsWhereNothingElseSaysIt) {
  const auto text = [](const char* note, const char* header) {
    return fmt::format("# {}\n", note) + fluxes_of(header, 1, 4);
  };
  SourceOptions in_v = with_band("V"), in_g = with_band("g");
  in_v.zero_point_jy.reset();
  in_g.zero_point_jy.reset();
  EXPECT_TRUE(warns(read_table(text("time in hours", "time,flux,flux_err")), "taken as days"));
  SourceOptions in_hours;
  in_hours.time_unit = TimeUnit::hour;
  EXPECT_TRUE(read_table(text("time in hours", "time,flux,flux_err"), in_hours).warnings.empty());
  EXPECT_TRUE(read_table(text("time in hours", "time (h),flux,flux_err")).warnings.empty());
  EXPECT_TRUE(warns(read_table(text("errors are 3 sigma", "time,flux,flux_err")), "standard deviations"));
  EXPECT_TRUE(warns(read_table(text("AB magnitudes", "time,mag,mag_err"), in_v), "3836.3"));
  EXPECT_TRUE(read_table(text("AB magnitudes", "time,mag,mag_err"), in_g).warnings.empty());
  EXPECT_TRUE(warns(read_table(text("Vega magnitudes", "time,mag,mag_err"), in_g), "zero point of the band"));
  EXPECT_TRUE(read_table(text("Vega magnitudes", "time,mag,mag_err"), in_v).warnings.empty());
  EXPECT_TRUE(
      read_table(text("instrumental magnitudes", "time,mag,mag_err"), with_band("V")).warnings.empty());
}

TEST(DoubtfulIds, AreNamed) {
  // Ids of such a notation are other ones as numbers in memory, so that the tables are read as text alone.
  const auto of = [](const char* id, const SourceOptions& options = {}) {
    const std::string text = table_of("star_id,mjd,flux,flux_err", 12, [&](std::size_t i, double mag) {
      return fmt::format("{},{},{:.4f},0.2", id, day(i), mag);
    });
    TextSource source(DecompressedReader(ByteReader::in_memory(text)), "star.csv", options);
    ReadTable table;
    for (SourceObject object; source.next(object);) table.objects.push_back(object);
    table.warnings = source.take_warnings();
    return table;
  };
  EXPECT_TRUE(warns(of("0.25"), "fraction"));
  EXPECT_TRUE(warns(of("5.853498713190525e+18"), "rounded"));
  for (const char* id : {"12", "12.0", "5853498713190525696", "1e3", "V0.25", "4.295e+12"})
    EXPECT_TRUE(of(id).warnings.empty()) << id;
  SourceOptions named;
  named.id_column = "star_id";
  EXPECT_TRUE(of("101.01", named).warnings.empty());
  EXPECT_TRUE(warns(of("5.853498713190525e+18", named), "rounded"));
}

TEST(TableInMemory, WarnsAsAFile) {
  std::vector<double> time, flux, error(24, 200.0), id(24, 0x1.5p62);
  for (std::size_t i = 0; i < 24; ++i) {
    time.push_back(day(i));
    flux.push_back(12345 + 1000 * static_cast<double>(i % 7));
  }
  const std::vector<FlatColumn> columns{{.name = "source_id", .data = id.data()},
                                        {.name = "mjd", .data = time.data()},
                                        {.name = "flux", .data = flux.data()},
                                        {.name = "flux_err", .data = error.data()},
                                        {.name = "hjd", .data = time.data()}};
  const auto table = LightCurveTable::from_rows(24, columns, {});
  const std::vector<Diagnostic> warnings = table.warnings("# flux zero point 25.0\n");
  std::string all;
  for (const Diagnostic& warning : warnings) all += warning.message + "\n";
  for (const char* text : {"not used: mjd", "the header says", "rounded", "whole numbers"})
    EXPECT_NE(all.find(text), std::string::npos) << text << " in " << all;
  EXPECT_EQ(warnings.size(), 4u) << all;
  SourceOptions in_mjy;
  in_mjy.flux_unit = FluxUnit::mJy;
  EXPECT_EQ(LightCurveTable::from_rows(24, columns, in_mjy).warnings("# flux zero point 25.0\n").size(), 2u);
}

}  // namespace
}  // namespace astrom3
