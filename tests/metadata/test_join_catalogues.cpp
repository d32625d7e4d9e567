// SPDX-License-Identifier: MIT
//
// Catalogues that are joined: which rows belong together, whose value is taken, and what is answered to
// contradictions.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "astrom3/metadata/join_catalogues.h"
#include "metadata/column_units.h"
#include "metadata/object_ids.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

/// Tables in a folder of their own.
class JoinCatalogues : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              ("astrom3_join_" + std::to_string(::getpid()) + "_" + std::to_string(number_++));
    fs::create_directory(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path table(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  /// The objects by their ids, of the columns given.
  static std::map<std::string, JoinedObject> join(const std::vector<fs::path>& files,
                                                  const std::vector<std::string>& columns,
                                                  OnConflict on_conflict = OnConflict::reject) {
    const JoinedCatalogues joined(files, {.id_column = "", .columns = columns, .on_conflict = on_conflict});
    EXPECT_EQ(joined.columns(), columns);
    std::map<std::string, JoinedObject> objects;
    joined.for_each([&](const JoinedObject& object) { objects[object.object_id] = object; });
    return objects;
  }

  static std::string error_of(const std::vector<fs::path>& files, const std::vector<std::string>& columns) {
    try {
      join(files, columns);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Status::bad_metadata);
      return error.what();
    }
    ADD_FAILURE() << "was joined";
    return {};
  }

 private:
  static inline int number_ = 0;
  fs::path folder_;
};

TEST(ObjectIds, AreComparedWithoutWhatStandsBeforeThem) {
  const auto id = [](IdColumn column, const char* cell) {
    const auto found = recognise_id(column, cell);
    return found ? std::string(id_column_name(found->kind)) + "=" + found->id : std::string("none");
  };
  EXPECT_EQ(id(IdColumn::gaia, "Gaia DR3 5853498713190525696"), "source_id=5853498713190525696");
  EXPECT_EQ(id(IdColumn::gaia, "EDR3 5853498713190525696"), "source_id=5853498713190525696");
  EXPECT_EQ(id(IdColumn::by_content, "Gaia DR2 5853498713190525696"), "gaia_dr2_id=5853498713190525696");
  EXPECT_EQ(id(IdColumn::by_content, "16575078-2129187"), "tmass_id=16575078-2129187");
  EXPECT_EQ(id(IdColumn::twomass, "2MASS J16575078-2129187"), "tmass_id=16575078-2129187");
  EXPECT_EQ(id(IdColumn::by_content, "J165750.78-212918.9"), "allwise_id=J165750.78-212918.9");
  EXPECT_EQ(id(IdColumn::allwise, "WISEA J165750.78-212918.9"), "allwise_id=J165750.78-212918.9");
  EXPECT_EQ(id(IdColumn::gaia, "0000m016_ac51-000001"), "none");  // the source_id of AllWISE
  EXPECT_EQ(id(IdColumn::by_content, "5853498713190525696"), "none");
  EXPECT_EQ(id(IdColumn::gaia, "null"), "none");
  EXPECT_TRUE(is_rounded_id("5.853498713190526e+18"));
  EXPECT_FALSE(is_rounded_id("5853498713190525696"));
}

TEST(ColumnUnits, AreConvertedOrRefused) {
  EXPECT_EQ(unit_factor("arcsec", expected_unit("parallax")), 1000);
  EXPECT_EQ(unit_factor("mas.yr**-1", expected_unit("pmra")), 1);
  EXPECT_EQ(unit_factor("mas / yr", expected_unit("pmdec_error")), 1);
  EXPECT_EQ(unit_factor("", expected_unit("j_mag")), 1);
  EXPECT_EQ(unit_factor("mag(Vega)", expected_unit("w1_mag")), 1);
  EXPECT_NEAR(*unit_factor("rad", expected_unit("l")), 57.29577951308232, 1e-13);
  EXPECT_FALSE(unit_factor("mJy", expected_unit("j_mag")).has_value());
  EXPECT_FALSE(unit_factor("mas", expected_unit("pmra")).has_value());
}

