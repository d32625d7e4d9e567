// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>

#include "sink/output_folder.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

TEST(OutputFolder, OfOthersIsRefusedEvenIfForced) {
  for (const char* const name : {"mean.npy", "objects.csv", "meta.json", "thesis.tex"}) {
    const TemporaryFolder folder;
    write_file(folder / name, "object_id,mine");
    const Diagnostic refused = rejection_of([&] { OutputFolder(folder.path(), true); });
    EXPECT_EQ(refused.code, Status::output_error);
    EXPECT_TRUE(contains(refused.message, "holds no arrays of astrom3"));
    EXPECT_TRUE(refused.hint.remedies.empty()) << name;  // force would not help
  }
  const TemporaryFolder folder;
  write_file(folder / "meta.json", "{}");
  write_file(folder / "objects.csv", "star,magnitude");
  EXPECT_EQ(rejection_of([&] { OutputFolder(folder.path(), true); }).code, Status::output_error);
}

TEST(OutputFolder, WithAnEarlierOutputIsTakenIfForced) {
  const TemporaryFolder folder;
  write_file(folder / "meta.json", "{}");
  write_file(folder / "objects.csv", "object_id,status");
  write_file(folder / "thesis.tex", "x");
  EXPECT_FALSE(rejection_of([&] { OutputFolder(folder.path(), false); }).hint.remedies.empty());
  EXPECT_NO_THROW(OutputFolder(folder.path(), true));
  EXPECT_TRUE(std::filesystem::exists(folder / "thesis.tex"));
}

}  // namespace
}  // namespace astrom3
