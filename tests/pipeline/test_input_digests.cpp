// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/input_digests.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

class Inputs : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a", "b"}) {
      files_.push_back(folder_ / name);
      write_file(files_.back(), name);
    }
    then_ = digest_inputs(files_, false);
  }
  std::string differences() const {
    return compare_inputs(then_, digest_inputs(files_, false), files_).differences;
  }

  TemporaryFolder folder_;
  std::vector<fs::path> files_;
  InputDigests then_;
};

TEST_F(Inputs, AreKnownByNameAndContent) {
  EXPECT_EQ(differences(), "");
  fs::last_write_time(files_[0], fs::file_time_type{});  // touched: it is the same
  EXPECT_EQ(differences(), "");
  write_file(files_[1], "c");  // of the same size
  EXPECT_TRUE(contains(differences(), "b: was changed"));
  EXPECT_FALSE(contains(differences(), "a: was changed"));
  write_file(files_[1], "b");
  std::swap(files_[0], files_[1]);
  EXPECT_TRUE(contains(differences(), "another input"));
  files_.pop_back();
  EXPECT_TRUE(contains(differences(), "were 2 files, are 1"));
}

TEST_F(Inputs, ThatCouldNotBeReadAreNamedWhereTheyCanBeNow) {
  fs::remove(files_[1]);
  EXPECT_TRUE(contains(differences(), "b: could be read then, and cannot be now"));
  then_ = digest_inputs(files_, false);
  EXPECT_EQ(differences(), "");
  write_file(files_[1], "b");
  const InputComparison now = compare_inputs(then_, digest_inputs(files_, false), files_);
  EXPECT_EQ(now.differences, "");
  EXPECT_EQ(now.now_readable, std::vector<std::size_t>{1});
}

TEST_F(Inputs, AreVerifiedOnlyWhereTheyWereRecorded) {
  const InputDigests whole = digest_inputs(files_, true);
  EXPECT_EQ(whole.sampled, then_.sampled);
  EXPECT_EQ(rejection_of([&] { compare_inputs(then_, whole, files_); }).code, Status::usage);
  EXPECT_EQ(compare_inputs(whole, whole, files_).differences, "");
  EXPECT_EQ(compare_inputs(whole, then_, files_).differences, "");
}

TEST_F(Inputs, OfManyOnlyAFewAreNamed) {
  for (int i = 0; i < 20; ++i) {
    files_.push_back(folder_ / std::to_string(i));
    write_file(files_.back(), "x");
  }
  then_ = digest_inputs(files_, false);
  for (const fs::path& file : files_) write_file(file, "y");
  EXPECT_TRUE(contains(differences(), "and 17 more inputs"));
}

}  // namespace
}  // namespace astrom3
