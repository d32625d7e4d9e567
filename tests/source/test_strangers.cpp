// SPDX-License-Identifier: MIT
//
// Tables of people whom nobody here knows: what could change a number is used, refused by name or remarked.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/source/light_curve_table.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"
#include "tests/source/source_testing.h"
#include "tests/source/strangers_tables.h"

namespace astrom3 {
namespace {

// ---- bands ---------------------------------------------------------------------------------------

TEST(StrangersBands, AreKnownByManyNames) {
  for (const char* name : {"passband", "fid", "filt", "flt", "filterid", "filter_id", "Filter Name",
                           "bandpass", "photometric_band", "channel", "filterName", "BAND", "obs_filter"}) {
    const std::string text = table_of(fmt::format("jd,mag,err,{}", name), 20, [](std::size_t i, double mag) {
      return fmt::format("{},{:.4f},0.01,{}", day(i), mag + (i % 2 == 0 ? 0 : 0.1), i % 2 == 0 ? "V" : "B");
    });
    EXPECT_EQ(read_rejection(text, with_band("")).code, Status::mixed_bands) << name;
    EXPECT_EQ(read_object(text, with_band("V")).light_curve.size(), 10u) << name;
    EXPECT_EQ(read_table(text, with_band("split")).objects.size(), 2u) << name;
    EXPECT_NE(rejection_text(read_object(text, with_band("R"))).find("the table has V, B"), std::string::npos)
        << name;
  }
}

TEST(StrangersBands, UnderANameNobodyExpectsAreFoundByTheirLevels) {
  const auto text_with = [](const std::string& name, const std::string& a, const std::string& b,
                            double offset) {
    return table_of("jd,mag,err," + name, 40, [&](std::size_t i, double mag) {
      const bool first = i % 2 == 0;
      return fmt::format("{},{:.4f},0.01,{}", day(i), mag + (first ? 0 : offset), first ? a : b);
    });
  };
  for (const char* name : {"colour", "optics", "wheel_position", "tel"}) {
    const std::string text = text_with(name, "3", "7", 1.2);
    const Diagnostic rejection = read_rejection(text, with_band("V"));
    EXPECT_EQ(rejection.code, Status::mixed_bands) << name;
    EXPECT_EQ(rejection.column, name);
    SourceOptions chosen = with_band("3");
    chosen.columns["band"] = name;
    EXPECT_EQ(read_object(text, chosen).light_curve.size(), 20u);
    SourceOptions none = with_band("V");
    none.columns["band"] = "-";
    EXPECT_EQ(read_object(text, none).light_curve.size(), 40u);
  }
  EXPECT_EQ(read_object(text_with("camera", "ba", "bb", 0.01), with_band("V")).light_curve.size(), 40u);
  EXPECT_EQ(read_object(text_with("is_photometric", "0", "1", 0.0), with_band("V")).light_curve.size(), 40u);
}

TEST(StrangersBands, AreNotTheRowsThatAColumnOfYesAndNoMarks) {
  const std::string text = table_of("mjd,mag,err,limit", 40, [](std::size_t i, double mag) {
    return fmt::format("{},{:.4f},0.01,{}", day(i), mag + (i % 5 == 0 ? 3 : 0), i % 5 == 0 ? 1 : 0);
  });
  const Diagnostic rejection = read_rejection(text, with_band("V"));
  ASSERT_EQ(rejection.hint.remedies.size(), 3u);
  EXPECT_EQ(rejection.hint.remedies[2].value, "limit=0");
  SourceOptions kept = with_band("V");
  kept.where = {"limit=0"};
  EXPECT_EQ(read_object(text, kept).light_curve.size(), 32u);
}

TEST(StrangersBands, NearEachOtherAreKnownByWordsOfTheName) {
  // Without the name nothing would tell these two bands apart.
  for (const char* name : {"obs_filt", "camera_filter", "telescopeFilter", "waveband", "lc_band", "Filtro",
                           "FLT_ID", "lambda_eff", "wavelength"}) {
    const bool is_wavelength = std::string(name) == "wavelength" || std::string(name) == "lambda_eff";
    const std::string text = table_of(fmt::format("jd,mag,err,{}", name), 40, [&](std::size_t i, double mag) {
      const char* const value = is_wavelength ? (i % 2 == 0 ? "0.477" : "0.6231") : (i % 2 == 0 ? "V" : "B");
      return fmt::format("{},{:.4f},0.01,{}", day(i), mag, value);
    });
    const Diagnostic rejection = read_rejection(text, with_band("V"));
    EXPECT_EQ(rejection.code, Status::mixed_bands) << name;
    EXPECT_EQ(rejection.column, name);
    SourceOptions none = with_band("V");
    none.columns = {{"band", "-"}};
    EXPECT_EQ(read_object(text, none).light_curve.size(), 40u) << name;
    SourceOptions named = with_band(is_wavelength ? "0.477" : "V");
    named.columns = {{"band", name}};
    EXPECT_EQ(read_object(text, named).light_curve.size(), 20u) << name;
  }
  for (const char* name : {"filter_zp", "n_filters", "band_flag", "filtered", "filter_width"}) {
    const std::string text = table_of(fmt::format("jd,mag,err,{}", name), 40, [](std::size_t i, double mag) {
      return fmt::format("{},{:.4f},0.01,{}", day(i), mag, i % 2);
    });
    EXPECT_EQ(read_object(text, with_band("V")).light_curve.size(), 40u) << name;
  }
}

TEST(StrangersBands, InASecondColumnAreNotMixed) {
  const auto text = [](const char* second) {
    return table_of(fmt::format("jd,mag,mag_err,filter,{}", second), 40, [](std::size_t i, double mag) {
      return fmt::format("{},{:.4f},0.01,clear,{}", day(i), mag, i % 2 == 0 ? "o" : "c");
    });
  };
  for (const char* second : {"fid", "channel", "obs_band", "F"}) {
    const Diagnostic rejection = read_rejection(text(second), with_band(""));
    EXPECT_EQ(rejection.code, Status::mixed_bands) << second;
    ASSERT_EQ(rejection.hint.remedies.size(), 2u) << second;
    EXPECT_EQ(rejection.hint.remedies[0].value, fmt::format("band={}", second));
    EXPECT_EQ(rejection.hint.remedies[1].value, "band=filter");
    SourceOptions by_filter = with_band("");
    by_filter.columns = {{"band", "filter"}};
    EXPECT_EQ(read_object(text(second), by_filter).light_curve.size(), 40u) << second;
  }
}

TEST(WatchedColumns, WithFractionsAreNoBandsByTheirLevels) {
  // Errors that are rounded to few values follow the level of a star.
  const std::string text = table_of("jd,mag,err,e_sys", 60, [](std::size_t i, double mag) {
    return fmt::format("{},{:.4f},0.01,{}", day(i), mag + (i % 2 == 0 ? 0 : 2), i % 2 == 0 ? "0.02" : "0.04");
  });
  EXPECT_EQ(read_object(text, with_band("V")).light_curve.size(), 60u);
}

TEST(StrangersBands, AreNotSeasonsThatFollowEachOther) {
  const std::string text = table_of("jd,mag,err,season", 60, [](std::size_t i, double mag) {
    return fmt::format("{},{:.4f},0.01,{}", day(i), mag + 0.05 * static_cast<double>(i), i / 15);
  });
  EXPECT_EQ(read_object(text, with_band("V")).light_curve.size(), 60u);
}

// ---- ids -----------------------------------------------------------------------------------------

TEST(StrangersIds, AreKnownByManyNames) {
  for (const char* name : {"source_id", "objectId", "oid", "SNID", "id", "ID", "star_id", "Star Name", "name",
                           "target", "asas_sn_id", "TIC", "KIC", "ztf_id", "gaia_source_id", "diaObjectId"}) {
    const std::string text =
        table_of(fmt::format("{},mjd,flux,flux_err", name), 20, [](std::size_t i, double mag) {
          return fmt::format("{},{},{:.4f},0.1", i < 10 ? 11 : 22, day(i), mag);
        });
    const ReadTable table = read_table(text);
    ASSERT_EQ(table.objects.size(), 2u) << name;
    EXPECT_EQ(table.objects[0].object_id, "11") << name;
    SourceOptions one;
    one.id_column = "-";
    EXPECT_EQ(read_object(text, one).light_curve.size(), 20u) << name;
  }
}

TEST(StrangersIds, OfWhichThereAreTwoAreRefused) {
  for (const char* header :
       {"source_id,name,mjd,flux,flux_err", "TIC,KIC,mjd,flux,flux_err", "oid,objectid,mjd,flux,flux_err"}) {
    const Diagnostic rejection = read_rejection(std::string(header) + "\n1,2,58000,14,1\n1,3,58001,15,1\n");
    EXPECT_EQ(rejection.code, Status::ambiguous_column) << header;
    EXPECT_NE(rejection.message.find(std::string(header).substr(0, 3)), std::string::npos);
  }
  // The documented name is the one.
  EXPECT_EQ(read_table("object_id,name,mjd,flux,flux_err\n1,a,58000,14,1\n1,b,58001,15,1\n").objects.size(),
            1u);
}

TEST(StrangersIds, InASecondColumnAreNotMixed) {
  std::string text = "object_id,source_id,jd,mag,err\n";
  for (const char* star : {"a", "b"})
    for (std::size_t i = 0; i < 20; ++i)
      text += fmt::format("field,{},{},{},0.01\n", star, day(i), 12 + 0.1 * static_cast<double>(i % 5));
  EXPECT_EQ(read_rejection(text, with_band("V")).code, Status::not_grouped);
  SourceOptions named = with_band("V");
  named.id_column = "object_id";
  EXPECT_EQ(read_object(text, named).light_curve.size(), 40u);
}

TEST(StrangersIds, ThatNumberTheRowsAreRemarked) {
  const TemporaryFolder folder;
  const auto file =
      write_file(folder / "rows.csv", "id,mjd,flux,flux_err\n1,58000,14,1\n2,58001,15,1\n3,58002,16,1\n");
  const auto source = open_source({file}, {});
  std::size_t n = 0;
  for (SourceObject object; source->next(object);) ++n;
  EXPECT_EQ(n, 3u);
  const std::vector<Diagnostic> warnings = source->take_warnings();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].hint.remedies[0].name, "id-column");
}

