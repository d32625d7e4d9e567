// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "astrom3/base/stop_scope.h"
#include "astrom3/source/source.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class ExpandInputs : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "deep" / "er");
    for (const char* name : {"b.csv", "a.dat", "c.csv.gz", "notes.md", "deep/d.txt", "deep/er/e.tsv.gz"}) {
      write_file(folder_ / name, "x\n");
    }
    before_ = fs::current_path();
    fs::current_path(folder_.path());
  }
  void TearDown() override { fs::current_path(before_); }

  Names expand(const std::vector<std::string>& inputs, bool recursive = false) {
    warnings_.clear();
    Names names;
    for (const fs::path& file : expand_inputs(inputs, {.recursive = recursive}, warnings_))
      names.push_back(file);
    return names;
  }

  Diagnostic failure_of(const std::vector<std::string>& inputs, bool recursive = false) {
    try {
      expand(inputs, recursive);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Status::no_input);
      return error.diagnostic();
    }
    ADD_FAILURE() << "something was found";
    return {};
  }

  TemporaryFolder folder_;
  fs::path before_;
  std::vector<Diagnostic> warnings_;
};

TEST_F(ExpandInputs, FilesKeepTheirOrderAndMayHaveAnyName) {  // TX39
  write_file(folder_ / "-dash.csv", "x\n");
  write_file(folder_ / "new\nline.csv", "x\n");
  write_file(folder_ / "star[1].csv", "x\n");
  EXPECT_EQ(expand({"b.csv", "notes.md", "a.dat", "-dash.csv", "new\nline.csv", "star[1].csv"}),
            (Names{"b.csv", "notes.md", "a.dat", "-dash.csv", "new\nline.csv", "star[1].csv"}));
}

TEST_F(ExpandInputs, FoldersNeedTheirOption) {  // CL06
  EXPECT_EQ(to_string(failure_of({"deep"}).hint), "read everything below it with recursive=true");
  EXPECT_EQ(expand({"."}, true),
            (Names{"./a.dat", "./b.csv", "./c.csv.gz", "./deep/d.txt", "./deep/er/e.tsv.gz"}));
}

TEST_F(ExpandInputs, QuotedGlobsAreExpandedAndSorted) {
  EXPECT_EQ(expand({"*.csv*"}), (Names{"b.csv", "c.csv.gz"}));
  EXPECT_EQ(expand({"[ab].*"}), (Names{"a.dat", "b.csv"}));
}

TEST_F(ExpandInputs, WhatIsMissingIsNamed) {  // CL05
  EXPECT_EQ(failure_of({"gone.csv"}).file, "gone.csv");
  EXPECT_EQ(failure_of({"b.csv", "x*.csv"}).file, "x*.csv");
  EXPECT_EQ(failure_of({"@gone.txt"}).file, "gone.txt");
  fs::create_directory(folder_ / "empty");
  EXPECT_EQ(failure_of({"empty"}, true).file, "empty");
  failure_of({});
  EXPECT_EQ(exit_code(Status::no_input), 5);
}

TEST_F(ExpandInputs, ListsMayHaveCrLfBlankLinesAndComments) {  // CL10
  write_file(folder_ / "list.txt", "# mine\r\n\r\nb.csv\r\n   \na.dat\n*.gz");
  EXPECT_EQ(expand({"@list.txt"}), (Names{"b.csv", "a.dat", "c.csv.gz"}));
  write_file(folder_ / "list.txt.gz", gzipped("b.csv\n"));
  EXPECT_EQ(expand({"@list.txt.gz"}), (Names{"b.csv"}));
  write_file(folder_ / "none.txt", "# nothing\n");
  EXPECT_EQ(failure_of({"@none.txt"}).file, "none.txt");
  write_file(folder_ / "@odd.csv", "x\n");
  EXPECT_EQ(expand({"@odd.csv"}), (Names{"@odd.csv"}));
}

