// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "formats/parquet.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

/// Tests of the module itself; a build without Parquet has only the loader.
class Parquet : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      parquet_module(Status::bad_parquet);
    } catch (const Error& error) {
      GTEST_SKIP() << "built without Parquet: " << error.what();
    }
  }
  TemporaryFolder folder_;
};

constexpr double kInf = std::numeric_limits<double>::infinity();

std::vector<ColumnSpec> every_type() {
  return {{.name = "id", .type = CellType::text, .nullable = false},
          {.name = "n", .type = CellType::integer},
          {.name = "x", .type = CellType::number},
          {.name = "v", .type = CellType::vector, .width = 3},
          {.name = "m", .type = CellType::matrix, .width = 2, .steps = 2}};
}

/// Three rows, the middle one null where it can be.
std::vector<ColumnData> three_rows(int seed = 0) {
  const auto s = static_cast<float>(seed);
  std::vector<ColumnData> columns(5);
  columns[0] = {.text = {"a", "", "\u03b1 \"x\",\n"}, .valid = {1, 1, 1}};
  columns[1] = {.integers = {seed, 0, std::numeric_limits<std::int64_t>::min()}, .valid = {1, 0, 1}};
  columns[2] = {.numbers = {0.1, 0, -kInf}, .valid = {1, 0, 1}};
  columns[3] = {.floats = {s, 2, 3, 0, 0, 0, 7, 8, 9}, .valid = {1, 0, 1}};
  columns[4] = {.floats = {s, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8}, .valid = {1, 0, 1}};
  return columns;
}