TEST(StrangersIds, AreMissedWhereTheRowsLieAtSeveralPlaces) {
  const auto text_with = [](const std::string& names, const std::string& here, const std::string& there) {
    return table_of("mjd,mag,mag_err," + names, 20, [&](std::size_t i, double mag) {
      return fmt::format("{},{:.4f},0.02,{}", day(i), mag, i < 12 ? here : there);
    });
  };
  for (const auto& [names, here, there] :
       {std::array{"ra,dec", "10.1,-1.0", "20.2,-2.0"},
        {"RAJ2000,DEJ2000", "10.1,-1.0", "10.1,-1.019"},
        {"ra_deg,dec_deg", "10.1,60.0", "10.15,60.0"},
        {"glon,glat", "0.001,2", "359.9,2"},
        {"RA,Dec", "17:45:40.0,-29:00:28", "17:45:50.0,-29:00:28"},
        {"Right Ascension,Declination", "17 45 40.0,-00 00 28", "17 45 40.0,+00 00 48"}}) {
    const Diagnostic rejection = read_rejection(text_with(names, here, there), with_band("V"));
    EXPECT_EQ(rejection.code, Status::not_grouped) << names;
    EXPECT_EQ(rejection.line, 14) << names;
    SourceOptions one = with_band("V");
    one.id_column = "-";
    EXPECT_EQ(read_object(text_with(names, here, there), one).light_curve.size(), 20u) << names;
  }
  for (const auto& [names, here, there] : {std::array{"ra,dec", "10.1,-1.0", "10.1001,-1.0001"},
                                           {"ra,dec", "359.9999,60", "0.0001,60"},
                                           {"ra,dec", "10.1,-1.0", "10.1,-1.0145"},
                                           {"ra,dec", "10.1,-1.0", ","},
                                           {"ra,dec", "17:45:40.0,-29:00:28", "17:45:40.1,-29:00:29"}})
    EXPECT_EQ(read_object(text_with(names, here, there), with_band("V")).light_curve.size(), 20u) << there;
}