TEST_F(ExpandInputs, RepeatedInputsAreReadOnceWithAWarning) {  // CL10
  EXPECT_EQ(expand({"b.csv", "./b.csv", "deep/../b.csv", "a.dat", "a.dat"}), (Names{"b.csv", "a.dat"}));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0].file, "./b.csv");
  EXPECT_NE(warnings_[0].message.find("3 inputs"), std::string::npos);
  expand({"b.csv", "a.dat"});
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(ExpandInputs, AHundredThousandNamesAreNoTrouble) {  // CL10
  std::string list;
  for (int i = 0; i < 100'000; ++i) list += i % 2 == 0 ? "b.csv\n" : "a.dat\n";
  write_file(folder_ / "list.txt", list);
  EXPECT_EQ(expand({"@list.txt"}).size(), 2u);
}

TEST_F(ExpandInputs, AHatsCatalogueIsItsPartitionsWithoutAskingForR) {
  fs::create_directories(folder_ / "cat" / "dataset" / "Norder=0" / "Dir=0");
  fs::create_directories(folder_ / "cat" / "dataset" / "Norder=1" / "Dir=0");
  write_file(folder_ / "cat" / "hats.properties", "x\n");
  for (const char* name : {"Norder=0/Dir=0/Npix=4.parquet", "Norder=1/Dir=0/Npix=17.parquet", "_metadata",
                           "_common_metadata", "data_thumbnail.parquet"}) {
    write_file(folder_ / "cat" / "dataset" / name, "x\n");
  }
  EXPECT_EQ(expand({"cat"}), (Names{"cat/dataset/Norder=0/Dir=0/Npix=4.parquet",
                                    "cat/dataset/Norder=1/Dir=0/Npix=17.parquet"}));
}

TEST_F(ExpandInputs, CataloguesBelowAFolderAreReadOnceAndWithoutTheirMargins) {  // FM25
  for (const char* name : {"all/pair/ztf", "all/pair/ztf_10arcs", "all/single", "all/single_margin"}) {
    fs::create_directories(folder_ / name / "dataset" / "Norder=0");
    write_file(folder_ / name / "hats.properties", std::string(name).find("_") == std::string::npos
                                                       ? "dataproduct_type=object\n"
                                                       : "dataproduct_type=margin\n");
    write_file(folder_ / name / "partition_info.csv", "Norder,Npix\n0,4\n");
    write_file(folder_ / name / "point_map.fits", "x\n");
    write_file(folder_ / name / "dataset" / "_metadata", "x\n");
    write_file(folder_ / name / "dataset" / "Norder=0" / "Npix=4.parquet", "x\n");
  }
  write_file(folder_ / "all" / "pair" / "collection.properties", "hats_primary_table_url=ztf\n");
  write_file(folder_ / "all" / "a.csv", "x\n");
  EXPECT_EQ(expand({"all"}, true), (Names{"all/a.csv", "all/pair/ztf/dataset/Norder=0/Npix=4.parquet",
                                          "all/single/dataset/Norder=0/Npix=4.parquet"}));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0].file, "all/single_margin");
  // Asked for by name it is read.
  EXPECT_EQ(expand({"all/single_margin"}).size(), 1u);
}

TEST_F(ExpandInputs, WhatIsNoTableByItsNameIsPassedOverAndCounted) {
  fs::create_directories(folder_ / "mixed");
  for (const char* name : {"STAR.CSV", "b.Fits.GZ", ".DS_Store", "._b.csv", "README.md", "plot.png"})
    write_file(folder_ / "mixed" / name, "x\n");
  EXPECT_EQ(expand({"mixed"}, true), (Names{"mixed/STAR.CSV", "mixed/b.Fits.GZ"}));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0].file, "mixed/.DS_Store");
  EXPECT_NE(warnings_[0].message.find("4 files"), std::string::npos) << warnings_[0].message;
}

TEST_F(ExpandInputs, AHatsCollectionThatNamesItselfIsReadOnce) {
  fs::create_directories(folder_ / "cat" / "dataset");
  write_file(folder_ / "cat" / "hats.properties", "x\n");
  write_file(folder_ / "cat" / "collection.properties", "hats_primary_table_url=.\n");
  write_file(folder_ / "cat" / "dataset" / "Npix=4.parquet", "x\n");
  EXPECT_EQ(expand({"cat"}), Names{"cat/./dataset/Npix=4.parquet"});
}

/// A catalogue "cat" whose data are these files below `data`.
void write_catalog(const fs::path& catalog, const char* notes, const fs::path& data, const Names& files) {
  for (const std::string& file : files) {
    fs::create_directories((catalog / data / file).parent_path());
    write_file(catalog / data / file, file.find(".md") == std::string::npos ? "PAR1" : "words");
  }
  fs::create_directories(catalog);
  write_file(catalog / notes,
             notes == std::string("catalog_info.json") ? "{\"catalog_type\": \"object\"}" : "a=b\n");
}

