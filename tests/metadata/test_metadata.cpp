// SPDX-License-Identifier: MIT
//
// Metadata: the golden rows, the names that catalogues have, and what is answered to bad values.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include "astrom3/metadata/metadata.h"
#include "base/regular_file.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "metadata/columns.h"
#include "metadata/galactic.h"
#include "metadata/scaling_text.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(ASTROM3_TEST_DATA) / "multimodal/preprocess_metadata";

MetadataScaling golden_scaling() {
  return read_metadata_scaling(kGolden / "info.json");
}

/// A scaling of a few columns without any shift, so that x is the transformed value.
MetadataScaling plain(const std::vector<std::pair<std::string, Transform>>& columns) {
  MetadataScaling scaling;
  for (const auto& [name, transform] : columns) {
    scaling.columns.push_back(name);
    scaling.transforms.push_back(transform);
    scaling.mean.push_back(0);
    scaling.std.push_back(1);
  }
  return scaling;
}

/// A table with that text, for as long as it lives.
class TextTable {
 public:
  explicit TextTable(const std::string& text)
      : path_(fs::temp_directory_path() /
              ("astrom3_metadata_" + std::to_string(::getpid()) + "_" + std::to_string(number_++) + ".csv")) {
    std::ofstream(path_) << text;
  }
  ~TextTable() { fs::remove(path_); }
  TextTable(const TextTable&) = delete;
  TextTable& operator=(const TextTable&) = delete;
  const fs::path& path() const { return path_; }

 private:
  static inline int number_ = 0;
  fs::path path_;
};

MetadataTable table_of(const std::string& text, MetadataScaling scaling, MetadataOptions options = {}) {
  return MetadataTable(TextTable(text).path(), std::move(scaling), std::move(options));
}

std::string error_of(const std::string& text, const MetadataScaling& scaling) {
  try {
    table_of(text, scaling);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_metadata);
    return error.what();
  }
  ADD_FAILURE() << "was read";
  return {};
}

TEST(MetadataTable, GivesTheGoldenRows) {
  const MetadataTable table(kGolden / "catalogue.csv", golden_scaling());
  const SafetensorsFile expected = SafetensorsFile::open(kGolden / "expected.safetensors");
  const std::vector<float> x = to_float32(expected.at("metadata"));
  const JsonValue rows =
      parse_json(expected.metadata().at("rows"), {.code = Status::bad_config, .file = "rows"});
  for (std::size_t i = 0; i < rows.elements.size(); ++i) {
    const MetadataRow* row = table.find(rows.elements[i].text);
    ASSERT_NE(row, nullptr) << rows.elements[i].text;
    ASSERT_EQ(row->status, Status::ok) << rows.elements[i].text << ": " << row->message;
    for (std::size_t c = 0; c < 34; ++c) {
      const float wanted = x[i * 34 + c];
      EXPECT_LE(std::fabs(row->x[c] - wanted), std::fabs(std::nextafter(wanted, INFINITY) - wanted))
          << rows.elements[i].text << " " << table.scaling().columns[c];
    }
  }
}

TEST(MetadataTable, GivesEveryBadGoldenRowItsCode) {
  const MetadataTable table(kGolden / "catalogue.csv", golden_scaling());
  const SafetensorsFile expected = SafetensorsFile::open(kGolden / "expected.safetensors");
  const JsonValue bad =
      parse_json(expected.metadata().at("bad"), {.code = Status::bad_config, .file = "bad"});
  for (std::size_t i = 0; i < bad.keys.size(); ++i) {
    // The period is the light curve's; a unit is judged for the table and not for a row.
    const bool is_of_row =
        bad.keys[i] == "missing_w3" || bad.keys[i] == "nan_ruwe" || bad.keys[i] == "sentinel_99";
    const MetadataRow* row = table.find(bad.keys[i]);
    ASSERT_NE(row, nullptr) << bad.keys[i];
    EXPECT_EQ(status_name(row->status), is_of_row ? bad.elements[i].text : "ok") << bad.keys[i];
    EXPECT_EQ(row->message.empty(), !is_of_row) << bad.keys[i];
  }
}

