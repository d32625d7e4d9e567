// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <thread>

#include "astrom3/base/error.h"
#include "astrom3/sink/text_file.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

template <typename Call>
Status status_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return Status::ok;
}

TEST(TextFile, IsCompleteAndAloneInItsFolder) {
  const TemporaryFolder folder;
  const std::string text(1 << 20, 'x');
  write_text_file(folder / "out.txt", "before");
  write_text_file(folder / "out.txt", text);
  EXPECT_EQ(read_file(folder / "out.txt"), text);
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(TextFile, FollowsALinkAndKeepsIt) {
  const TemporaryFolder folder;
  write_text_file(folder / "target", "old");
  fs::create_symlink("target", folder / "link");
  write_text_file(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "target"), "new");
}

TEST(TextFile, GoesThroughAPipeWithoutReplacingIt) {
  const TemporaryFolder folder;
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = read_file(pipe); });
  write_text_file(pipe, "a line\n");
  reader.join();
  EXPECT_EQ(read, "a line\n");
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(TextFile, ADeviceWithoutRoomIsAnError) {
  EXPECT_EQ(status_of([] { write_text_file("/dev/full", "text"); }), Status::output_error);
}

TEST(RequireWritable, LeavesWhatIsThereAndNothingElse) {
  const TemporaryFolder folder;
  write_text_file(folder / "old.txt", "old");
  require_writable(folder / "old.txt");
  require_writable(folder / "new.txt");
  EXPECT_EQ(read_file(folder / "old.txt"), "old");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(RequireWritable, RefusesWhereNothingCanBeWritten) {
  const TemporaryFolder folder;
  EXPECT_EQ(status_of([&] { require_writable(folder / "absent" / "out.txt"); }), Status::output_error);
  EXPECT_EQ(status_of([&] { require_writable(folder.path()); }), Status::output_error);
  EXPECT_EQ(status_of([&] { require_writable(""); }), Status::output_error);
}

TEST(RequireWritable, DoesNotWaitForTheReaderOfAPipe) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  require_writable(folder / "pipe");
  require_writable("-");
}

}  // namespace
}  // namespace astrom3