TEST(StrangersIds, AreNotAskedForWhereOffsetsSayWhoseARowIs) {
  const std::vector<double> time{1, 2, 3, 4}, flux{5, 6, 7, 8}, error{1, 1, 1, 1}, id{1, 2, 3, 4};
  const std::vector<std::int64_t> offsets{0, 2, 4};
  const auto column = [](const char* name, const std::vector<double>& values) {
    return FlatColumn{.name = name, .data = values.data(), .categories = {}};
  };
  const auto table =
      LightCurveTable::from_columns(offsets, 4,
                                    {column("time", time), column("flux", flux), column("flux_err", error),
                                     column("id", id), column("oid", id)},
                                    {});
  EXPECT_EQ(table.size(), 2u);
}

TEST(StrangersBands, AreFoundByTheirLevelsInMemoryToo) {
  std::vector<double> time, flux, error(40, 0.1);
  std::vector<std::int64_t> wheel;
  for (std::size_t i = 0; i < 40; ++i) {
    time.push_back(day(i));
    flux.push_back((i % 2 == 0 ? 10.0 : 30.0) + std::sin(2.1 * static_cast<double>(i)));
    wheel.push_back(i % 2 == 0 ? 3 : 7);
  }
  const auto table = LightCurveTable::from_rows(
      40,
      {{.name = "time", .data = time.data(), .categories = {}},
       {.name = "flux", .data = flux.data(), .categories = {}},
       {.name = "flux_err", .data = error.data(), .categories = {}},
       {.name = "wheel", .data = wheel.data(), .type = NumberType::int64, .categories = {}}},
      {});
  SourceObject object;
  table.read(0, object);
  ASSERT_TRUE(object.rejection.has_value());
  EXPECT_EQ(object.rejection->code, Status::mixed_bands);
}

