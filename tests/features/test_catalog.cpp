// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "astrom3/features/catalog.h"
#include "formats/parquet.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

constexpr std::string_view kTwoRows =
    "object_id,amplitude,period,lksl_statistic,rfr_score\nstar,0.43,0.3696144,0.03,0.98\nother,0.1,12,0.5,0."
    "7\n";

Catalog read_catalog(std::string_view text, const std::string& id_column = {}) {
  const TemporaryFolder folder;
  return Catalog::read(write_file(folder / "catalog.csv", text), id_column);
}

Diagnostic read_failure(std::string_view text, const std::string& id_column = {}) {
  try {
    read_catalog(text, id_column);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_catalog) << error.what();
    EXPECT_NE(error.diagnostic().file.find("catalog.csv"), std::string::npos);
    return error.diagnostic();
  }
  ADD_FAILURE() << "the catalogue was read";
  return {};
}

struct LookUp {
  Status status = Status::ok;
  FeatureOverrides overrides;
  Diagnostic diagnostic;
};

LookUp look_up(const Catalog& catalog, std::string_view id) {
  LookUp result;
  result.status = catalog.look_up(id, result.overrides, result.diagnostic);
  return result;
}

TEST(Catalog, GivesTheFourValuesOfAnObject) {
  const Catalog catalog = read_catalog(kTwoRows);
  EXPECT_EQ(catalog.size(), 2u);
  const LookUp found = look_up(catalog, "star");
  ASSERT_EQ(found.status, Status::ok);
  const std::array<double, kFeatureCount> expected{0.43, 0.3696144, 0.03, 0.98};
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    ASSERT_TRUE(found.overrides[f].has_value());
    EXPECT_EQ(found.overrides[f]->value, expected[f]);
    EXPECT_EQ(found.overrides[f]->source, FeatureSource::catalog);
    EXPECT_FALSE(found.overrides[f]->standardised);
  }
}

TEST(Catalog, AnIdThatIsMissingHasNoRow) {  // AX01
  const LookUp missing = look_up(read_catalog(kTwoRows), "nobody");
  EXPECT_EQ(missing.status, Status::no_catalog_row);
  EXPECT_EQ(missing.diagnostic.object_id, "nobody");
}

TEST(Catalog, AnIdRepeatedWithEqualValuesIsAWarning) {  // AX02
  const Catalog catalog = read_catalog("object_id,period\na,1.5\nb,2\na,1.50\n");
  EXPECT_EQ(catalog.size(), 2u);
  ASSERT_EQ(catalog.warnings().size(), 1u);
  EXPECT_EQ(catalog.warnings()[0].object_id, "a");
  EXPECT_EQ(catalog.warnings()[0].line, 4);
  EXPECT_NE(catalog.warnings()[0].message.find("line 2"), std::string::npos);
}

TEST(Catalog, AnIdRepeatedWithDifferentValuesNamesBothLines) {  // AX02
  const Diagnostic failure = read_failure("object_id,period\na,1.5\nb,2\na,1.6\n");
  EXPECT_EQ(failure.line, 4);
  EXPECT_EQ(failure.column, "period");
  EXPECT_NE(failure.message.find("lines 2 and 4"), std::string::npos) << failure.message;
}

TEST(Catalog, ARepeatedIdWithAnEmptyAndAFilledCellIsDifferent) {  // AX02
  EXPECT_EQ(read_failure("object_id,period\na,1.5\na,\n").line, 3);
}

TEST(Catalog, IdsAreComparedAsExactStrings) {  // AX03
  const Catalog catalog = read_catalog("object_id,period\n00123,1\nABC,2\n9007199254740993,3\n456,4\n");
  for (const char* other : {"123", "123.0", "abc", " ABC", "9007199254740992", "456.0", "0456"}) {
    EXPECT_EQ(look_up(catalog, other).status, Status::no_catalog_row) << other;
  }
  EXPECT_EQ(look_up(catalog, "9007199254740993").overrides[1]->value, 3);
}