std::string table_bytes(const std::vector<ColumnSpec>& specs,
                        const std::vector<std::vector<ColumnData>>& batches, const KeyValues& metadata = {}) {
  std::string bytes;
  const auto writer = open_parquet_writer(specs, metadata, [&](std::span<const std::byte> piece) {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  for (const auto& batch : batches) writer->write(batch, batch[0].valid.size());
  writer->close();
  return bytes;
}

std::string parquet_error_of(const fs::path& path, const std::vector<ColumnSpec>& wanted = {}) {
  try {
    const auto reader = open_parquet_reader(path);
    reader->select(wanted);
    std::vector<ColumnData> columns;
    while (reader->next(columns) > 0) continue;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_parquet) << error.what();
    EXPECT_EQ(error.diagnostic().file, path.string());
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST_F(Parquet, EveryTypeOfCellComesBackAsItWent) {
  write_file(folder_ / "t.parquet", table_bytes(every_type(), {three_rows(1), three_rows(2)}));
  const auto reader = open_parquet_reader(folder_ / "t.parquet");
  EXPECT_EQ(reader->row_count(), 6u);
  reader->select(every_type());
  std::vector<ColumnData> columns;
  std::vector<ColumnData> all(5);
  while (reader->next(columns) > 0) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      all[i].text.insert(all[i].text.end(), columns[i].text.begin(), columns[i].text.end());
      all[i].integers.insert(all[i].integers.end(), columns[i].integers.begin(), columns[i].integers.end());
      all[i].numbers.insert(all[i].numbers.end(), columns[i].numbers.begin(), columns[i].numbers.end());
      all[i].floats.insert(all[i].floats.end(), columns[i].floats.begin(), columns[i].floats.end());
      all[i].valid.insert(all[i].valid.end(), columns[i].valid.begin(), columns[i].valid.end());
    }
  }
  for (int half = 0; half < 2; ++half) {
    const std::vector<ColumnData> expected = three_rows(half + 1);
    const auto part = [half](const auto& list) {
      using List = std::decay_t<decltype(list)>;
      const auto n = static_cast<std::ptrdiff_t>(list.size() / 2);
      return List(list.begin() + half * n, list.begin() + (half + 1) * n);
    };
    EXPECT_EQ(part(all[0].text), expected[0].text);
    EXPECT_EQ(part(all[1].integers), expected[1].integers);
    EXPECT_EQ(part(all[2].numbers), expected[2].numbers);
    EXPECT_EQ(part(all[3].floats), expected[3].floats);
    EXPECT_EQ(part(all[4].floats), expected[4].floats);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(part(all[i].valid), expected[i].valid) << i;
  }
}

TEST_F(Parquet, SizesOfListsAreLearntFromTheFirstOne) {
  std::vector<ColumnData> rows = three_rows();
  rows[3].valid = {0, 0, 1};
  rows[4].valid = {0, 0, 1};
  write_file(folder_ / "t.parquet", table_bytes(every_type(), {rows}));
  const auto reader = open_parquet_reader(folder_ / "t.parquet");
  reader->select({{.name = "m", .type = CellType::matrix}, {.name = "v", .type = CellType::vector}});
  std::vector<ColumnData> columns;
  ASSERT_EQ(reader->next(columns), 3u);
  EXPECT_EQ(columns[0].floats, (std::vector<float>{0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8}));
  EXPECT_EQ(columns[1].floats, (std::vector<float>{0, 0, 0, 0, 0, 0, 7, 8, 9}));
}

TEST_F(Parquet, MetadataComesBackInOrder) {
  const KeyValues metadata{{"model_sha256", "abc"}, {"attention", "full"}, {"empty", ""}};
  write_file(folder_ / "t.parquet", table_bytes(every_type(), {three_rows()}, metadata));
  EXPECT_EQ(open_parquet_reader(folder_ / "t.parquet")->metadata(), metadata);
}

TEST_F(Parquet, EqualRowsGiveEqualBytes) {
  const std::string once = table_bytes(every_type(), {three_rows(1), three_rows(2)}, {{"k", "v"}});
  EXPECT_EQ(once, table_bytes(every_type(), {three_rows(1), three_rows(2)}, {{"k", "v"}}));
  EXPECT_NE(once, table_bytes(every_type(), {three_rows(1), three_rows(3)}, {{"k", "v"}}));
}

TEST_F(Parquet, NoRowsMakeAValidTable) {
  write_file(folder_ / "t.parquet", table_bytes(every_type(), {}));
  const auto reader = open_parquet_reader(folder_ / "t.parquet");
  EXPECT_EQ(reader->row_count(), 0u);
  EXPECT_EQ(reader->columns().size(), 5u);
  reader->select(every_type());
  std::vector<ColumnData> columns;
  EXPECT_EQ(reader->next(columns), 0u);
}

TEST_F(Parquet, OnlyNullListsMakeAValidTable) {
  std::vector<ColumnData> rows = three_rows();
  rows[3].valid = rows[4].valid = {0, 0, 0};
  write_file(folder_ / "t.parquet", table_bytes(every_type(), {rows, rows}));
  const auto reader = open_parquet_reader(folder_ / "t.parquet");
  reader->select(every_type());
  std::vector<ColumnData> columns;
  std::size_t n = 0;
  while (const std::size_t batch = reader->next(columns)) n += batch;
  EXPECT_EQ(n, 6u);
}

TEST_F(Parquet, IntegersReadAsTextKeepEveryDigit) {  // OU17
  const std::vector<ColumnSpec> specs{{.name = "id", .type = CellType::integer}};
  const std::int64_t id = (std::int64_t{1} << 53) + 1;  // not a double
  write_file(folder_ / "t.parquet", table_bytes(specs, {{{.integers = {id, -7, 0}, .valid = {1, 1, 0}}}}));
  const auto reader = open_parquet_reader(folder_ / "t.parquet");
  reader->select({{.name = "id", .type = CellType::text}});
  std::vector<ColumnData> columns;
  ASSERT_EQ(reader->next(columns), 3u);
  EXPECT_EQ(columns[0].text, (std::vector<std::string>{"9007199254740993", "-7", ""}));
  EXPECT_EQ(columns[0].valid, (std::vector<std::uint8_t>{1, 1, 0}));
}

TEST_F(Parquet, WrongColumnsAreNamed) {
  const fs::path path = folder_ / "t.parquet";
  write_file(path, table_bytes(every_type(), {three_rows()}));
  EXPECT_NE(parquet_error_of(path, {{.name = "y"}}).find("\"y\": there is no such column"),
            std::string::npos);
  EXPECT_NE(parquet_error_of(path, {{.name = "id", .type = CellType::number}})
                .find("\"id\": has type string, expected numbers"),
            std::string::npos);
  EXPECT_NE(parquet_error_of(path, {{.name = "v", .type = CellType::vector, .width = 4}})
                .find("\"v\": row 1: a list of 3 values, expected 4"),
            std::string::npos);
}

TEST_F(Parquet, FilesThatAreNoParquetSaySo) {
  const fs::path path = folder_ / "t.parquet";
  const std::string good = table_bytes(every_type(), {three_rows()});
  write_file(path, "");
  EXPECT_NE(parquet_error_of(path).find("0 bytes"), std::string::npos);
  write_file(path, "object_id,period\na,1\n");
  EXPECT_NE(parquet_error_of(path).find("not a Parquet file"), std::string::npos);
  write_file(path, good.substr(0, good.size() - 20));
  EXPECT_NE(parquet_error_of(path).find("footer is missing"), std::string::npos);
  EXPECT_NE(parquet_error_of(folder_ / "absent").find("No such file"), std::string::npos);
  EXPECT_NE(parquet_error_of(folder_.path()).find("not a regular file"), std::string::npos);
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_NE(parquet_error_of(folder_ / "pipe").find("not a regular file"), std::string::npos);
}

TEST_F(Parquet, ABadFooterLengthIsAnErrorWithoutItsAllocation) {
  const fs::path path = folder_ / "t.parquet";
  for (const char byte : {'\x00', '\x7f', '\xff'}) {
    std::string bytes = table_bytes(every_type(), {three_rows()});
    bytes.replace(bytes.size() - 8, 4, 4, byte);
    write_file(path, bytes);
    parquet_error_of(path, every_type());
  }
}

/// A changed byte in a page is caught by its checksum; one in the footer may at worst change what
/// the file says of itself. Nothing else than bad_parquet ever comes out.
TEST_F(Parquet, AFlippedByteIsCaughtOrHarmless) {
  const fs::path path = folder_ / "t.parquet";
  const std::string good = table_bytes(every_type(), {three_rows()});
  std::size_t n_caught = 0;
  for (std::size_t i = 0; i < good.size(); i += 5) {
    std::string bytes = good;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x15);
    write_file(path, bytes);
    try {
      const auto reader = open_parquet_reader(path);
      reader->select(every_type());
      std::vector<ColumnData> columns;
      while (reader->next(columns) > 0) continue;
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), Status::bad_parquet) << error.what();
      ++n_caught;
    }
  }
  EXPECT_GT(n_caught, good.size() / 5 / 4);
}

