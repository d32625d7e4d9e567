// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/keyed_table.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

constexpr std::string_view kTable =
    "object_id,period,note\n007,1.5,\"a, b\"\nb,,none\n\"c \"\"d\"\"\",-2e3,\n";

struct Row {
  std::string id;
  NumberKind kind = NumberKind::number;
  double value = 0;
  bool operator==(const Row&) const = default;
};

const std::vector<Row> kRows{
    {"007", NumberKind::number, 1.5}, {"b", NumberKind::missing, 0}, {"c \"d\"", NumberKind::number, -2000}};

std::vector<Row> rows_of(const std::filesystem::path& file) {
  KeyedTable table(file, Status::bad_catalog);
  table.select({{table.find_id(""), CellType::text}, {table.find("Period").value(), CellType::number}});
  std::vector<Row> rows;
  while (table.next()) {
    const ParsedNumber number = table.number(1);
    rows.push_back({std::string(table.id(0)), number.kind, number.value});
  }
  return rows;
}

std::string with(std::string_view from, std::string_view to) {
  std::string text(kTable);
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

TEST(KeyedTable, GivesTheSameRowsForEveryKindOfText) {
  const TemporaryFolder folder;
  const std::string comments(200'000, '#');
  for (const std::string& text :
       {std::string(kTable), "\xef\xbb\xbf" + std::string(kTable), with("\n", "\r\n"), with("\n", "\r"),
        "\n  \n# made by hand\n\t\n" + std::string(kTable), comments + "\n" + std::string(kTable),
        gzipped(kTable), gzipped(with("\n", "\r\n"))}) {
    EXPECT_EQ(rows_of(write_file(folder / "table", text)), kRows) << escaped(text.substr(0, 60));
  }
  for (const std::string_view separator : {";", "\t"}) {
    std::string text(kTable);
    for (std::size_t at = 0; (at = text.find(',', at)) != std::string::npos; ++at) {
      if (text.substr(at, 3) != ", b") text.replace(at, 1, separator);
    }
    EXPECT_EQ(rows_of(write_file(folder / "table", text)), kRows) << text;
  }
  EXPECT_EQ(rows_of(write_file(folder / "table", "object_id  period\n 007   1.5\nb --\n")),
            (std::vector<Row>{kRows[0], kRows[1]}));
}

std::string parquet_bytes(const std::vector<ColumnSpec>& specs, const std::vector<ColumnData>& columns) {
  std::string bytes;
  const auto writer = open_parquet_writer(specs, {{"made", "here"}}, [&](std::span<const std::byte> some) {
    bytes.append(reinterpret_cast<const char*>(some.data()), some.size());
  });
  writer->write(columns, columns[0].valid.size());
  writer->close();
  return bytes;
}

class KeyedParquet : public testing::Test {
 protected:
  void SetUp() override {
    try {
      parquet_module(Status::bad_parquet);
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }
  TemporaryFolder folder_;
};

TEST_F(KeyedParquet, GivesTheRowsOfText) {
  std::vector<ColumnData> columns(2);
  columns[0].text = {"007", "b", "c \"d\""};
  columns[0].valid = {1, 1, 1};
  columns[1].numbers = {1.5, 0, -2000};
  columns[1].valid = {1, 0, 1};
  const auto file = write_file(
      folder_ / "table",
      parquet_bytes({{.name = "object_id"}, {.name = "period", .type = CellType::number}}, columns));
  EXPECT_EQ(rows_of(file), kRows);
  EXPECT_EQ(KeyedTable(file, Status::bad_catalog).metadata().front().second, "here");
}

TEST_F(KeyedParquet, TellsNullNanAndInfinityApart) {
  std::vector<ColumnData> columns(2);
  columns[0].text = {"a", "", "c"};
  columns[0].valid = {1, 0, 1};
  columns[1].numbers = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 0};
  columns[1].valid = {1, 1, 0};
  KeyedTable table(
      write_file(
          folder_ / "table",
          parquet_bytes({{.name = "object_id"}, {.name = "period", .type = CellType::number}}, columns)),
      Status::bad_catalog);
  table.select({{0, CellType::text}, {1, CellType::number}});
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.number(1).kind, NumberKind::missing);
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.number(1).kind, NumberKind::nonfinite);
  EXPECT_EQ(table.spelling(1), "inf");
  const Diagnostic no_id = rejection_of([&] { (void)table.id(0); });
  EXPECT_EQ(no_id.message, "the id is null");
  EXPECT_EQ(no_id.line, 2);
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.spelling(1), "null");
  EXPECT_FALSE(table.next());
}

