// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/part_manifest.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

const Identity kRun{{"model", "0f"}};

/// A manifest of a run over two files.
class Manifest {
 public:
  explicit Manifest(const TemporaryFolder& folder)
      : manifest_(std::make_shared<OpenFolder>(folder.path()), kRun, {"a.csv", "b.csv"},
                  digest_inputs({"a.csv", "b.csv"}, false)) {}
  PartManifest* operator->() { return &manifest_; }

 private:
  PartManifest manifest_;
};

PartRecord some_part() {
  PartRecord part{.number = 0,
                  .file = part_file_name(0),
                  .begin = {},
                  .end = {.file = 0, .object = 7},
                  .first_input = "a.csv"};
  part.n_objects = 7;
  part.n_ok = 6;
  part.dropped.missing = 3;
  part.rejected[Status::mad_zero] = 1;
  return part;
}

TEST(PartManifest, GivesBackWhatWasAdded) {
  const TemporaryFolder folder;
  Manifest(folder)->add(some_part());
  Manifest again(folder);
  ASSERT_EQ(again->parts().size(), 1u);
  EXPECT_EQ(again->parts()[0].n_objects, 7u);
  EXPECT_EQ(again->parts()[0].dropped.missing, 3u);
  EXPECT_EQ(again->parts()[0].rejected.at(Status::mad_zero), 1u);
  EXPECT_FALSE(again->is_complete());
}

TEST(PartManifest, RefusesNumbersThatAreNoCountsOrVersions) {
  for (const char* const number : {"-1", "7.5", "1e300", "118446744073709551615", "\"7\"", "null"}) {
    for (const char* const key :
         {"\"astrom3_manifest\":1", "\"objects\":7", "\"missing\":3", "\"mad_zero\":1"}) {
      const TemporaryFolder folder;
      Manifest(folder)->add(some_part());
      const std::string before = key;
      const std::string after = before.substr(0, before.find(':') + 1) + number;
      write_file(folder / PartManifest::kName,
                 replaced(read_file(folder / PartManifest::kName), before, after));
      const auto open = [&] { const Manifest manifest(folder); };
      EXPECT_EQ(rejection_of(open).code, Status::output_error) << after;
    }
  }
}

TEST(PartManifest, RefusesWhatNoRunWrites) {
  for (const auto& [before, after] :
       std::vector<std::pair<std::string, std::string>>{{"part-000000.parquet", "../victim"},
                                                        {"part-000000.parquet", "part-000001.parquet"},
                                                        {"\"begin\":[0,0]", "\"begin\":[1,0]"},
                                                        {"\"end\":[0,7]", "\"end\":[3,0]"},
                                                        {"\"rejects\":[0,0]", "\"rejects\":[1,0]"},
                                                        {"\"ok\":6", "\"ok\":7"}}) {
    const TemporaryFolder folder;
    Manifest(folder)->add(some_part());
    const std::string text = read_file(folder / PartManifest::kName);
    ASSERT_TRUE(contains(text, before)) << text;
    write_file(folder / PartManifest::kName, replaced(text, before, after));
    const auto open = [&] { const Manifest manifest(folder); };
    EXPECT_TRUE(contains(rejection_of(open).message, "says what no run writes")) << after;
  }
}

TEST(PartManifest, GoesBackInOneStep) {
  const TemporaryFolder folder;
  Manifest manifest(folder);
  manifest->add(some_part());
  const std::string one = read_file(folder / PartManifest::kName);
  PartRecord second = some_part();
  second.number = 1;
  second.file = part_file_name(1);
  second.begin = second.end = {.file = 0, .object = 7};
  manifest->add(second);
  manifest->complete();
  manifest->rewind(1);
  EXPECT_EQ(read_file(folder / PartManifest::kName), one);
  EXPECT_FALSE(manifest->is_complete());
  manifest->add(second);
  EXPECT_EQ(Manifest(folder)->parts().size(), 2u);
}

}  // namespace
}  // namespace astrom3