TEST_F(Parquet, ATruncatedFileIsAnError) {
  const fs::path path = folder_ / "t.parquet";
  const std::string good = table_bytes(every_type(), {three_rows()});
  for (std::size_t n = 0; n < good.size(); n += 31) {
    write_file(path, std::string_view(good).substr(0, n));
    parquet_error_of(path, every_type());
  }
}

/// An Arrow schema of the columns of every_type(): the unit of x is " mJy " under "Unit", that of v's
/// elements is "d" under "units", that of m is "mmag" under "unit" and "mag" under "UNITS"; and n is a
/// duration.
constexpr const char* kSchemaWithUnits =
    "/////6ACAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAUAAABIAgAACAIAAHQBAADcAAAABAAA"
    "AKr+//8AAAEMGAAAAGwAAAAIAAAAFAAAAAEAAABgAAAAAQAAAG0AAAACAAAALAAAAAQAAAB4/v//FAAAAAQAAAAEAAAAbW1hZwAA"
    "AAAEAAAAdW5pdAAAAACc/v//EAAAAAQAAAADAAAAbWFnAAUAAABVTklUUwAAACT+//9Y/v//AAABDBQAAAAcAAAABAAAAAEAAAAU"
    "AAAABAAAAGl0ZW0AAAAAUP7//4T+//8AAAEDEAAAABgAAAAEAAAAAAAAAAQAAABpdGVtAAAAALb+//8AAAEAsP7//wAAAQwUAAAA"
    "GAAAAAQAAAABAAAAEAAAAAEAAAB2AAAApP7//6b///8AAAEDFAAAAEgAAAAIAAAAFAAAAAAAAAAHAAAAZWxlbWVudAABAAAABAAA"
    "AHD///8QAAAABAAAAAEAAABkAAAABQAAAHVuaXRzAAYABgAEAAYAAAABABIAGAAIAAYABwAMAAAAEAAUABIAAAAAAAEDFAAAAHwA"
    "AAAIAAAAEAAAAAAAAAABAAAAeAAAAAIAAAA0AAAABAAAANz///8UAAAABAAAAAUAAAAgbUp5IAAAAAQAAABVbml0AAAAAAgADAAE"
    "AAgACAAAABgAAAAEAAAACAAAAHRoZSBmbHV4AAAAAAsAAABkZXNjcmlwdGlvbgDa////AAACANT///8AAAESEAAAABgAAAAEAAAA"
    "AAAAAAEAAABuAAYACAAGAAYAAAAAAAAAEAAUAAgABgAHAAwAAAAQABAAAAAAAAEFEAAAABgAAAAEAAAAAAAAAAIAAABpZAAABAAE"
    "AAQAAAA=";