TEST_F(ExpandInputs, PartitionsHaveAnyExtensionOrNone) {  // FM25
  const Names partitions{"Norder=0/Dir=0/Npix=1",         "Norder=0/Dir=0/Npix=2.PARQUET",
                         "Norder=0/Dir=0/Npix=3.pq",      "Norder=0/Dir=0/Npix=4.parq",
                         "Norder=0/Dir=0/Npix=5/0000",    "Norder=0/Dir=0/Npix=5/0001",
                         "Norder=0/Dir=0/Npix=6/part.pq", "Norder=0/Dir=0/Npix=7.v2"};
  Names files = partitions;
  for (const char* const note :
       {"_metadata", "_common_metadata", "data_thumbnail.parquet", "Norder=0/Dir=0/_SUCCESS",
        "Norder=0/Dir=0/.Npix=1.crc", "Norder=0/Dir=0/Npix=5/_metadata"})
    files.emplace_back(note);
  for (const char* const notes : {"hats.properties", "properties", "catalog_info.json"}) {
    for (const char* const data : {"dataset", ""}) {
      const fs::path catalog = std::string(notes) + data;
      write_catalog(folder_ / catalog, notes, data, files);
      write_file(folder_ / catalog / "partition_info.csv", "Norder,Npix\n0,1\n");
      Names expected;
      for (const std::string& partition : partitions) expected.push_back(catalog / data / partition);
      EXPECT_EQ(expand({catalog}), expected);
      EXPECT_TRUE(warnings_.empty());
      EXPECT_EQ(expand({catalog}, true), expected);
    }
  }
}

TEST_F(ExpandInputs, WhatIsNoParquetAmongPartitionsIsCounted) {
  write_catalog(folder_ / "cat", "hats.properties", "dataset", {"Npix=1", "Npix=2/README.md", "notes.md"});
  EXPECT_EQ(expand({"cat"}), Names{"cat/dataset/Npix=1"});
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0].file, "cat/dataset/Npix=2/README.md");
}

TEST_F(ExpandInputs, ACatalogueWithoutPartitionsIsAnError) {
  for (const Names& files :
       {Names{}, Names{"_metadata"}, Names{"Npix=1.md"}, Names{"_metadata", "data_thumbnail.parquet"}}) {
    write_catalog(folder_ / "cat", "hats.properties", "dataset", files);
    EXPECT_NE(failure_of({"cat"}).message.find("without partitions"), std::string::npos);
    fs::remove_all(folder_ / "cat");
  }
  write_file(folder_ / "deep" / "properties", "a=b\n");  // any program's
  EXPECT_EQ(expand({"deep"}, true).size(), 2u);
}

TEST_F(ExpandInputs, ACollectionNamesNoCatalogueOutsideOfIt) {
  write_catalog(folder_ / "outside", "hats.properties", "dataset", {"Npix=1"});
  write_catalog(folder_ / "all" / "in", "hats.properties", "dataset", {"Npix=1"});
  const auto name = [&](const std::string& url) {
    write_file(folder_ / "all" / "collection.properties",
               "obs_collection=x\nhats_primary_table_url = " + url + "\r\n");
  };
  for (const std::string& url :
       {(folder_ / "outside").string(), std::string("../outside"), std::string("in/../../outside"),
        std::string(".."), std::string("file:///outside")}) {
    name(url);
    EXPECT_NE(failure_of({"all"}).message.find("not in its folder"), std::string::npos) << url;
    EXPECT_NE(failure_of({"."}, true).message.find("not in its folder"), std::string::npos) << url;
  }
  for (const char* const url : {"in", "in/", "./in"}) {
    name(url);
    EXPECT_EQ(expand({"all"}).size(), 1u) << url;
  }
}

TEST_F(ExpandInputs, AFolderOfNothingButAnIndexIsAnError) {
  fs::create_directories(folder_ / "sky");
  write_file(folder_ / "sky" / "index.csv", "asas_sn_id\n1\n");
  EXPECT_NE(failure_of({"sky"}, true).message.find("index"), std::string::npos);
}

TEST(Shards, DivideTheFilesByNameAlone) {
  std::vector<fs::path> files;
  for (int i = 0; i < 1000; ++i) files.emplace_back("lc/star" + std::to_string(i) + ".csv");
  std::vector<fs::path> met;
  for (std::uint64_t shard = 0; shard < 7; ++shard) {
    const auto share = files_of_shard(files, {.index = shard, .count = 7});
    EXPECT_GT(share.size(), 100u);  // 143 on average, standard deviation 11
    EXPECT_TRUE(std::is_sorted(share.begin(), share.end(), [&](const fs::path& a, const fs::path& b) {
      return std::find(files.begin(), files.end(), a) < std::find(files.begin(), files.end(), b);
    }));
    // A file's share does not depend on the others, nor on how its path is written.
    EXPECT_EQ(files_of_shard({share.front(), "lc/other.csv"}, {.index = shard, .count = 7}).front(),
              share.front());
    EXPECT_EQ(files_of_shard({"./" + share.front().string()}, {.index = shard, .count = 7}).size(), 1u);
    met.insert(met.end(), share.begin(), share.end());
  }
  std::sort(met.begin(), met.end());
  std::sort(files.begin(), files.end());
  EXPECT_EQ(met, files);
  EXPECT_EQ(files_of_shard(files, {}), files);
}