// ---- quality -------------------------------------------------------------------------------------

TEST(StrangersQuality, IsNamedAsNotUsed) {
  for (const char* name :
       {"quality", "flags", "catflags_", "sap_quality", "flag", "bad", "is_bad", "psf_flag", "grade"}) {
    const std::string text =
        table_of(fmt::format("bjd,flux,flux_err,{}", name), 20, [](std::size_t i, double mag) {
          return fmt::format("{},{:.4f},0.1,{}", day(i), mag, i % 5 == 0 ? 4096 : 0);
        });
    const ReadTable table = read_table(text);
    ASSERT_EQ(table.warnings.size(), 1u) << name;
    EXPECT_NE(table.warnings[0].message.find(name), std::string::npos);
    SourceOptions good;
    good.where = {fmt::format("{}=0", name)};
    SourceOptions masked;
    masked.quality_mask = 4096;
    EXPECT_EQ(read_object(text, masked).light_curve.size(), 16u) << name;
    TextSource source(DecompressedReader(ByteReader::in_memory(text)), "a.csv", good);
    SourceObject star;
    ASSERT_TRUE(source.next(star));
    EXPECT_EQ(star.light_curve.size(), 16u) << name;
    EXPECT_EQ(star.dropped.quality, 4u) << name;
  }
}

TEST(StrangersQuality, InWordsFollowsTheSameRemedy) {
  for (const char* column : {"is_bad", "is_good"}) {
    const bool marks_good = std::string_view(column) == "is_good";
    for (const auto& [no, yes] :
         {std::pair{"False", "True"}, {"false", "true"}, {"NO", "YES"}, {"0", "1"}, {"0.0", "1.0"}}) {
      const std::string text =
          table_of(fmt::format("bjd,flux,flux_err,{}", column), 20,
                   [&, no = no, yes = yes](std::size_t i, double mag) {
                     const bool is_bad = i % 5 == 0;
                     return fmt::format("{},{:.4f},0.1,{}", day(i), mag, is_bad != marks_good ? yes : no);
                   });
      const ReadTable table = read_table(text);
      ASSERT_EQ(table.warnings.size(), 1u) << column << ' ' << yes;
      SourceOptions options;
      options.where = {table.warnings[0].hint.remedies[0].value};
      EXPECT_EQ(read_object(text, options).light_curve.size(), 16u) << column << ' ' << yes;
    }
  }
}

