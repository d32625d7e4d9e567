// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

/// The message of the output_error that `call` throws.
template <typename Call>
std::string output_error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::output_error);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// RLIMIT_FSIZE for the life of the object.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const ::rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  ::rlimit before_{};
};

TEST(AtomicFile, AppearsOnlyWhenCommitted) {
  const TemporaryFolder folder;
  const fs::path path = folder / "out.csv";
  AtomicFile file(path);
  file.write("a");
  file.finish();
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(file.temporary_path().parent_path(), path.parent_path());
  file.commit();
  EXPECT_EQ(read_file(path), "a");
  EXPECT_EQ(folder.entries(), 1u);
  file.commit();  // again: nothing to do
  EXPECT_EQ(read_file(path), "a");
}

TEST(AtomicFile, LeavesNothingWhenDestroyedUncommitted) {
  const TemporaryFolder folder;
  {
    AtomicFile file(folder / "out.csv");
    file.write(std::string(1 << 20, 'x'));
    EXPECT_EQ(folder.entries(), 1u);
  }
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(AtomicFile, KeepsTheOldFileUntilTheNewOneIsComplete) {
  const TemporaryFolder folder;
  const fs::path path = folder / "out.csv";
  std::ofstream(path) << "old";
  {
    AtomicFile file(path);
    file.write("half of the n");
  }
  EXPECT_EQ(read_file(path), "old");
  AtomicFile file(path);
  file.write("new");
  file.commit();
  EXPECT_EQ(read_file(path), "new");
}

TEST(AtomicFile, KeepsBytesInOrderAcrossItsBufferAndPatches) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "out.bin");
  std::string expected = "header--";
  file.write(expected);
  for (int i = 0; i < 100000; ++i) {
    const std::string piece = std::to_string(i);
    file.write(piece);
    expected += piece;
  }
  EXPECT_EQ(file.size(), expected.size());
  file.write_at(0, "HEADER");
  expected.replace(0, 6, "HEADER");
  file.write("tail");
  file.commit();
  EXPECT_EQ(read_file(folder / "out.bin"), expected + "tail");
}

TEST(AtomicFile, TwoOnOnePathDoNotMixTheirBytes) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "out.csv");
  AtomicFile second(folder / "out.csv");
  first.write("first");
  second.write("second, longer");
  second.commit();
  first.commit();
  EXPECT_EQ(read_file(folder / "out.csv"), "first");
}

TEST(AtomicFile, MayBeMoved) {
  const TemporaryFolder folder;
  std::optional<AtomicFile> file;
  {
    AtomicFile original(folder / "out.csv");
    original.write("moved");
    file.emplace(std::move(original));
  }
  file->commit();
  EXPECT_EQ(read_file(folder / "out.csv"), "moved");
}

TEST(AtomicFile, NamesAMissingFolder) {
  const TemporaryFolder folder;
  const std::string what = output_error_of([&] { AtomicFile file(folder / "absent" / "out.csv"); });
  EXPECT_NE(what.find("absent/out.csv"), std::string::npos) << what;
  EXPECT_NE(what.find("No such file or directory"), std::string::npos) << what;
}

TEST(AtomicFile, RefusesADirectoryInItsPlace) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "out.csv");
  const std::string what = output_error_of([&] { AtomicFile file(folder / "out.csv"); });
  EXPECT_NE(what.find("Is a directory"), std::string::npos) << what;
  EXPECT_NE(output_error_of([&] { AtomicFile file(folder.path() / ""); }).find("Is a directory"),
            std::string::npos);
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(AtomicFile, RefusesToReplaceADeviceOrPipe) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  output_error_of([&] { AtomicFile file(folder / "pipe"); });
  output_error_of([] { AtomicFile file("/dev/full"); });
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));
}

TEST(AtomicFile, NamesAFolderThatIsAFile) {
  const TemporaryFolder folder;
  std::ofstream(folder / "plain") << "x";
  const std::string what = output_error_of([&] { AtomicFile file(folder / "plain" / "out.csv"); });
  EXPECT_NE(what.find("Not a directory"), std::string::npos) << what;
}

TEST(AtomicFile, NamesAReadOnlyFolder) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  const TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  const std::string what = output_error_of([&] { AtomicFile file(folder / "out.csv"); });
  EXPECT_NE(what.find("Permission denied"), std::string::npos) << what;
  fs::permissions(folder.path(), fs::perms::owner_all);
}

TEST(AtomicFile, TakesTheLongestLegalNameAndRefusesALongerOne) {
  const TemporaryFolder folder;
  const std::string longest(255, 'n');
  AtomicFile file(folder / longest);
  file.write("x");
  file.commit();
  EXPECT_EQ(read_file(folder / longest), "x");
  const std::string what = output_error_of([&] { AtomicFile too_long(folder / (longest + "n")); });
  EXPECT_NE(what.find("File name too long"), std::string::npos) << what;
}

TEST(AtomicFile, TakesThePlaceOfALinkOrOfWhatItPointsToAsItIsTold) {
  const TemporaryFolder folder;
  std::ofstream(folder / "target") << "old";
  fs::create_symlink("target", folder / "link");
  fs::create_symlink("link", folder / "link to link");
  fs::create_symlink("new", folder / "to nothing");
  const auto write = [&](const char* name, Links links) {
    AtomicFile file(folder / name, links);
    file.write(name);
    file.commit();
  };
  write("link to link", Links::followed);
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "target"), "link to link");
  write("to nothing", Links::followed);
  EXPECT_EQ(read_file(folder / "new"), "to nothing");
  write("link", Links::replaced);
  EXPECT_FALSE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "link"), "link");
  EXPECT_EQ(read_file(folder / "target"), "link to link");
  fs::create_symlink("round", folder / "round");
  output_error_of([&] { AtomicFile file(folder / "round", Links::followed); });
}