// The whole chain: Gaia, a cross-match of its archive, 2MASS, AllWISE by VizieR's own cross-match column.
TEST_F(JoinCatalogues, FollowsIdsFromOneTableToTheNextWhateverTheirOrder) {
  const auto gaia = table("gaia.csv",
                          "source_id,parallax,parallax_error,AllWISE\n"
                          "11,1.5,0.03,J165750.78-212918.9\n"
                          "12,2.5,0.05,\n");
  const auto tmass =
      table("tmass.csv", "designation,j_m,k_m\n16575078-2129187,10.5,9.25\n00000000+0000000,1,2\n");
  const auto match = table("match.csv", "source_id,original_ext_source_id\n11,16575078-2129187\n");
  const auto wise = table("wise.csv", "designation,w1mpro,w2mpro\nJ165750.78-212918.9,8.5,8.25\n");
  const std::vector<std::string> columns{"parallax", "parallax_over_error", "j_k", "w1_mag"};
  for (const auto& files : {std::vector{gaia, match, tmass, wise}, {gaia, tmass, wise, match}}) {
    const auto objects = join(files, columns);
    ASSERT_EQ(objects.size(), 2u);
    const JoinedObject& found = objects.at("11");
    EXPECT_EQ(found.status, Status::ok);
    EXPECT_EQ(found.values, (std::vector<double>{1.5, 1.5 / 0.03, 1.25, 8.5}));
    EXPECT_EQ(found.ids, (std::vector<std::string>{"11", "16575078-2129187", "J165750.78-212918.9"}));
    const JoinedObject& alone = objects.at("12");
    EXPECT_EQ(alone.status, Status::missing_value);
    EXPECT_EQ(alone.values[0], 2.5);
    EXPECT_TRUE(std::isnan(alone.values[3]));
    ASSERT_EQ(alone.problems.size(), 2u);
    EXPECT_EQ(alone.problems[0].column, "j_k");
    EXPECT_EQ(alone.problems[0].message, "no row in tmass");
  }
  const JoinedCatalogues joined(std::vector{gaia, match, tmass, wise}, {.id_column = "", .columns = columns});
  ASSERT_EQ(joined.warnings().size(), 1u);
  EXPECT_NE(to_string(joined.warnings()[0]).find("1 of 2 rows belong to no object"), std::string::npos);
  EXPECT_EQ(joined.origins()[2], "j_k: j_m - k_m (tmass)");
}

// Two Gaia stars in one 2MASS source: each keeps its own row of the cross-match, and the shared one is
// flagged.
TEST_F(JoinCatalogues, NeverTakesTheRowOfAnotherStar) {
  const auto gaia = table("gaia.csv", "source_id,2MASS\n11,16575078-2129187\n12,16575078-2129187\n");
  const auto more =
      table("more.csv", "source_id,2MASS,ruwe\n11,16575078-2129187,1.1\n12,16575078-2129187,1.2\n");
  const auto tmass = table("tmass.csv", "2MASS,Jmag\n16575078-2129187,10.5\n");
  const auto objects = join({gaia, more, tmass}, {"ruwe", "j_mag"});
  EXPECT_EQ(objects.at("11").values, (std::vector<double>{1.1, 10.5}));
  EXPECT_EQ(objects.at("12").values, (std::vector<double>{1.2, 10.5}));
  EXPECT_EQ(objects.at("12").flags, std::vector<std::string>{"shared_row:tmass"});

  const auto wrong = table("wrong.csv", "source_id,2MASS,ruwe\n13,16575078-2129187,1.3\n");
  const auto other = join({gaia, wrong}, {"ruwe"});
  ASSERT_EQ(other.at("11").status, Status::missing_value);
  EXPECT_EQ(other.at("11").problems[0].message, "no row in wrong but those of another object");
}

TEST_F(JoinCatalogues, DoesNotMixTheIdsOfGaiaReleases) {
  const auto gaia = table("gaia.csv", "source_id,ruwe\n11,1.1\n");
  const auto dr2 = table("dr2.csv", "designation,pmra\nGaia DR2 11,5\n");
  EXPECT_EQ(join({gaia, dr2}, {"ruwe", "pmra"}).at("11").status, Status::missing_value);
}

