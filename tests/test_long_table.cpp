// SPDX-License-Identifier: MIT
//
// Long tables: many objects in one file, in any order, in bounded memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "source_testing.h"

namespace astrom3 {
namespace {

using Doubles = std::vector<double>;

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
  ASSERT_EQ(table.objects.size(), 4u);
  EXPECT_EQ(table.objects[1].rejection->code, Status::bad_id);
  EXPECT_EQ(table.objects[2].rejection->code, Status::bad_id);
  EXPECT_EQ(table.objects[2].object_id, "\\xff\\xfe");
  EXPECT_EQ(table.objects[2].rejection->object_id, "\\xff\\xfe");
  EXPECT_EQ(table.objects[3].object_id, "new\nline");
  EXPECT_FALSE(table.objects[3].rejection.has_value());
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

TEST(LongTable, AnEndOfAllReadingRejectsEveryObjectSeen) {
  const ReadTable table = read_table(kHeader + "a,1,10,1\nb,1,x,1\na,2,3,4\n\"c,1,2,3\n");
  ASSERT_EQ(table.objects.size(), 2u);
  EXPECT_EQ(table.objects[0].rejection->code, Status::unclosed_quote);
  EXPECT_EQ(table.objects[0].rejection->object_id, "a");
  EXPECT_EQ(table.objects[0].rejection->line, 5);
  EXPECT_EQ(table.objects[1].rejection->code, Status::not_a_number);  // its own reason stays
}

TEST(LongTable, ARowTooShortToHoldItsIdEndsTheFile) {
  const ReadTable table = read_table("hjd,flux,flux_err,object_id\n1,2,3,a\n1,2,3,b\n1,2\n1,2,3,c\n");
  ASSERT_EQ(table.objects.size(), 2u);
  EXPECT_EQ(table.objects[0].rejection->code, Status::field_count);
  EXPECT_EQ(table.objects[1].rejection->code, Status::field_count);
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

TEST(LongTable, AFaultWhileStreamingCostsWhatWasNotHandedOut) {
  const std::string text = grouped_table(200, 30) + "late,1,2,3\n\"open,1,2,3\n";
  const ReadTable table = read_table(text, tight_memory());
  ASSERT_EQ(table.objects.size(), 201u);
  for (std::size_t i = 0; i < 200; ++i) EXPECT_FALSE(table.objects[i].rejection.has_value()) << i;
  EXPECT_EQ(table.objects[200].object_id, "late");
  EXPECT_EQ(table.objects[200].rejection->code, Status::unclosed_quote);
}

TEST(LongTable, TheLastRowsFlagBelongsToItsObject) {
  const ReadTable table = read_table(kHeader + "a,1,2,3\nb,1,2,3\na,2,3,4");
  EXPECT_TRUE(table.objects[0].flags.has(Flag::no_final_newline));
  EXPECT_FALSE(table.objects[1].flags.has(Flag::no_final_newline));
}

}  // namespace
}  // namespace astrom3
