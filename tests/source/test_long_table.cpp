// SPDX-License-Identifier: MIT
//
// Long tables: many objects in one file, in any order, in bounded memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

using Doubles = std::vector<double>;
using namespace std::string_literals;

const std::string kHeader = "object_id,hjd,flux,flux_err\n";

/// `n_objects` grouped objects of `n_rows` each: star0, star1, ...
std::string grouped_table(int n_objects, int n_rows) {
  std::string text = kHeader;
  for (int i = 0; i < n_objects; ++i) {
    for (int k = 0; k < n_rows; ++k) {
      text += "star" + std::to_string(i) + "," + std::to_string(k) + "," + std::to_string(i) + ",1\n";
    }
  }
  return text;
}

/// A memory limit that holds only a few objects.
SourceOptions tight_memory() {
  SourceOptions options;
  options.memory_bytes = 4000;
  return options;
}

std::vector<std::string> ids_of(const ReadTable& table) {
  std::vector<std::string> ids;
  for (const SourceObject& object : table.objects) ids.push_back(object.object_id);
  return ids;
}

TEST(LongTable, ObjectsComeInOrderOfFirstAppearance) {  // TX29
  const ReadTable table = read_table(kHeader + "b,1,10,1\na,2,20,1\nb,3,11,1\nc,4,30,1\na,5,21,1\n");
  ASSERT_EQ(ids_of(table), (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_EQ(table.objects[0].light_curve.flux, (Doubles{10, 11}));
  EXPECT_EQ(table.objects[1].light_curve.flux, (Doubles{20, 21}));
  EXPECT_EQ(table.objects[2].light_curve.flux, (Doubles{30}));
}

TEST(LongTable, TheIdColumnMayHaveAnyName) {  // TX29
  SourceOptions options;
  options.id_column = "asas_sn_id";
  const ReadTable table = read_table("jd,flux,flux_err,asas_sn_id\n1,2,3,12702\n1,2,3,12703\n", options);
  EXPECT_EQ(ids_of(table), (std::vector<std::string>{"12702", "12703"}));
}

TEST(LongTable, IdsAreExactStrings) {
  const ReadTable table =
      read_table(kHeader + "1,1,2,3\n1.0,1,2,3\n01,1,2,3\n 1,1,2,3\n\"1\",2,2,3\n9007199254740993,1,2,3\n");
  EXPECT_EQ(ids_of(table), (std::vector<std::string>{"1", "1.0", "01", " 1", "9007199254740993"}));
  EXPECT_EQ(table.objects[0].light_curve.size(), 2u);
}

TEST(LongTable, ABadFieldCostsOnlyItsObject) {
  const ReadTable table =
      read_table(kHeader + "a,1,10,1\nb,1,x,1\nc,1,30,1\nb,2,20,1\na,2,11,1\nd,1,2\nd,2,2,2\n");
  ASSERT_EQ(table.objects.size(), 4u);
  EXPECT_EQ(table.objects[0].light_curve.flux, (Doubles{10, 11}));
  EXPECT_EQ(table.objects[1].rejection->code, Status::not_a_number);
  EXPECT_EQ(table.objects[1].rejection->object_id, "b");
  EXPECT_EQ(table.objects[1].rejection->line, 3);
  EXPECT_EQ(table.objects[1].n_raw, 2u);
  EXPECT_EQ(table.objects[1].light_curve.size(), 0u);
  EXPECT_EQ(table.objects[2].light_curve.flux, (Doubles{30}));
  EXPECT_EQ(table.objects[3].rejection->code, Status::field_count);
}

TEST(LongTable, NulAndBrokenUtf8CostOnlyTheirObject) {  // TX06, TX07
  const ReadTable table = read_table(kHeader + "a,1,10,1\nb,1,\xe9,1\nc,1,30,1\n");
  EXPECT_FALSE(table.objects[0].rejection.has_value());
  EXPECT_EQ(table.objects[1].rejection->code, Status::bad_encoding);
  EXPECT_FALSE(table.objects[2].rejection.has_value());
}

TEST(LongTable, AnIdMustBeText) {  // OU19
  const ReadTable table = read_table(kHeader + "a,1,10,1\n,1,2,1\n\xff\xfe,1,30,1\n\"new\nline\",1,2,3\n");
  // Rows that are nobody's come first: the others wait for rows of theirs.
  ASSERT_EQ(ids_of(table), (std::vector<std::string>{"", "\\xff\\xfe", "a", "new\nline"}));
  EXPECT_EQ(table.objects[0].rejection->code, Status::bad_id);
  EXPECT_EQ(table.objects[0].rejection->line, 3);
  EXPECT_EQ(table.objects[1].rejection->code, Status::bad_id);
  EXPECT_EQ(table.objects[1].rejection->object_id, "\\xff\\xfe");
  EXPECT_FALSE(table.objects[2].rejection.has_value());
  EXPECT_FALSE(table.objects[3].rejection.has_value());
}

TEST(LongTable, RowsThatAreNobodysEndNoObject) {  // OU19
  // Held or streamed, within an object or between two, again and again.
  std::string text = kHeader;
  for (int star = 0; star < 100; ++star) {
    for (int k = 0; k < 10; ++k) {
      text += "star" + std::to_string(star) + "," + std::to_string(k) + ",1,1\n";
      if (k == star % 10) text += star % 2 == 0 ? ",1,2,3\n,2,3,4\n" : "b\xff,1,2,3\n";
    }
  }
  for (const SourceOptions& options : {SourceOptions{}, tight_memory()}) {
    const ReadTable table = read_table(text, options);
    std::size_t n_good = 0, n_bad_id = 0;
    for (const SourceObject& object : table.objects) {
      n_good += !object.rejection.has_value() && object.light_curve.size() == 10;
      n_bad_id += object.rejection.has_value() && object.rejection->code == Status::bad_id;
    }
    EXPECT_EQ(n_good, 100u);
    EXPECT_EQ(n_bad_id, 100u);
    EXPECT_EQ(table.objects.size(), 200u);
  }
}

TEST(LongTable, BandsAreJudgedObjectByObject) {  // LC38
  const ReadTable table = read_table(
      "object_id,mjd,mag,magerr,band\na,1,10,0.1,V\nb,1,10,0.1,g\na,2,10,0.1,V\nc,1,10,0.1,V\nc,2,10,0.1,"
      "g\n");
  EXPECT_FALSE(table.objects[0].rejection.has_value());
  EXPECT_FALSE(table.objects[1].rejection.has_value());
  EXPECT_EQ(table.objects[2].rejection->code, Status::mixed_bands);
  EXPECT_NEAR(table.objects[0].light_curve.flux[0] / table.objects[1].light_curve.flux[0], 3836.3 / 3631,
              1e-12);
}

TEST(LongTable, AStrayQuoteCostsOnlyItsObject) {  // TX18
  const std::string ends[] = {"1,\"x,1\n", "\"1,2,3\n", "1,2,\"3\n", "1,2,3,\"\n"};
  for (const std::string& end : ends) {
    const ReadTable table =
        read_table(kHeader + "a,1,10,1\nb,1,2,1\nb," + end + "b,3,4,1\nc,1,2,3\na,2,3,4\n");
    ASSERT_EQ(ids_of(table), (std::vector<std::string>{"a", "b", "c"})) << end;
    EXPECT_EQ(table.objects[0].light_curve.flux, (Doubles{10, 3})) << end;
    ASSERT_TRUE(table.objects[1].rejection.has_value()) << end;
    EXPECT_EQ(table.objects[1].rejection->code, Status::unclosed_quote) << end;
    EXPECT_EQ(table.objects[1].rejection->line, 4) << end;
    EXPECT_EQ(table.objects[1].n_raw, 3u) << end;
    EXPECT_EQ(table.objects[2].light_curve.flux, (Doubles{2})) << end;
  }
  const ReadTable table = read_table(kHeader + "a,1,10,1\n\"b,1,2,1\nc,1,2,3\n");
  ASSERT_EQ(ids_of(table), (std::vector<std::string>{"a", "b", "c"}));  // also where the id has it
  EXPECT_EQ(table.objects[1].rejection->code, Status::unclosed_quote);
}

TEST(LongTable, StrayQuotesOfTwoRowsSwallowNothingBetweenThem) {  // TX18
  const std::string between = grouped_table(50, 5).substr(kHeader.size());
  for (const std::string& first : {"1,\"x,1\n"s, "\"1,2,3\n"s, "1,2,\"3\r\n"s}) {
    for (const std::string& second : {"1,\"x,1\n"s, "1\",2,3\n"s, "1,2\",3\n"s, "1,2,3\"\n"s, "\",\",3\n"s}) {
      const ReadTable table = read_table(kHeader + "b," + first + between + "c," + second + "d,1,2,3\n");
      ASSERT_EQ(table.objects.size(), 53u) << first << second;
      EXPECT_EQ(table.objects[0].rejection->code, Status::unclosed_quote) << first << second;
      for (std::size_t i = 1; i < 51; ++i) EXPECT_EQ(table.objects[i].light_curve.size(), 5u);
      EXPECT_TRUE(table.objects[51].rejection.has_value()) << first << second;
      EXPECT_FALSE(table.objects[52].rejection.has_value()) << first << second;
    }
  }
}

TEST(LongTable, AnEndlessLineCostsOnlyItsObject) {  // TX27
  for (const std::size_t length : {std::size_t{1} << 20, std::size_t{5} << 20}) {
    const ReadTable table =
        read_table(kHeader + "a,1,10,1\nb,1," + std::string(length, '1') + ",2\nc,1,2,3\na,2,3,4\n");
    ASSERT_EQ(ids_of(table), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(table.objects[0].light_curve.flux, (Doubles{10, 3}));
    EXPECT_EQ(table.objects[1].rejection->code, Status::line_too_long);
    EXPECT_EQ(table.objects[1].rejection->line, 3);
    EXPECT_EQ(table.objects[2].light_curve.flux, (Doubles{2}));
  }
}

TEST(LongTable, ARowTooShortToHoldItsIdIsNobodys) {
  const ReadTable table = read_table("hjd,flux,flux_err,object_id\n1,2,3,a\n1,2,3,b\n1,2\n1,2,3,c\n");
  ASSERT_EQ(ids_of(table), (std::vector<std::string>{"", "a", "b", "c"}));
  EXPECT_EQ(table.objects[0].rejection->code, Status::bad_id);
  EXPECT_EQ(table.objects[0].rejection->line, 4);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_FALSE(table.objects[i].rejection.has_value());
}

TEST(LongTable, DamagedGzipRejectsEveryObject) {  // TX36
  // Larger than what is read before the first object: streaming must not hand out any of it.
  std::string bytes = gzipped(grouped_table(600, 100));
  bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] ^ 1);
  for (const SourceOptions& options : {SourceOptions{}, tight_memory()}) {
    const ReadTable table = read_table(bytes, options);
    EXPECT_FALSE(table.objects.empty());
    for (const SourceObject& object : table.objects) {
      ASSERT_TRUE(object.rejection.has_value());
      EXPECT_EQ(object.rejection->code, Status::bad_compression);
    }
  }
}

TEST(LongTable, GroupedTablesOfAnySizeAreStreamed) {  // TX29
  const std::string text = grouped_table(200, 30);
  for (const std::string& bytes : {text, gzipped(text)}) {
    const ReadTable whole = read_table(bytes);
    const ReadTable streamed = read_table(bytes, tight_memory());
    ASSERT_EQ(whole.objects.size(), 200u);
    ASSERT_EQ(ids_of(streamed), ids_of(whole));
    for (std::size_t i = 0; i < 200; ++i) {
      EXPECT_FALSE(streamed.objects[i].rejection.has_value());
      EXPECT_EQ(streamed.objects[i].light_curve.flux, whole.objects[i].light_curve.flux);
      EXPECT_EQ(streamed.objects[i].light_curve.time, whole.objects[i].light_curve.time);
    }
  }
}

TEST(LongTable, AnIdThatComesBackWhileStreamingIsReportedOnce) {  // TX29
  std::string text = grouped_table(200, 30);
  const auto n_lines = std::count(text.begin(), text.end(), '\n');
  text += "star3,100,3,1\nstar3,101,3,1\nnew,1,2,3\nstar3,102,3,1\nstar4,1,2,3\nnew,2,3,4\n";
  const ReadTable table = read_table(text, tight_memory());
  std::map<std::string, int> n_ok;
  std::map<std::string, int> n_back;
  for (const SourceObject& object : table.objects) {
    if (!object.rejection.has_value()) {
      ++n_ok[object.object_id];
      continue;
    }
    EXPECT_EQ(object.rejection->code, Status::not_grouped);
    if (n_back[object.object_id]++ == 0 && object.object_id == "star3") {
      EXPECT_EQ(object.rejection->line, n_lines + 1);
    }
  }
  EXPECT_EQ(n_ok.size(), 201u);
  EXPECT_EQ(n_back, (std::map<std::string, int>{{"star3", 1}, {"star4", 1}, {"new", 1}}));
}

TEST(LongTable, AnInterleavedTableBeyondTheLimitIsRefused) {  // TX29
  std::string text = kHeader;
  for (int k = 0; k < 20; ++k) {
    for (int i = 0; i < 30; ++i) text += "star" + std::to_string(i) + "," + std::to_string(k) + ",1,1\n";
  }
  SourceOptions options = tight_memory();
  options.memory_bytes = 20'000;
  const ReadTable table = read_table(text, options);
  ASSERT_EQ(table.objects.size(), 30u);
  for (const SourceObject& object : table.objects) {
    ASSERT_TRUE(object.rejection.has_value());
    EXPECT_EQ(object.rejection->code, Status::not_grouped);
    EXPECT_EQ(object.rejection->line, 32);  // where star0 comes back
  }
  EXPECT_EQ(read_table(text).objects.size(), 30u);
  EXPECT_FALSE(read_table(text).objects[0].rejection.has_value());
}

TEST(LongTable, AFaultWhileStreamingCostsOnlyItsObject) {
  const std::string text = grouped_table(200, 30) + "open,1,2,3\nopen,\"1,2,3\nlate,1,2,3\n";
  const ReadTable table = read_table(text, tight_memory());
  ASSERT_EQ(table.objects.size(), 202u);
  for (std::size_t i = 0; i < 200; ++i) EXPECT_FALSE(table.objects[i].rejection.has_value()) << i;
  EXPECT_EQ(table.objects[200].rejection->code, Status::unclosed_quote);
  EXPECT_FALSE(table.objects[201].rejection.has_value());
}

TEST(LongTable, ProgressIsThatOfTheObjectsHandedOut) {
  const std::string text = grouped_table(200, 30);
  for (const SourceOptions& options : {SourceOptions{}, tight_memory()}) {
    TextSource source(DecompressedReader(ByteReader::in_memory(text)), "table.csv", options);
    std::uint64_t before = 0;
    for (SourceObject object; source.next(object);) {
      EXPECT_GE(source.bytes_read(), before);
      before = source.bytes_read();
      const bool is_held = options.memory_bytes > text.size();  // streamed, it is as far as its block
      if (is_held && object.object_id == "star9") {
        EXPECT_EQ(before, text.size() / 20);
      }
    }
    EXPECT_EQ(before, text.size());
  }
}

TEST(LongTable, TheLastRowsFlagBelongsToItsObject) {
  const ReadTable table = read_table(kHeader + "a,1,2,3\nb,1,2,3\na,2,3,4");
  EXPECT_TRUE(table.objects[0].flags.has(Flag::no_final_newline));
  EXPECT_FALSE(table.objects[1].flags.has(Flag::no_final_newline));
}

}  // namespace
}  // namespace astrom3