TEST(Catalog, HintsAtAnIdThatDiffersOnlyByFormatting) {  // AX03
  const Catalog catalog = read_catalog("object_id,period\n00123,1\nABC,2\n9007199254740993,3\n");
  EXPECT_EQ(catalog.similar_id("123"), "00123");
  EXPECT_EQ(catalog.similar_id("123.0"), "00123");
  EXPECT_EQ(catalog.similar_id(" abc "), "ABC");
  EXPECT_EQ(catalog.similar_id("9007199254740992"), std::nullopt);
  EXPECT_NE(look_up(catalog, "abc").diagnostic.hint.text.find("\"ABC\""), std::string::npos);
}

TEST(Catalog, AValueThatCannotBeRejectsItsObjectAndNoOther) {  // AX04, AX07, AX12
  const Catalog catalog = read_catalog(
      "object_id,amplitude,period\nzero,1,0\nnegative,1,-2\nnan,1,nan\ninf,1,inf\nnone,1,None\n"
      "empty,1,\nword,1,short\nflat,-0.1,1\ngood,0,1\n");
  for (const char* id : {"zero", "negative", "nan", "inf", "none", "empty", "word"}) {
    const LookUp found = look_up(catalog, id);
    EXPECT_EQ(found.status, Status::bad_aux) << id;
    EXPECT_EQ(found.diagnostic.column, "period") << id;
    EXPECT_GT(found.diagnostic.line, 1) << id;
  }
  EXPECT_EQ(look_up(catalog, "word").diagnostic.value, "short");
  EXPECT_EQ(look_up(catalog, "word").diagnostic.line, 8);
  EXPECT_EQ(look_up(catalog, "flat").diagnostic.column, "amplitude");
  EXPECT_EQ(look_up(catalog, "good").status, Status::ok);
}

TEST(Catalog, AValueGivenBeforeIsKeptAndItsBadCellDoesNotMatter) {  // AX05
  const Catalog catalog = read_catalog("object_id,period,rfr_score\na,2,\n");
  FeatureOverrides overrides;
  overrides[3] = FeatureOverride{.value = 0.392, .standardised = true, .source = FeatureSource::set};
  Diagnostic diagnostic;
  EXPECT_EQ(catalog.look_up("a", overrides, diagnostic), Status::ok);
  EXPECT_EQ(overrides[3]->value, 0.392);
  EXPECT_EQ(overrides[3]->source, FeatureSource::set);
  EXPECT_EQ(overrides[1]->value, 2);
}

TEST(Catalog, ReadsColumnsByNameInAnyOrder) {  // AX08
  const Catalog catalog = read_catalog("rfr_score,object_id,period,class,amplitude\n0.9,a,2,EW,0.4\n");
  const LookUp found = look_up(catalog, "a");
  EXPECT_EQ(found.overrides[0]->value, 0.4);
  EXPECT_EQ(found.overrides[1]->value, 2);
  EXPECT_EQ(found.overrides[2], std::nullopt);
  EXPECT_EQ(found.overrides[3]->value, 0.9);
  EXPECT_TRUE(catalog.has_column(Feature::period));
  EXPECT_FALSE(catalog.has_column(Feature::lksl_statistic));
}

TEST(Catalog, ARowWithTooFewOrTooManyValuesIsAnError) {  // AX09
  EXPECT_EQ(read_failure("object_id,period,amplitude\na,1,2\nb,1\n").line, 3);
  EXPECT_NE(read_failure("object_id,period\na,1,2\n").message.find("3 fields"), std::string::npos);
}

TEST(Catalog, KeepsValuesThatOnlyTheTensorCanJudge) {  // AX06, AX11
  const LookUp found = look_up(read_catalog("object_id,amplitude,rfr_score\na,1e39,-100\n"), "a");
  EXPECT_EQ(found.status, Status::ok);
  EXPECT_EQ(found.overrides[0]->value, 1e39);
  EXPECT_EQ(found.overrides[3]->value, -100);
}

TEST(Catalog, AnUnusableFileIsAnErrorBeforeAnyLightCurve) {  // AX12
  EXPECT_NE(read_failure("").message.find("empty"), std::string::npos);
  EXPECT_NE(read_failure("object_id,period\n").message.find("no rows"), std::string::npos);
  EXPECT_NE(read_failure("name,period\na,1\n").message.find("name, period"), std::string::npos);
  EXPECT_NE(read_failure("object_id,class\na,EW\n").message.find("rfr_score"), std::string::npos);
  EXPECT_NE(read_failure("object_id,period,Period,period\na,1,1,1\n").message.find("more than once"),
            std::string::npos);
  EXPECT_EQ(read_failure("object_id,period\n,1\n").line, 2);
  EXPECT_EQ(read_failure("object_id,period\n\xff,1\n").line, 2);
  EXPECT_NE(read_failure(std::string("\x89PNG\r\n\x1a\n\0\0", 10)).message.find("PNG"), std::string::npos);
  EXPECT_THROW(Catalog::read("no/such/catalog.csv"), Error);
  EXPECT_EQ(exit_code(Status::bad_catalog), 5);
}