TEST_F(JoinCatalogues, DoesNotTakeAnOwnNameForTheIdOfASurvey) {
  const auto mixed = table("mixed.csv", "object_id,source_id,ruwe\n11,21,1.1\n,11,1.2\n");
  const JoinedCatalogues joined(std::vector{mixed}, {.id_column = "", .columns = {"ruwe"}});
  EXPECT_EQ(joined.size(), 2u);
}

TEST_F(JoinCatalogues, RejectsContradictionsOrTakesTheFirstAndFlagsIt) {
  const auto gaia = table("gaia.csv", "source_id,Jmag,ruwe\n11,10.512,1.1\n12,10.5,1.2\n13,10.9,1.3\n");
  const auto wise = table("wise.csv", "source_id,j_mag\n11,10.51\n12,10.5\n13,11.9\n");
  auto objects = join({gaia, wise}, {"j_mag", "ruwe"});
  EXPECT_EQ(objects.at("11").status, Status::ok);  // 10.51 is 10.512 with a digit less
  EXPECT_EQ(objects.at("11").values[0], 10.512);
  EXPECT_EQ(objects.at("12").status, Status::ok);
  EXPECT_EQ(objects.at("13").status, Status::ambiguous);
  EXPECT_TRUE(std::isnan(objects.at("13").values[1]));  // nothing of it can be used by mistake
  ASSERT_EQ(objects.at("13").problems.size(), 1u);
  EXPECT_EQ(objects.at("13").problems[0].line, 4);
  EXPECT_EQ(objects.at("13").problems[0].message, "is 11.9 here and 10.9 in gaia");
  objects = join({gaia, wise}, {"j_mag", "ruwe"}, OnConflict::first);
  EXPECT_EQ(objects.at("13").status, Status::ok);
  EXPECT_EQ(objects.at("13").values[0], 10.9);
  EXPECT_EQ(objects.at("13").flags, std::vector<std::string>{"conflict:j_mag"});
}

TEST_F(JoinCatalogues, RejectsSeveralRowsThatDifferAndTakesEqualOnesOnce) {
  const auto gaia = table("gaia.csv", "source_id,ruwe\n11,1.1\n11,1.1\n12,1.2\n12,1.3\n13,1.4\n");
  const auto tmass = table("tmass.csv", "source_id,j_m\n11,5\n11,5\n12,6\n13,7\n13,8\n");
  const auto objects = join({gaia, tmass}, {"ruwe", "j_mag"});
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_EQ(objects.at("11").status, Status::ok);
  EXPECT_EQ(objects.at("12").status, Status::ambiguous);
  EXPECT_EQ(objects.at("13").status, Status::ambiguous);
}

TEST_F(JoinCatalogues, TakesAnIdOfVeryManyRowsThatDifferForThatOfSeveralObjects) {
  std::string same = "source_id,2MASS,ruwe\n", different = same;
  for (int i = 0; i < 150; ++i) {
    same += "11,16575078-2129187,1.5\n";
    different += fmt::format("11,165750{:02}-21{:02}187,1.5\n", i % 60, i / 60);
  }
  const auto gaia = table("gaia.csv", "source_id,2MASS\n11,16575000-2100187\n12,16575078-2129187\n");
  EXPECT_EQ(join({gaia, table("same.csv", same)}, {"ruwe"}).at("11").status, Status::missing_value);
  const auto objects = join({gaia, table("different.csv", different)}, {"ruwe"});
  EXPECT_EQ(objects.at("11").status, Status::ambiguous);  // though one of the rows has both of its ids
  EXPECT_EQ(objects.at("12").status, Status::missing_value);
}

TEST_F(JoinCatalogues, FillsAMissingValueFromTheNextTableAndNeverGuesses) {
  const auto first = table("first.csv", "source_id,j_mag,k_mag,ruwe\n11,,99.999,1.1\n12,abc,9.5,1.2\n");
  const auto second = table("second.csv", "source_id,j_mag\n11,10.5\n12,10.6\n");
  const auto objects = join({first, second}, {"j_mag", "k_mag", "ruwe"});
  EXPECT_EQ(objects.at("11").values[0], 10.5);
  EXPECT_EQ(objects.at("11").status, Status::sentinel);
  EXPECT_TRUE(std::isnan(objects.at("11").values[1]));
  EXPECT_EQ(objects.at("11").values[2], 1.1);
  EXPECT_EQ(objects.at("12").status, Status::not_a_number);  // also where another table has the value
  EXPECT_EQ(objects.at("12").problems[0].value, "abc");
}

