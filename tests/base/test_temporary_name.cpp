// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/temporary_name.h"

namespace astrom3 {
namespace {

TEST(TemporaryName, IsAnotherOneEachTime) {
  std::set<std::string> names;
  for (int i = 0; i < 1000; ++i) names.insert(temporary_name("out.csv"));
  EXPECT_EQ(names.size(), 1000u);
}

TEST(TemporaryName, SaysWhatItIsTheNameOf) {
  EXPECT_EQ(name_of_temporary(temporary_name("out.csv")), "out.csv");
  EXPECT_EQ(name_of_temporary(temporary_name(".hidden")), ".hidden");
  EXPECT_EQ(name_of_temporary("data.tmp.0123456789abcdef"), "data");
  EXPECT_EQ(name_of_temporary("data.tmp.12"), "data");
  EXPECT_EQ(name_of_temporary("data.tmp.12.3"), "data");
  for (const char* foreign : {"data", "data.tmp.", "data.tmp.final", "mark.tmp.final.tex",
                              "data.tmp.0123456789abcdeg", "data.tmp.0123456789abcdef0", "data.tmp.abcdef"})
    EXPECT_EQ(name_of_temporary(foreign), "") << foreign;
}

TEST(TemporaryName, IsHiddenFromReadersOfFolders) {
  EXPECT_EQ(temporary_name("part-000000.parquet").front(), '.');
}

TEST(TemporaryName, IsALegalName) {
  EXPECT_EQ(temporary_name(std::string(255, 'n')).size(), 255u);
}

}  // namespace
}  // namespace astrom3
