// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/sink/sink.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

TEST(RejectLog, HasOneJsonObjectALineWithEveryField) {
  const TemporaryFolder folder;
  RejectLog log(folder / "out.rejects.jsonl");
  log.write({.code = Status::not_a_number,
             .file = "lc/a.csv",
             .object_id = "star \"1\"\n",
             .line = 12,
             .byte = 345,
             .column = "flux",
             .value = std::string("\x1b[31m\xff") + std::string(200, 'x'),
             .message = "expected a number"});
  log.write({.code = Status::mad_zero, .object_id = "bad\xff"});
  EXPECT_FALSE(fs::exists(folder / "out.rejects.jsonl"));
  log.close();
  std::ifstream file(folder / "out.rejects.jsonl");
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const auto first = nlohmann::ordered_json::parse(line);
  std::string keys;
  for (const auto& [key, value] : first.items()) keys += key + ",";
  EXPECT_EQ(keys, "file,object_id,line,byte,column,code,value,message,");
  EXPECT_EQ(first["object_id"], "star \"1\"\n");
  EXPECT_EQ(first["line"], 12);
  EXPECT_EQ(first["byte"], 345);
  EXPECT_EQ(first["code"], "not_a_number");
  EXPECT_TRUE(first["value"].get<std::string>().starts_with("\\x1b[31m\\xffxx"));
  EXPECT_LE(first["value"].get<std::string>().size(), 83u);  // 80 and "..."
  ASSERT_TRUE(std::getline(file, line));
  const auto second = nlohmann::json::parse(line);
  EXPECT_EQ(second["object_id"], "bad\\xff");
  EXPECT_TRUE(second["line"].is_null() && second["value"].is_null() && second["file"].is_null());
  EXPECT_FALSE(std::getline(file, line));
}

TEST(RejectLog, IsWrittenEvenWhenEmpty) {
  const TemporaryFolder folder;
  RejectLog log(folder / "out.rejects.jsonl");
  log.close();
  EXPECT_EQ(fs::file_size(folder / "out.rejects.jsonl"), 0u);
}

TEST(RejectLog, LiesBesideItsOutput) {
  EXPECT_EQ(reject_log_path("run/a.csv", SinkFormat::csv), "run/a.rejects.jsonl");
  EXPECT_EQ(reject_log_path("a.parquet", SinkFormat::parquet), "a.rejects.jsonl");
  EXPECT_EQ(reject_log_path("a.b.txt", SinkFormat::csv), "a.b.txt.rejects.jsonl");
  EXPECT_EQ(reject_log_path("out", SinkFormat::npy), "out/rejects.jsonl");
  EXPECT_EQ(reject_log_path("out/", SinkFormat::parquet), "out/_rejects.jsonl");
  EXPECT_TRUE(reject_log_path("-", SinkFormat::csv).empty());
  RejectLog nowhere({});
  nowhere.write({.code = Status::mad_zero});
  nowhere.close();
}

}  // namespace
}  // namespace astrom3