std::vector<TableLeaf> leaves_of(const fs::path& path) {
  return open_nested_reader(path)->leaves();
}

std::vector<std::string> units_of(const fs::path& path) {
  std::vector<std::string> units;
  for (const TableLeaf& leaf : leaves_of(path)) units.push_back(leaf.unit);
  return units;
}

TEST_F(Parquet, UnitsAreThoseOfTheFieldsOfTheStoredSchema) {
  const fs::path path = folder_ / "t.parquet";
  write_file(path, table_bytes(every_type(), {three_rows()}, {{"ARROW:schema", kSchemaWithUnits}}));
  EXPECT_EQ(units_of(path), (std::vector<std::string>{"", "", "mJy", "d", "mmag"}));
  // What is no unit is not one: the same table without them.
  write_file(path, table_bytes(every_type(), {three_rows()}));
  EXPECT_EQ(units_of(path), std::vector<std::string>(5));
}

TEST_F(Parquet, UnitsAreThoseOfAstropysNotes) {
  const std::pair<const char*, std::vector<std::string>> notes[] = {
      {"datatype:\n- {name: id, datatype: string}\n- {name: x, unit: mJy, datatype: float64}\n"
       "- {name: v, unit: 0.001 Jy, datatype: object}\nmeta: !!omap\n- {name: n, unit: s}\n",
       {"", "", "mJy", "0.001 Jy", ""}},
      {"# of a later version\ndatatype:\n- {unit: 'd', datatype: int64, description: 'it''s: {long, and\n    "
       "on two lines}', "
       "name: n}\n- {name: \"x\", unit: \"m\\\"Jy\"}\n",
       {"", "d", "m\"Jy", "", ""}},
      {"datatype:\n- name: x\n  unit: mag(AB)\n  datatype: float64\n- name: 'm'\n  unit: 'e''/s'\r\n",
       {"", "", "mag(AB)", "", "e'/s"}},
      {"datatype:\n- {name: x, unit: \n- {name: n unit: d}\n- {name: v, unit: [mJy]}\n- {name: 'm, unit: "
       "d}\n- {: }\n- \n",
       {"", "", "", "", ""}},
      {"", {"", "", "", "", ""}},
      {"datatype", {"", "", "", "", ""}},
      {"meta:\n- {name: x, unit: mJy}\n", {"", "", "", "", ""}},
  };
  for (const auto& [yaml, units] : notes) {
    write_file(folder_ / "t.parquet", table_bytes(every_type(), {three_rows()}, {{"table_meta_yaml", yaml}}));
    EXPECT_EQ(units_of(folder_ / "t.parquet"), units) << yaml;
  }
}