TEST(AtomicFile, WritesIntoTheFolderThatItOpened) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "run");
  AtomicFile file(folder / "run" / "out.csv");
  file.write("x");
  fs::rename(folder / "run", folder / "moved");
  fs::create_directory(folder / "other");
  fs::create_directory_symlink("other", folder / "run");
  file.commit();
  EXPECT_EQ(read_file(folder / "moved" / "out.csv"), "x");
  EXPECT_TRUE(fs::is_empty(folder / "other"));
}

TEST(AtomicFile, KeepsThePermissionsOfWhatItReplaces) {
  const TemporaryFolder folder;
  std::ofstream(folder / "out.csv") << "old";
  fs::permissions(folder / "out.csv", fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  AtomicFile file(folder / "out.csv");
  EXPECT_EQ(fs::status(file.temporary_path()).permissions(), fs::status(folder / "out.csv").permissions());
  file.commit();
  EXPECT_EQ(fs::status(folder / "out.csv").permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST(AtomicFile, AFileSizeLimitIsAnErrorAndNotASignal) {
  const TemporaryFolder folder;
  {
    const FileSizeLimit limit(1 << 20);
    AtomicFile file(folder / "out.bin");
    const std::string what = output_error_of([&] {
      for (int i = 0; i < 64; ++i) file.write(std::string(1 << 16, 'x'));
    });
    EXPECT_NE(what.find("File too large"), std::string::npos) << what;
  }
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(AtomicFile, IsNeverCommittedAfterAFailure) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "out.bin");
  {
    const FileSizeLimit limit(1000);
    file.write(std::string(2000, 'x'));
    output_error_of([&] { file.finish(); });
  }
  // The limit is gone and the bytes would fit now; what was lost is not known.
  output_error_of([&] { file.commit(); });
  output_error_of([&] { file.finish(); });
  EXPECT_FALSE(fs::exists(folder / "out.bin"));
}

TEST(AtomicFile, CannotBeWrittenOnceFinished) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "out.bin");
  file.finish();
  output_error_of([&] { file.write_at(0, "x"); });
  output_error_of([&] {
    file.write("x");
    file.commit();
  });
}

TEST(AtomicFile, AFolderDeletedMeanwhileIsAnError) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "run");
  AtomicFile file(folder / "run" / "out.csv");
  file.write("x");
  fs::remove_all(folder / "run");
  const std::string what = output_error_of([&] { file.commit(); });
  EXPECT_NE(what.find("No such file or directory"), std::string::npos) << what;
}

TEST(CommitTogether, MakesAllFinalOrNone) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "a");
  AtomicFile second(folder / "b");
  fs::create_directory(folder / "b");  // appears after the probe: the second rename fails
  output_error_of([&] { commit_together(std::array{&first, &second}); });
  EXPECT_FALSE(fs::exists(folder / "a"));
  fs::remove(folder / "b");
  AtomicFile third(folder / "a");
  AtomicFile fourth(folder / "b");
  commit_together(std::array{&third, &fourth});
  EXPECT_TRUE(fs::exists(folder / "a"));
  EXPECT_TRUE(fs::exists(folder / "b"));
}

TEST(CommitTogether, PutsTheOldFilesBackWhenOneFails) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "old a";
  std::ofstream(folder / "gone") << "old gone";
  AtomicFile first(folder / "a");
  first.write("new a");
  AtomicFile fresh(folder / "fresh");
  AtomicFile second(folder / "b");
  fs::create_directory(folder / "b");
  const std::array<std::string, 1> removed{"gone"};
  output_error_of([&] { commit_together(std::array{&first, &fresh, &second}, removed); });
  EXPECT_EQ(read_file(folder / "a"), "old a");
  EXPECT_EQ(read_file(folder / "gone"), "old gone");
  EXPECT_FALSE(fs::exists(folder / "fresh"));
  output_error_of([&] { first.commit(); });
}

TEST(CommitTogether, WaitsForAnotherCommitInItsFolder) {
  using Clock = std::chrono::steady_clock;
  const TemporaryFolder folder;
  const int other = ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  AtomicFile a(folder / "a"), b(folder / "b");
  a.finish();
  b.finish();
  std::atomic<bool> is_done = false;
  const auto start = Clock::now();
  std::thread committing([&] {
    commit_together(std::array{&a, &b});
    is_done = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const bool was_done = is_done;
  const bool was_soon = Clock::now() - start < std::chrono::milliseconds(800);  // it waits for a second
  ::close(other);
  committing.join();
  EXPECT_FALSE(was_done && was_soon);
  EXPECT_TRUE(std::filesystem::exists(folder / "a") && std::filesystem::exists(folder / "b"));
}

TEST(CommitTogether, TakesAwayWhatIsOutdated) {
  const TemporaryFolder folder;
  std::ofstream(folder / "gone") << "old";
  AtomicFile file(folder / "a");
  const std::array<std::string, 2> removed{"gone", "never there"};
  commit_together(std::array{&file}, removed);
  EXPECT_TRUE(fs::exists(folder / "a"));
  EXPECT_EQ(folder.entries(), 1u);
}

}  // namespace
}  // namespace astrom3