// Object 11 is at the origin of galactic coordinates, 266.40499 -28.93617 (ESA 1997, SP-1200).
TEST_F(JoinCatalogues, ComputesGalacticCoordinatesAndComparesPositions) {
  const auto gaia = table("gaia.csv", "source_id,ra,dec\n11,266.4051,-28.936175\n12,10,20\n13,30,40\n");
  const auto tmass = table(
      "tmass.csv", "source_id,RAJ2000,DEJ2000,Jmag\n11,266.4052,-28.9362,1\n12,10.003,20,2\n13,31,40,3\n");
  const auto objects = join({gaia, tmass}, {"l", "b", "j_mag"});
  EXPECT_NEAR(std::remainder(objects.at("11").values[0], 360), 0, 1e-4);
  EXPECT_NEAR(objects.at("11").values[1], 0, 1e-4);
  EXPECT_TRUE(objects.at("11").flags.empty());
  EXPECT_EQ(objects.at("12").flags, std::vector<std::string>{"far_apart:tmass=10.1"});  // 0.003 deg cos 20
  EXPECT_EQ(objects.at("13").status, Status::ambiguous);
}

TEST_F(JoinCatalogues, ReadsVizieRsLineOfUnits) {
  const auto gaia = table("gaia.tsv",
                          "#comment\nSource\tPlx\tRA_ICRS\tDE_ICRS\n\tarcsec\tdeg\tdeg\n----\t----\t----\t---"
                          "-\n11\t0.0015\t10\t20\n");
  const auto objects = join({gaia}, {"parallax"});
  ASSERT_EQ(objects.size(), 1u);
  EXPECT_DOUBLE_EQ(objects.at("11").values[0], 1.5);
  const auto wrong = table("wrong.tsv", "Source\tPlx\n\tpc\n----\t----\n11\t10\n");
  EXPECT_NE(error_of({wrong}, {"parallax"}).find("column Plx is in pc: expected mas"), std::string::npos);
}

TEST_F(JoinCatalogues, ReadsTheUnitsOfEcsv) {
  const auto gaia =
      table("gaia.ecsv",
            "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n# - {name: source_id, datatype: int64}\n"
            "# - {name: parallax, unit: arcsec, datatype: float64}\n# schema: astropy-2.0\n"
            "source_id,parallax\n11,0.0025\n");
  EXPECT_DOUBLE_EQ(join({gaia}, {"parallax"}).at("11").values[0], 2.5);
}

TEST_F(JoinCatalogues, RefusesIdsThatLostDigitsAndTablesWithoutIds) {
  const auto rounded = table("rounded.csv", "source_id,ruwe\n5.853498713190526e+18,1.1\n");
  EXPECT_NE(error_of({rounded}, {"ruwe"}).find("lost digits"), std::string::npos);
  const auto none = table("none.csv", "name,ruwe\nx,1.1\n");
  EXPECT_NE(error_of({none}, {"ruwe"}).find("no column of ids"), std::string::npos);
  const auto empty = table("empty.csv", "source_id,ruwe\n,1.1\n");
  EXPECT_NE(error_of({empty}, {"ruwe"}).find("the object has no id"), std::string::npos);
}

TEST_F(JoinCatalogues, LeavesColumnsOutThatNoTableHasAndSaysSo) {
  const auto gaia = table("gaia.csv", "source_id,ruwe\n11,1.1\n");
  const JoinedCatalogues joined(std::vector{gaia}, {.id_column = "", .columns = {"ruwe", "w1_mag"}});
  EXPECT_EQ(joined.columns(), std::vector<std::string>{"ruwe"});
  EXPECT_EQ(joined.absent(), std::vector<std::string>{"w1_mag"});
  EXPECT_NE(to_string(joined.warnings().at(0)).find("w1_mag is in none of the tables (nor w1mag, w1mpro)"),
            std::string::npos);
  EXPECT_NE(error_of({gaia}, {"w1_mag"}).find("none of the columns"), std::string::npos);
}

}  // namespace
}  // namespace astrom3