TEST_F(ExpandInputs, WhatIsNoRegularFileInAFolderIsPassedOverAndCounted) {  // RC01
  ASSERT_EQ(::mkfifo("deep/pipe.csv", 0600), 0);
  ASSERT_EQ(::mkfifo("deep/properties", 0600), 0);
  ASSERT_EQ(::mkfifo("deep/collection.properties", 0600), 0);
  fs::create_symlink("/dev/zero", "deep/zero.csv");
  fs::create_symlink("nowhere", "deep/dangling.csv");
  EXPECT_EQ(expand({"deep"}, true), (Names{"deep/d.txt", "deep/er/e.tsv.gz"}));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].message.find("5 of these, this one first, are no regular files"), std::string::npos);
}

TEST_F(ExpandInputs, LinksToFoldersAreNotFollowedAndCounted) {  // RC02
  fs::create_directory_symlink(fs::current_path() / "deep", "deep/er/loop");
  fs::create_directory_symlink("..", "deep/up");
  EXPECT_EQ(expand({"deep"}, true), (Names{"deep/d.txt", "deep/er/e.tsv.gz"}));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].message.find("2 links to folders"), std::string::npos);
  EXPECT_EQ(expand({"deep/up/deep"}, true).size(), 2u);  // by its name it is
}

TEST_F(ExpandInputs, CataloguesThatLinksLeadToAgainAreReadOnce) {  // RC02
  fs::create_directories("c/catalog/dataset");
  write_file("c/catalog/properties", "dataproduct_type=object\n");
  write_file("c/catalog/dataset/Npix=1.parquet", "PAR1");
  write_file("c/collection.properties", "obs_collection=a\n");
  for (const char* name : {"c/a", "c/b", "c/catalog/dataset/d"})
    fs::create_directory_symlink(fs::current_path() / "c", name);
  EXPECT_EQ(expand({"c"}, true), (Names{"c/catalog/dataset/Npix=1.parquet"}));
  ASSERT_FALSE(warnings_.empty());
}

TEST_F(ExpandInputs, FoldersWithinFoldersHaveAMostDepth) {  // RC02
  fs::path at = "nest";
  for (int i = 0; i < 300; ++i) at /= "d";
  fs::create_directories(at);
  write_file(at / "x.csv", "x\n");
  write_file("nest/y.csv", "x\n");
  EXPECT_EQ(expand({"nest"}, true), (Names{"nest/y.csv"}));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].message.find("only by mistake"), std::string::npos);
}

TEST_F(ExpandInputs, OneFileUnderTwoNamesIsReadOnceAndTwoUnderOneAreNot) {  // CL10
  fs::create_symlink("b.csv", "other.csv");
  fs::create_directory_symlink(fs::current_path() / "deep", "short");
  EXPECT_EQ(expand({"b.csv", "./b.csv", "other.csv", "deep/../b.csv"}), (Names{"b.csv"}));
  EXPECT_EQ(warnings_.size(), 1u);
  fs::create_directories("here/deep");
  fs::create_directories("there/deep");
  fs::create_directory_symlink(fs::current_path() / "there/deep", "here/link");
  write_file("here/x.csv", "x\n");
  write_file("there/x.csv", "x\n");
  EXPECT_EQ(expand({"here/x.csv", "here/link/../x.csv"}).size(), 2u);  // the second is there/x.csv
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(ExpandInputs, AListNamesFilesThatBeginLikeAComment) {  // RC10
  write_file("#1.csv", "x\n");
  write_file("list", "# a comment\n#1.csv\n#2.csv\nb.csv\n");
  EXPECT_EQ(expand({"@list"}), (Names{"#1.csv", "b.csv"}));
}

TEST_F(ExpandInputs, ACollectionNamesNothingOutsideItsFolder) {
  fs::create_directories("c");
  for (const char* url : {"../o", "/tmp", "x/../../o", "https://example.org/x"}) {
    write_file("c/collection.properties", std::string("hats_primary_table_url=") + url + "\n");
    EXPECT_NE(failure_of({"c"}).message.find("which is not in its folder"), std::string::npos) << url;
  }
}

TEST_F(ExpandInputs, NotesOfASizeThatNotesDoNotHaveAreRefusedByName) {  // RC09
  fs::create_directories("c");
  write_file("c/collection.properties", "");
  fs::resize_file("c/collection.properties", std::uintmax_t{1} << 32);
  EXPECT_EQ(failure_of({"c"}).file, "c/collection.properties");
}

TEST_F(ExpandInputs, ASignalEndsListing) {  // RC06
  const std::atomic<bool> stop{true};
  write_file("list", "b.csv\n");
  const StopScope heeded(&stop);
  EXPECT_THROW(expand({"deep"}, true), Stopped);
  EXPECT_THROW(expand({"*.csv"}), Stopped);
  EXPECT_THROW(expand({"@list"}), Stopped);
}

}  // namespace
}  // namespace astrom3