TEST(MetadataTable, NamesTheTableInWhichAColumnIsThereTwice) {
  const MetadataScaling scaling{
      .columns = {"ruwe"}, .transforms = {Transform::plain}, .mean = {1}, .std = {1}, .source = "s"};
  const std::string message = error_of("object_id,ruwe,ruwe\na,1,2\n", scaling);
  EXPECT_NE(message.find("astrom3_metadata_"), std::string::npos) << message;
  EXPECT_NE(message.find("ruwe"), std::string::npos) << message;
}

// The vector of a real star that upstream printed: the columns whose mean and std could be solved.
TEST(MetadataTable, GivesTheVectorThatUpstreamPrinted) {
  const std::string text =
      read_text_file(kGolden / "upstream_row.json", std::size_t{1} << 20, Status::bad_config);
  const JsonValue row = parse_json(text, {.code = Status::bad_config, .file = "upstream_row.json"});
  MetadataScaling scaling;
  const MetadataScaling golden = golden_scaling();
  std::vector<std::size_t> places;
  for (std::size_t c = 0; c < golden.columns.size(); ++c) {
    const JsonValue* solved = row.find("columns_solved")->find(golden.columns[c]);
    if (solved == nullptr) continue;
    scaling.columns.push_back(golden.columns[c]);
    scaling.transforms.push_back(golden.transforms[c]);
    scaling.mean.push_back(solved->find("mean")->number);
    scaling.std.push_back(solved->find("std")->number);
    places.push_back(c);
  }
  ASSERT_EQ(places.size(), 11u);
  const MetadataTable table(kGolden / "catalogue.csv", scaling);
  const MetadataRow* star = table.find("real_row_0");
  ASSERT_NE(star, nullptr);
  for (std::size_t i = 0; i < places.size(); ++i)
    EXPECT_NEAR(star->x[i], row.find("standardised")->elements[places[i]].number, 2e-3) << scaling.columns[i];
}

// MD03: a parallax that is not positive counts as 1 mas.
TEST(MetadataTable, TakesOneMasWhereAParallaxIsNotPositiveAndSaysSo) {
  const MetadataTable table =
      table_of("object_id,parallax,j_mag\na,-0.3,10\nb,1,10\nc,0,10\nd,0.1,10\n",
               plain({{"parallax", Transform::plain}, {"j_mag", Transform::absolute}}));
  for (const char* id : {"a", "b", "c"}) EXPECT_FLOAT_EQ(table.find(id)->x[1], 0) << id;
  EXPECT_FLOAT_EQ(table.find("a")->x[0], -0.3f);
  EXPECT_FLOAT_EQ(table.find("d")->x[1], -5);
  EXPECT_EQ(table.find("a")->flags, std::vector<std::string>{"parallax_not_positive"});
  EXPECT_EQ(table.find("c")->flags, std::vector<std::string>{"parallax_not_positive"});
  EXPECT_TRUE(table.find("b")->flags.empty());
}

TEST(MetadataTable, FlagsWhatIsFarOutOfTheTrainingData) {
  const MetadataTable table =
      table_of("object_id,ruwe\na,10.5\nb,9.5\n", plain({{"ruwe", Transform::plain}}));
  EXPECT_EQ(table.find("a")->flags, std::vector<std::string>{"out_of_range:ruwe=10.5"});
  EXPECT_TRUE(table.find("b")->flags.empty());
}

// MD01: columns that are missing are named all at once.
TEST(MetadataTable, NamesAllMissingColumnsAtOnce) {
  const std::string message =
      error_of("object_id,ruwe\na,1\n",
               plain({{"ruwe", Transform::plain}, {"j_mag", Transform::plain}, {"l", Transform::cosine}}));
  for (const char* word : {"2 columns are missing", "j_mag (jmag, j_m)", "l (glon)"})
    EXPECT_NE(message.find(word), std::string::npos) << message;
}