TEST(Catalog, CountsRowsThatWereNeverLookedUp) {  // AX13
  const Catalog catalog = read_catalog("object_id,period\na,1\nb,2\nc,3\n");
  EXPECT_EQ(catalog.unused_rows(), 3u);
  look_up(catalog, "b");
  look_up(catalog, "b");
  look_up(catalog, "nobody");
  EXPECT_EQ(catalog.unused_rows(), 2u);
}

TEST(Catalog, ReadsGzipMarksCommentsAndOtherSeparators) {
  EXPECT_EQ(read_catalog(gzipped(kTwoRows)).size(), 2u);
  EXPECT_EQ(read_catalog("\xef\xbb\xbf# made by hand\nobject_id;period\r\na;1\r\n").size(), 1u);
  EXPECT_EQ(read_catalog("object_id period\na 1\n").size(), 1u);
  EXPECT_EQ(look_up(read_catalog("name,period\na,7\n", "name"), "a").overrides[1]->value, 7);
}

TEST(Catalog, DamagedGzipIsAnError) {
  std::string bytes = gzipped(kTwoRows);
  bytes.resize(bytes.size() - 3);
  EXPECT_NE(read_failure(bytes).message.find("cut off"), std::string::npos);
}

TEST(Catalog, ReadsParquetLikeCsv) {  // AX02, AX03, AX12
  try {
    parquet_module(Status::bad_parquet);
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  const TemporaryFolder folder;
  const auto write = [&](const std::vector<std::string>& ids, const std::vector<double>& periods) {
    std::string bytes;
    const auto writer = open_parquet_writer(
        {{.name = "object_id", .type = CellType::text}, {.name = "period", .type = CellType::number}}, {},
        [&](std::span<const std::byte> some) {
          bytes.append(reinterpret_cast<const char*>(some.data()), some.size());
        });
    std::array<ColumnData, 2> columns;
    columns[0].text = ids;
    columns[1].numbers = periods;
    for (ColumnData& column : columns) column.valid.assign(ids.size(), 1);
    columns[1].valid.back() = 0;
    writer->write(columns, ids.size());
    writer->close();
    return write_file(folder / "catalog.parquet", bytes);
  };
  const Catalog catalog = Catalog::read(write({"007", "b", "empty"}, {1.5, 2, 0}));
  EXPECT_EQ(catalog.size(), 3u);
  EXPECT_EQ(look_up(catalog, "007").overrides[1]->value, 1.5);
  EXPECT_EQ(look_up(catalog, "7").status, Status::no_catalog_row);
  EXPECT_EQ(look_up(catalog, "empty").status, Status::bad_aux);
  EXPECT_EQ(look_up(catalog, "empty").diagnostic.line, 3);
  try {
    Catalog::read(write({"a", "b", "a", "c"}, {1, 2, 3, 0}));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_catalog);
    EXPECT_NE(error.diagnostic().message.find("rows 1 and 3"), std::string::npos) << error.what();
  }
  try {
    Catalog::read(write_file(folder / "torn.parquet", "PAR1 and nothing that follows"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_catalog);
  }
}

TEST(Catalog, IsLookedUpFromManyThreadsAtOnce) {
  std::string text = "object_id,period\n";
  for (int i = 1; i <= 1000; ++i) text += "star" + std::to_string(i) + "," + std::to_string(i) + "\n";
  const Catalog catalog = read_catalog(text);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&catalog] {
      for (int i = 1; i <= 1000; ++i) {
        const LookUp found = look_up(catalog, "star" + std::to_string(i));
        EXPECT_EQ(found.overrides[1]->value, i);
        EXPECT_EQ(look_up(catalog, "STAR" + std::to_string(i)).status, Status::no_catalog_row);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(catalog.unused_rows(), 0u);
}

}  // namespace
}  // namespace astrom3