/// What opening and reading all of `text` fails with; the code and the file are checked here.
Diagnostic failure(std::string_view text) {
  const TemporaryFolder folder;
  const auto file = write_file(folder / "table", text);
  const Diagnostic found = rejection_of([&] { (void)rows_of(file); });
  EXPECT_EQ(found.code, Status::bad_catalog) << text;
  EXPECT_EQ(found.file, file.string()) << text;
  return found;
}

TEST(KeyedTable, RowsWhoseIdBeginsWithTheMarkOfAComment) {  // RC10
  const TemporaryFolder folder;
  const auto ids_of = [&](std::string_view text) {
    std::vector<std::string> ids;
    for (const Row& row : rows_of(write_file(folder / "t.csv", text))) ids.push_back(row.id);
    return ids;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids_of("# made today\nobject_id,period\n#1,1.5\nok,2\n#2,\n"), (Ids{"#1", "ok", "#2"}));
  EXPECT_EQ(ids_of("object_id\tperiod\n#1\t1.5\n"), (Ids{"#1"}));
  // Comments: other fields than the header, words where numbers are due, the header itself.
  EXPECT_EQ(ids_of("object_id,period\n#1,1.5,x\n#see,the paper\n#object_id,period\n#\nok,2\n"), (Ids{"ok"}));
}

TEST(KeyedTable, CountsCommentsThatHoldARow) {
  const TemporaryFolder folder;
  KeyedTable table(write_file(folder / "t.csv", "object_id,period\n# a,1.5\nb,2\n# words, and words\n"),
                   Status::bad_catalog);
  table.select({{table.find_id(""), CellType::text}, {table.find("period").value(), CellType::number}});
  EXPECT_TRUE(table.next());
  EXPECT_FALSE(table.next());
  EXPECT_EQ(table.n_commented_rows(), 1u);
}

TEST(KeyedTable, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(failure("").message, "the file is empty");
  EXPECT_EQ(failure("# nothing\n\n").message, "the file has no header");
  EXPECT_TRUE(
      contains(failure("name,period\na,1\n").message, "no id column \"object_id\"; found: name, period"));
  EXPECT_TRUE(contains(failure("object_id,period,period\n").message, "more than once"));
  EXPECT_TRUE(contains(failure(std::string("\x89PNG\r\n\x1a\n\0\0", 10)).message, "PNG"));
  EXPECT_TRUE(contains(failure("PAR1 and nothing that follows").message, ""));
  const Diagnostic arity = failure("object_id,period\na,1\nb\n");
  EXPECT_EQ(arity.message, "row has 1 fields, the header has 2");
  EXPECT_EQ(arity.line, 3);
  EXPECT_EQ(failure("object_id,period\n\na\xff,1\n").line, 3);
  EXPECT_EQ(failure("object_id,period\na,1\n\"b,2\nc,3\n").line, 3);
  const Diagnostic no_id = failure("object_id,period\na,1\n,2\n");
  EXPECT_EQ(no_id.message, "the id is empty");
  EXPECT_EQ(no_id.line, 3);
  EXPECT_EQ(no_id.column, "object_id");
  std::string cut_off = gzipped(kTable);
  cut_off.resize(cut_off.size() - 3);
  EXPECT_TRUE(contains(failure(cut_off).message, "cut off"));
}

TEST(KeyedTable, NamesNoColumnInRawBytesAndNotThousandsOfThem) {
  std::string header = "\x1b[31mred";
  for (int i = 0; i < 5000; ++i) header += ",c" + std::to_string(i);
  const std::string message = failure(header + "\n").message;
  EXPECT_TRUE(contains(message, "\\x1b[31mred, c0"));
  EXPECT_TRUE(contains(message, "and 4961 more"));
}

TEST(KeyedTable, AFailureInARowNamesLineColumnAndCell) {
  const TemporaryFolder folder;
  KeyedTable table(write_file(folder / "table", kTable), Status::bad_tensors);
  table.select({{0, CellType::text}, {2, CellType::text}});
  ASSERT_TRUE(table.next());
  const Diagnostic found = rejection_of([&] { table.fail_in_row("no", 1); });
  EXPECT_EQ(found.code, Status::bad_tensors);
  EXPECT_EQ(found.line, 2);
  EXPECT_EQ(found.column, "note");
  EXPECT_EQ(found.value, "a, b");
}

}  // namespace
}  // namespace astrom3