// MD01: cells without a number.
TEST(MetadataTable, NeverGuessesAMissingValue) {
  const std::map<std::string, Status> kCells{
      {"", Status::missing_value},    {"null", Status::missing_value}, {"--", Status::missing_value},
      {"nan", Status::not_a_number},  {"99.999", Status::sentinel},    {"-999", Status::sentinel},
      {"12,3", Status::not_a_number}, {"1_000", Status::not_a_number}, {"inf", Status::nonfinite}};
  for (const auto& [cell, status] : kCells) {
    const MetadataTable table =
        table_of("object_id;j_mag\na;" + cell + "\nb;10\n", plain({{"j_mag", Transform::plain}}));
    EXPECT_EQ(status_name(table.find("a")->status), status_name(status)) << cell;
    EXPECT_NE(table.find("a")->message.find("j_mag"), std::string::npos) << cell;
    EXPECT_TRUE(table.find("a")->x.empty()) << cell;
    EXPECT_EQ(table.find("b")->status, Status::ok);
  }
}

TEST(MetadataTable, TakesAProperMotionForWhatItIs) {
  const MetadataTable table =
      table_of("object_id,pmra\na,-99\nb,99.99\n", plain({{"pmra", Transform::plain}}));
  EXPECT_EQ(table.find("a")->x, std::vector<float>{-99.0f});
  EXPECT_EQ(table.find("b")->x, std::vector<float>{99.99f});
}

TEST(MetadataTable, ImputesTheTrainingMeanOnlyWhereItIsAskedTo) {
  MetadataScaling scaling = plain({{"j_mag", Transform::plain}, {"ruwe", Transform::plain}});
  scaling.mean = {7, 1};
  const std::string text = "object_id,j_mag,ruwe\na,99.999,2\nb,,2\nc,nan,2\n";
  const MetadataTable table = table_of(text, scaling, {.id_column = {}, .impute_mean = true});
  for (const char* id : {"a", "b"}) {
    EXPECT_EQ(table.find(id)->x, (std::vector<float>{0, 1})) << id;
    EXPECT_EQ(table.find(id)->flags, std::vector<std::string>{"imputed:j_mag"}) << id;
  }
  EXPECT_EQ(table.find("c")->status, Status::not_a_number);
}

TEST(MetadataTable, FindsTheNamesOfCataloguesAndWhatFollowsFromThem) {
  const std::vector<std::pair<std::string, Transform>> columns{{"phot_g_mean_mag", Transform::plain},
                                                               {"e_phot_g_mean_mag", Transform::plain},
                                                               {"bp_rp", Transform::plain},
                                                               {"parallax_over_error", Transform::plain},
                                                               {"pm", Transform::plain},
                                                               {"j_k", Transform::plain},
                                                               {"w1_w2", Transform::plain}};
  const MetadataTable vizier = table_of(
      "source_id,Gmag,e_Gmag,BPmag,RPmag,Plx,e_Plx,pmRA,pmDE,Jmag,Kmag,W1mag,W2mag\n1,10,0.01,11,9.5,4,0.5,3,"
      "4,8,7,6,5.5\n",
      plain(columns));
  EXPECT_EQ(vizier.find("1")->x, (std::vector<float>{10, 0.01f, 1.5f, 8, 5, 1, 0.5f}));
  const MetadataTable gaia = table_of(
      "source_id,phot_g_mean_mag,phot_g_mean_flux_over_error,phot_bp_mean_mag,phot_rp_mean_mag,parallax,"
      "parallax_error,pmra,pmdec,j_m,k_m,w1mpro,w2mpro\n1,10,1000,11,9.5,4,0.5,3,4,8,7,6,5.5\n",
      plain(columns));
  std::vector<float> expected{10, 0, 1.5f, 8, 5, 1, 0.5f};
  expected[1] = static_cast<float>(std::hypot(1.0857e-3, 0.0027553202));
  EXPECT_EQ(gaia.find("1")->x, expected);
  EXPECT_EQ(vizier.origins()[2], "bp_rp: BPmag - RPmag");
}

TEST(MetadataTable, ComputesGalacticCoordinatesWhereThereAreNone) {
  const Galactic centre = galactic_of(266.40499, -28.93617), pole = galactic_of(192.85948, 27.12825);
  EXPECT_NEAR(std::remainder(centre.l, 360), 0, 1e-3);
  EXPECT_NEAR(centre.b, 0, 1e-3);
  EXPECT_NEAR(pole.b, 90, 1e-4);
  const MetadataTable table = table_of("object_id,ra,dec\na,283.7168,45.0\n",
                                       plain({{"l", Transform::cosine}, {"b", Transform::sine}}));
  const Galactic star = galactic_of(283.7168, 45.0);
  EXPECT_NEAR(table.find("a")->x[0], std::cos(star.l * M_PI / 180), 1e-6);
  EXPECT_NEAR(table.find("a")->x[1], std::sin(star.b * M_PI / 180), 1e-6);
}