TEST(StrangersQuality, IsRemarkedWithAValueThatItHas) {
  struct Expected {
    const char *name, *good, *bad, *remedy;
  };
  for (const Expected& e : {Expected{"QFLAG", "A", "D", "QFLAG=A"},
                            {"qc_flag", "PASS", "FAIL", "qc_flag=PASS"},
                            {"is_valid", "true", "false", "is_valid=true"},
                            {"use", "Y", "N", "use=Y"},
                            {"saturation", "no", "yes", "saturation=no"},
                            {"exclude", "0", "1", "exclude=0"},
                            {"qual_frame", "10", "0", "qual_frame=10"},
                            {"limit_flag", "", "<", "limit_flag="},
                            {"invalid", "0", "1", "invalid=0"},
                            {"phot_status", "fine", "clouds", "phot_status=fine"}}) {
    const std::string text =
        table_of(fmt::format("jd,mag,err,{}", e.name), 40, [&](std::size_t i, double mag) {
          return fmt::format("{},{:.4f},0.01,{}", day(i), mag, i % 5 == 0 ? e.bad : e.good);
        });
    const auto warnings = read_table(text, with_band("V")).warnings;
    ASSERT_EQ(warnings.size(), 1u) << e.name;
    ASSERT_FALSE(warnings[0].hint.remedies.empty()) << e.name;
    EXPECT_EQ(warnings[0].hint.remedies[0].value, e.remedy);
    SourceOptions good = with_band("V");
    good.where = {e.remedy};
    EXPECT_EQ(read_object(text, good).light_curve.size(), 32u) << e.name;
  }
}

TEST(StrangersQuality, ThatMarksGoodRowsIsNotTakenForTheReverse) {
  const std::string text = table_of("bjd,flux,flux_err,is_good", 20, [](std::size_t i, double mag) {
    return fmt::format("{},{:.4f},0.1,{}", day(i), mag, i % 5 == 0 ? 0 : 1);
  });
  const ReadTable table = read_table(text);
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_EQ(table.warnings[0].hint.remedies[0].value, "is_good=1");
  SourceOptions masked;
  masked.quality_mask = 1;
  EXPECT_EQ(read_object(text, masked).light_curve.size(), 20u);
}

TEST(StrangersQuality, ThatTakesMostOfAStarIsFlagged) {
  const std::string text = table_of("jd,mag,magerr,catflags", 20, [](std::size_t i, double mag) {
    return fmt::format("{},{:.4f},0.1,{}", day(i), mag, i < 15 ? 1 : 0);
  });
  const ReadTable table = read_table(text, with_band("zr"));
  ASSERT_EQ(table.objects.size(), 1u);
  EXPECT_TRUE(table.objects[0].flags.has(Flag::mostly_dropped));
  ASSERT_EQ(table.warnings.size(), 1u);
  SourceOptions all = with_band("zr");
  all.quality_mask = 0;
  EXPECT_EQ(read_object(text, all).light_curve.size(), 20u);
}

TEST(Atlas, KeepsGoodFitsOfBrightStars) {
  const std::string head = "###MJD m dm uJy duJy F err chi/N RA Dec x y maj min phi apfit mag5sig Sky Obs\n";
  const auto row = [](std::size_t i, double flux, double chi) {
    return fmt::format("{} 13.7 0.003 {:.0f} 40 o 0 {} 10 20 1 1 2.5 2.3 -20 -0.4 18.9 19.5 01a{}\n", day(i),
                       flux, chi, i);
  };
  std::string bright = head, faint = head;
  for (std::size_t i = 0; i < 20; ++i) {
    bright += row(i, 12000 + 10.0 * static_cast<double>(i), i == 7 ? 90000 : 600);
    faint += row(i, 300 + 10.0 * static_cast<double>(i), i == 7 ? 600 : 2);
  }
  EXPECT_EQ(read_object(bright).light_curve.size(), 19u);
  EXPECT_EQ(read_object(faint).light_curve.size(), 19u);
}

// ---- magnitudes that are called fluxes -----------------------------------------------------------

TEST(LooksLikeMagnitudes, IsDecidedByHowErrorsGrow) {
  const auto flagged = [](const std::string& header, const auto& error) {
    const std::string text = table_of(header, 60, [&](std::size_t i, double mag) {
      return fmt::format("{},{:.4f},{:.5f}", day(i), mag, error(mag));
    });
    return read_object(text).flags.has(Flag::looks_like_magnitudes);
  };
  EXPECT_TRUE(flagged("mjd,flux,flux_err", [](double m) { return 0.01 * std::pow(10, 0.3 * (m - 12)); }));
  EXPECT_FALSE(flagged("mjd,flux,flux_err", [](double f) { return 0.02 * std::sqrt(f); }));  // 12 mJy
  EXPECT_FALSE(flagged("mjd,flux,flux_err", [](double) { return 0.05; }));
  EXPECT_FALSE(
      flagged("mjd,flux_mJy,flux_err_mJy", [](double m) { return 0.01 * std::pow(10, 0.3 * (m - 12)); }));
}

