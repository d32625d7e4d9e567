// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "base/claimed_folder.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

bool is_its(std::string_view name) {
  return name == "mark" || name == "data" || name == "cache";
}

RunFiles files() {
  return {.run = "test", .mark = "mark", .is_its = is_its, .kept = "cache"};
}

/// A folder with these files in it, each of which holds its name.
class Folder {
 public:
  explicit Folder(const std::set<std::string>& names) {
    for (const std::string& name : names) write_file(temporary_ / name, name);
  }

  std::optional<Diagnostic> claim(FolderClaim claim) const {
    claim.folder = temporary_.path();
    try {
      const ClaimedFolder folder(claim, files());
      return std::nullopt;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Status::output_error);
      return error.diagnostic();
    }
  }

  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(temporary_.path()))
      found.insert(entry.path().filename().string());
    return found;
  }

 private:
  TemporaryFolder temporary_;
};

TEST(ClaimedFolder, IsMadeAndLockedUntilItIsGivenBack) {
  const TemporaryFolder temporary;
  const FolderClaim claim{.folder = temporary / "a/b/"};
  {
    const ClaimedFolder first(claim, files());
    EXPECT_EQ(first.path(), temporary / "a/b");
    EXPECT_TRUE(contains(rejection_of([&] { ClaimedFolder(claim, files()); }).message, "locked by process"));
  }
  EXPECT_NO_THROW(ClaimedFolder(claim, files()));
  EXPECT_TRUE(fs::is_empty(temporary / "a/b"));
}

TEST(ClaimedFolder, ARunIsResumedOrGivenUpAndNeverMetByChance) {
  const Folder folder({"mark", "data", "cache", "thesis.tex", "data.tmp.12"});
  const auto refused = folder.claim({});
  ASSERT_TRUE(refused.has_value());
  EXPECT_TRUE(contains(refused->message, "this folder holds a test already"));
  EXPECT_EQ(folder.names().size(), 5u);
  EXPECT_EQ(folder.claim({.resume = true}), std::nullopt);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"mark", "data", "cache", "thesis.tex"}));
  EXPECT_EQ(folder.claim({.force = true}), std::nullopt);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"cache", "thesis.tex"}));
}

TEST(ClaimedFolder, ARunThatCannotBeGivenUpIsStillARun) {
  const TemporaryFolder temporary;
  write_file(temporary / "mark", "x");
  fs::create_directory(temporary / "data");
  write_file(temporary / "data/file", "x");  // a folder with something in it is not removed
  const FolderClaim claim{.folder = temporary.path(), .force = true};
  EXPECT_TRUE(contains(rejection_of([&] { ClaimedFolder(claim, files()); }).message, "cannot remove"));
  EXPECT_TRUE(fs::exists(temporary / "mark"));
}

TEST(ClaimedFolder, WithoutTheMarkOnlyLeftoversAreResumed) {
  const Folder leftovers({"mark.tmp.1", "cache"});
  EXPECT_TRUE(leftovers.claim({}).has_value());
  EXPECT_EQ(leftovers.claim({.resume = true}), std::nullopt);
  EXPECT_EQ(leftovers.names(), std::set<std::string>{"cache"});
  // Data without its mark belong to nobody knows what.
  const Folder data({"data"});
  const auto refused = data.claim({.resume = true});
  ASSERT_TRUE(refused.has_value());
  EXPECT_TRUE(contains(refused->message, "not empty, and holds no test to go on with"));
  EXPECT_EQ(data.names(), std::set<std::string>{"data"});
  EXPECT_EQ(data.claim({.force = true}), std::nullopt);
  EXPECT_TRUE(data.names().empty());
}

TEST(ClaimedFolder, WithoutTheMarkFilesOfItsNamesAreNotItsOwnBesideOthers) {
  const std::set<std::string> names{"data", "mark.tmp.final.tex", "thesis.tex"};
  const Folder folder(names);
  for (const FolderClaim& claim : {FolderClaim{}, FolderClaim{.resume = true}, FolderClaim{.force = true}}) {
    const auto refused = folder.claim(claim);
    ASSERT_TRUE(refused.has_value());
    EXPECT_TRUE(contains(refused->message, ", which is none of a test's files"));
    EXPECT_EQ(folder.names(), names);
  }
}

TEST(ClaimedFolder, RefusesARunWithLinksInIt) {
  const TemporaryFolder temporary;
  const TemporaryFolder elsewhere;
  write_file(temporary / "mark", "x");
  write_file(elsewhere / "victim", "precious");
  fs::create_symlink(elsewhere / "victim", temporary / "data");
  const auto claim = [&](bool force) {
    ClaimedFolder({.folder = temporary.path(), .resume = !force, .force = force}, files());
  };
  EXPECT_TRUE(contains(rejection_of([&] { claim(false); }).message, "is a symbolic link"));
  EXPECT_NO_THROW(claim(true));
  EXPECT_FALSE(fs::is_symlink(temporary / "data"));
  EXPECT_EQ(read_file(elsewhere / "victim"), "precious");
}

TEST(ClaimedFolder, RefusesFilesOfOthersUnderItsNames) {
  static constexpr std::array<FileBegin, 1> kBegins{{{"mark", "{\"test\":"}}};
  RunFiles with_begin = files();
  with_begin.begins = kBegins;
  for (const auto& [text, is_ours] :
       {std::pair{"", true}, {"{\"te", true}, {"{\"test\":1}", true}, {"{}", false}}) {
    const TemporaryFolder temporary;
    write_file(temporary / "mark", text);
    const auto claim = [&] { ClaimedFolder({.folder = temporary.path(), .force = true}, with_begin); };
    if (is_ours) {
      EXPECT_NO_THROW(claim()) << text;
    } else {
      EXPECT_TRUE(contains(rejection_of(claim).message, "is of another program")) << text;
      EXPECT_TRUE(fs::exists(temporary / "mark"));
    }
  }
}

TEST(ClaimedFolder, KnowsAFileByItsSizeAndHash) {
  const TemporaryFolder temporary;
  const ClaimedFolder folder({.folder = temporary.path()}, files());
  write_file(folder / "data", "abc");
  const auto [bytes, sha256] = folder.sha256_of("data");
  EXPECT_EQ(bytes, 3u);
  EXPECT_EQ(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(folder.holds("data", 3, sha256));
  EXPECT_FALSE(folder.holds("data", 4, sha256));
  EXPECT_FALSE(folder.holds("none", 3, sha256));
  write_file(folder / "data", "abd");
  EXPECT_FALSE(folder.holds("data", 3, sha256));
}

}  // namespace
}  // namespace astrom3