// MD06: two rows for one id.
TEST(MetadataTable, RejectsAnIdThatIsThereTwice) {
  const MetadataTable table =
      table_of("object_id,ruwe\na,1\nb,2\na,3\n", plain({{"ruwe", Transform::plain}}));
  EXPECT_EQ(table.find("a")->status, Status::ambiguous);
  EXPECT_EQ(table.find("b")->status, Status::ok);
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.find("c"), nullptr);
}

TEST(MetadataTable, JoinsIdsWithoutTheirBlanksAndReleases) {
  const MetadataTable table =
      table_of("edr3_source_id,ruwe\nEDR3 123,1\nEDR3 4 5,2\n", plain({{"ruwe", Transform::plain}}));
  EXPECT_NE(table.find("123"), nullptr);
  EXPECT_NE(table.find("Gaia DR3 123"), nullptr);
  EXPECT_EQ(table.find("45")->x, std::vector<float>{2});
  EXPECT_EQ(table.find("12"), nullptr);
}

// MD04: units that cannot be.
TEST(MetadataTable, WarnsOfUnitsThatCannotBe) {
  const auto warnings = [](const std::string& text) {
    return table_of(text, plain({{"parallax", Transform::plain}, {"l", Transform::cosine}})).warnings();
  };
  EXPECT_TRUE(warnings("object_id,parallax,l\na,1.2,120\nb,0.01,3\n").empty());
  const auto found = warnings("object_id,parallax,l\na,0.0012,1.2\nb,0.01,3\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NE(found[0].message.find("arcseconds"), std::string::npos);
  EXPECT_NE(found[1].message.find("radians"), std::string::npos);
  const MetadataTable negative = table_of("object_id,pm\na,-3\n", plain({{"pm", Transform::plain}}));
  EXPECT_NE(negative.find("a")->status, Status::ok);
}

// ---- the scaling
// -----------------------------------------------------------------------------------------------------

TEST(MetadataScaling, LeavesTheFeaturesOfTheLightCurveOut) {
  const MetadataScaling scaling = golden_scaling();
  ASSERT_EQ(scaling.columns.size(), 34u);
  EXPECT_EQ(scaling.columns[0], "mean_vmag");
  EXPECT_DOUBLE_EQ(scaling.mean[0], 0.568343);
  EXPECT_EQ(scaling.transforms[0], Transform::absolute);
  EXPECT_EQ(scaling.transforms[32], Transform::cosine);
  EXPECT_EQ(scaling.transforms[33], Transform::sine);
}

// MM02: a scaling that cannot be used.
TEST(MetadataScaling, SaysWhereAFileIsWrong) {
  const auto json = [](const char* columns, const char* functions, const char* mean, const char* std) {
    return std::string("{\"metadata\": {\"columns\": ") + columns + ", \"transform\": " + functions +
           ", \"mean\": " + mean + ", \"std\": " + std + "}}";
  };
  EXPECT_EQ(
      parse_metadata_scaling(json("[\"a\", \"b\"]", "{\"abs\": [\"b\"]}", "[1, 2]", "[1, 3]"), "f").std[1],
      3);
  const std::map<std::string, std::string> kBad{
      {json("[\"a\"]", "{}", "[1]", "[0]"), "/metadata/std/0"},
      {json("[\"a\"]", "{}", "[1, 2]", "[1]"), "/metadata/mean"},
      {json("[\"a\"]", "{\"tan\": [\"a\"]}", "[1]", "[1]"), "/metadata/transform/tan"},
      {json("[\"a\"]", "{\"abs\": [\"z\"]}", "[1]", "[1]"), "no column of the file"},
      {json("[\"a\", \"a\"]", "{}", "[1, 1]", "[1, 1]"), "twice"},
      {json("[\"a\"]", "{}", "[null]", "[1]"), "must hold numbers"},
      {json("[\"a\"]", "{\"log\": [\"a\"]}", "[1]", "[1]"), "only the period"},
      {json("[]", "{}", "[]", "[]"), "no column"},
      {"{}", "says nothing of metadata"},
      {"[", "json"}};
  for (const auto& [text, words] : kBad) {
    try {
      parse_metadata_scaling(text, "info.json");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Status::bad_scaling);
      if (words != "json") {
        EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
      }
    }
  }
}