TEST(LooksLikeMagnitudes, IsWarnedOfWhereNothingTellsThemFromFluxes) {
  const auto warned = [](const std::string& header, double offset, double error,
                         const SourceOptions& options) {
    const std::string text = table_of(header, 60, [&](std::size_t i, double mag) {
      return fmt::format("{},{:.4f},{}", day(i), mag + offset, error);
    });
    const auto warnings = read_table(text, options).warnings;
    return std::count_if(warnings.begin(), warnings.end(), [](const Diagnostic& warning) {
      return warning.message.find("could be magnitudes") != std::string::npos;
    });
  };
  const SourceOptions plain;
  EXPECT_EQ(warned("mjd,flux,flux_err", 0, 0.02, plain), 1);
  EXPECT_EQ(warned("mjd,flux,flux_err", 0, 0.2, plain), 0);        // magnitudes are more precise
  EXPECT_EQ(warned("mjd,flux,flux_err", -11.5, 0.001, plain), 0);  // normalised fluxes
  EXPECT_EQ(warned("mjd,flux,flux_err", 100, 0.02, plain), 0);
  EXPECT_EQ(warned("mjd,flux_mJy,flux_err_mJy", 0, 0.02, plain), 0);
  SourceOptions in_mjy;
  in_mjy.flux_unit = FluxUnit::mJy;
  EXPECT_EQ(warned("mjd,flux,flux_err", 0, 0.02, in_mjy), 0);
  SourceOptions as_magnitudes = with_band("V");
  as_magnitudes.columns = {{"mag", "flux"}, {"mag_err", "flux_err"}};
  EXPECT_EQ(warned("mjd,flux,flux_err", 0, 0.02, as_magnitudes), 0);
}

TEST(HeaderNotes, OnFluxesThatAreTakenAsMilliJanskyAreWarnedOf) {
  const auto n_warnings = [](const std::string& above, const std::string& names) {
    return read_table(above + table_of(names, 20,
                                       [](std::size_t i, double mag) {
                                         return fmt::format("{} {:.4f} 5", day(i), 100 * mag);
                                       }))
        .warnings.size();
  };
  for (const char* note :
       {"# ZP = 23.9\n", "# zero point: 25.0 mag\n", "# flux in microJansky\n", "# units: d, adu, adu\n",
        "@zp 25\n", "# magzero 27.5\n", "# flux unit: electrons per second\n"}) {
    EXPECT_EQ(n_warnings(note, "mjd flux flux_err"), 1u) << note;
    EXPECT_EQ(n_warnings(note, "mjd flux_mJy flux_err_mJy"), 0u) << note;
  }
  for (const char* note : {"# flux in mJy\n", "# made by ZPrime 3\n", "# number of counts: 20\n", "# flux\n"})
    EXPECT_EQ(n_warnings(note, "mjd flux flux_err"), 0u) << note;
}

TEST(CalendarDates, AreNoDays) {
  const auto read = [](double first) {
    return read_rejection(table_of("date_jd,flux,flux_err", 20,
                                   [&](std::size_t i, double mag) {
                                     return fmt::format("{:.1f},{},{}", first + static_cast<double>(i), mag,
                                                        0.1);
                                   }),
                          [] {
                            SourceOptions o;
                            o.columns = {{"time", "date_jd"}};
                            return o;
                          }())
        .code;
  };
  EXPECT_EQ(read(20170901), Status::bad_header);
  EXPECT_EQ(read(20170920), Status::ok);  // as days, up to the 39th
  EXPECT_EQ(read(2458000), Status::ok);
}

TEST(Hints, SayWhyNothingIsLeft) {
  const std::string text = table_of("JD,Magnitude,Uncertainty,Band", 20, [](std::size_t i, double mag) {
    return fmt::format("{},{:.1f},,Vis.", day(i), mag);
  });
  const Diagnostic rejection = read_rejection(text, with_band("Vis."));
  EXPECT_EQ(rejection.code, Status::no_points);
  EXPECT_NE(rejection.message.find("Uncertainty"), std::string::npos);
  ASSERT_EQ(rejection.hint.remedies.size(), 1u);
  EXPECT_EQ(rejection.hint.remedies[0].name, "missing-error");
}

}  // namespace
}  // namespace astrom3
