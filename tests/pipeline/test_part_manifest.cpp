// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "pipeline/part_manifest.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

const Identity kRun{{"model", "0f"}};

PartRecord some_part() {
  PartRecord part{.number = 0, .file = part_file_name(0), .begin = {}, .end = {}, .first_input = "a.csv"};
  part.n_objects = 7;
  part.n_ok = 6;
  part.dropped.missing = 3;
  part.rejected[Status::mad_zero] = 1;
  return part;
}

TEST(PartManifest, GivesBackWhatWasAdded) {
  const TemporaryFolder folder;
  PartManifest(folder.path(), kRun).add(some_part());
  const PartManifest again(folder.path(), kRun);
  ASSERT_EQ(again.parts().size(), 1u);
  EXPECT_EQ(again.parts()[0].n_objects, 7u);
  EXPECT_EQ(again.parts()[0].dropped.missing, 3u);
  EXPECT_EQ(again.parts()[0].rejected.at(Status::mad_zero), 1u);
  EXPECT_FALSE(again.is_complete());
}

TEST(PartManifest, RefusesNumbersThatAreNoCountsOrVersions) {
  for (const char* const number : {"-1", "7.5", "1e300", "118446744073709551615", "\"7\"", "null"}) {
    for (const char* const key :
         {"\"astrom3_manifest\":1", "\"objects\":7", "\"missing\":3", "\"mad_zero\":1"}) {
      const TemporaryFolder folder;
      PartManifest(folder.path(), kRun).add(some_part());
      const std::string before = key;
      const std::string after = before.substr(0, before.find(':') + 1) + number;
      write_file(folder / PartManifest::kName,
                 replaced(read_file(folder / PartManifest::kName), before, after));
      const auto open = [&] { const PartManifest manifest(folder.path(), kRun); };
      EXPECT_EQ(rejection_of(open).code, Status::output_error) << after;
    }
  }
}

}  // namespace
}  // namespace astrom3