void expect_same(const MetadataTable& found, const MetadataTable& expected) {
  ASSERT_EQ(found.ids(), expected.ids());
  for (const std::string& id : found.ids()) {
    EXPECT_EQ(found.find(id)->status, expected.find(id)->status) << id;
    EXPECT_EQ(found.find(id)->x, expected.find(id)->x) << id;
    EXPECT_EQ(found.find(id)->flags, expected.find(id)->flags) << id;
    EXPECT_EQ(found.find(id)->message, expected.find(id)->message) << id;
  }
}

TEST(MetadataTable, ReadsTextsInMemoryAsThoseOfAFile) {
  const std::string text =
      "source_id,w1mpro,ruwe\n7,12.5,1.1\n8,,1.2\n9,null,1\n10,nan,1\n11,\"12,3\",1\n12,99.999,1\n7,1,1\n";
  const MetadataScaling scaling = plain({{"w1_mag", Transform::plain}, {"ruwe", Transform::plain}});
  const MetadataTable found({{"source_id", {}, {"7", "8", "9", "10", "11", "12", "7"}},
                             {"w1mpro", {}, {"12.5", "", "null", "nan", "12,3", "99.999", "1"}},
                             {"ruwe", {}, {"1.1", "1.2", "1", "1", "1", "1", "1"}}},
                            7, scaling);
  expect_same(found, table_of(text, scaling));
  EXPECT_EQ(found.find("10")->status, Status::not_a_number);
}

TEST(MetadataTable, TakesNaNOfNumbersInMemoryForAMissingValue) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const MetadataTable found({{"ruwe", {1.25, kNaN, kInfinite, -999}, {}}}, 4,
                            plain({{"ruwe", Transform::plain}}));
  EXPECT_EQ(found.ids(), (std::vector<std::string>{"0", "1", "2", "3"}));  // by their numbers
  EXPECT_EQ(found.find("0")->x, std::vector<float>{1.25f});
  EXPECT_EQ(found.find("1")->status, Status::missing_value);
  EXPECT_EQ(found.find("2")->status, Status::nonfinite);
  EXPECT_EQ(found.find("3")->status, Status::sentinel);
  const MetadataTable numbered({{"object_id", {100, 7}, {}}, {"ruwe", {1, 2}, {}}}, 2,
                               plain({{"ruwe", Transform::plain}}));
  EXPECT_EQ(numbered.ids(), (std::vector<std::string>{"100", "7"}));
}

TEST(MetadataTable, SaysTheUnitOfEveryColumnUnderAnyName) {
  for (const auto& [name, unit] : std::vector<std::pair<const char*, const char*>>{{"Gmag", "mag"},
                                                                                   {"BP-RP", "mag"},
                                                                                   {"e_j_mag", "mag"},
                                                                                   {"j_msigcom", "mag"},
                                                                                   {"Plx", "mas"},
                                                                                   {"parallax_error", "mas"},
                                                                                   {"pmDE", "mas/yr"},
                                                                                   {"pm", "mas/yr"},
                                                                                   {"RA_ICRS", "deg"},
                                                                                   {"l", "deg"},
                                                                                   {"ruwe", ""},
                                                                                   {"RPlx", ""},
                                                                                   {"object_id", "id"},
                                                                                   {"SOURCE_ID", "id"},
                                                                                   {"fuv_mag", "mag"}})
    EXPECT_EQ(metadata_unit(name), unit) << name;
  EXPECT_FALSE(metadata_unit("variable_type").has_value());
  for (const std::string& column : golden_scaling().columns) EXPECT_TRUE(metadata_unit(column)) << column;
}

}  // namespace
}  // namespace astrom3