TEST_F(Parquet, DurationsAreDaysAndNoNumbersOfACatalogue) {
  const fs::path path = folder_ / "t.parquet";
  write_file(path, table_bytes(every_type(), {three_rows()}, {{"ARROW:schema", kSchemaWithUnits}}));
  EXPECT_TRUE(leaves_of(path)[1].is_time);
  EXPECT_EQ(leaves_of(path)[1].type, "duration[s]");
  const auto reader = open_nested_reader(path);
  reader->select({{.leaf = 1}});
  std::vector<LeafData> data;
  ASSERT_EQ(reader->next(data), 3u);
  EXPECT_EQ(
      data[0].numbers,
      (std::vector<double>{0, 0, static_cast<double>(std::numeric_limits<std::int64_t>::min()) / 86400}));
  EXPECT_NE(parquet_error_of(path, {{.name = "n", .type = CellType::number}}).find("has type duration"),
            std::string::npos);
}

TEST_F(Parquet, ADamagedStoredSchemaSaysSo) {
  const fs::path path = folder_ / "t.parquet";
  const std::string whole = kSchemaWithUnits;
  std::vector<std::string> damaged{"", "====", "!", "/////w==", whole.substr(0, 20), whole.substr(0, 400)};
  for (std::size_t i = 0; i < whole.size(); i += 3) {
    damaged.push_back(whole);
    damaged.back()[i] = damaged.back()[i] == '/' ? 'A' : '/';
  }
  std::size_t n_caught = 0;
  for (const std::string& schema : damaged) {
    write_file(path, table_bytes(every_type(), {three_rows()}, {{"ARROW:schema", schema}}));
    try {
      EXPECT_EQ(leaves_of(path).size(), 5u);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Status::bad_parquet);
      EXPECT_EQ(error.diagnostic().message, "the Arrow schema in the footer is damaged");
      ++n_caught;
    }
  }
  EXPECT_GT(n_caught, 20u);
}

TEST_F(Parquet, WhatTheConsumerThrowsComesOutUnchanged) {
  for (const std::size_t room : {0u, 100u, 1000u}) {
    std::size_t taken = 0;
    try {
      const auto writer = open_parquet_writer(every_type(), {}, [&](std::span<const std::byte> piece) {
        taken += piece.size();
        if (taken > room) throw Error(Status::output_error, "No space left on device");
      });
      writer->write(three_rows(), 3);
      writer->close();
      ADD_FAILURE() << room;
    } catch (const Error& error) {
      EXPECT_EQ(error.diagnostic().message, "No space left on device");
    }
  }
}

TEST_F(Parquet, AWriterThrownAwayWritesNothingMore) {
  std::size_t n_calls = 0;
  auto writer = open_parquet_writer(every_type(), {}, [&](std::span<const std::byte>) { ++n_calls; });
  writer->write(three_rows(), 3);
  const std::size_t before = n_calls;
  writer.reset();
  EXPECT_EQ(n_calls, before);
}

TEST_F(Parquet, ColumnsOfUnequalLengthAreADefect) {
  const auto writer = open_parquet_writer(every_type(), {}, [](std::span<const std::byte>) {});
  std::vector<ColumnData> rows = three_rows();
  rows[3].floats.pop_back();
  try {
    writer->write(rows, 3);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::internal);
  }
}

TEST(LooksLikeParquet, ByItsMagic) {
  const std::string magic = "PAR1\x15";
  EXPECT_TRUE(looks_like_parquet(std::as_bytes(std::span(magic))));
  EXPECT_FALSE(looks_like_parquet(std::as_bytes(std::span(magic).first(3))));
  EXPECT_FALSE(looks_like_parquet(std::as_bytes(std::span(magic).last(4))));
}

/// In a process of its own, since a module once loaded stays loaded.
int open_with_module(const char* module, Status expected, const char* words) {
  ::setenv("ASTROM3_PARQUET_MODULE", module, 1);
  try {
    open_parquet_writer(every_type(), {}, [](std::span<const std::byte>) {});
  } catch (const Error& error) {
    const std::string what = error.what();
    return error.code() == expected && what.find(words) != std::string::npos &&
                   what.find("make setup") != std::string::npos
               ? 0
               : (std::fputs(error.what(), stderr), 1);
  }
  return 2;
}

TEST(ParquetModuleDeathTest, AMissingOrForeignModuleSaysWhatToDo) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(std::exit(open_with_module("/nonexistent.so", Status::output_error, "was not found")),
              ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(std::exit(open_with_module("/etc/passwd", Status::output_error, "cannot be loaded")),
              ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace astrom3
