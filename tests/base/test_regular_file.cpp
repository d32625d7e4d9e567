// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/regular_file.h"
#include "base/sha256.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

TEST(RegularFile, RefusesWhatIsNotARegularFile) {  // ST38
  const TemporaryFolder folder;
  const auto says = [](const std::filesystem::path& path) {
    const Diagnostic diagnostic = rejection_of([&] { RegularFile(path, Status::bad_model); });
    EXPECT_EQ(diagnostic.code, Status::bad_model);
    EXPECT_EQ(diagnostic.file, path.string());
    return diagnostic.message;
  };
  EXPECT_EQ(says(folder.path()), "is a directory, not a regular file");
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(says(folder / "fifo"), "is a pipe, not a regular file");
  EXPECT_EQ(says("/dev/zero"), "is a device, not a regular file");
  std::filesystem::create_symlink(folder / "nothing", folder / "dangling");
  EXPECT_EQ(says(folder / "dangling"), "cannot open: No such file or directory");
  EXPECT_EQ(says(folder / "absent"), "cannot open: No such file or directory");
  if (::geteuid() != 0) {
    const auto file = write_file(folder / "locked", "x");
    std::filesystem::permissions(file, std::filesystem::perms::none);
    EXPECT_EQ(says(file), "cannot open: Permission denied");
  }
}

TEST(RegularFile, NoticesThatAFileWasCutOrRewrittenWhileOpen) {  // ST39
  const TemporaryFolder folder;
  const auto path = write_file(folder / "f", std::string(5000, 'x'));
  const RegularFile file(path, Status::bad_model);
  std::vector<std::byte> bytes(5000);
  file.read_at(0, bytes);
  EXPECT_NO_THROW(file.require_unchanged());
  std::filesystem::resize_file(path, 100);
  EXPECT_EQ(rejection_of([&] { file.read_at(0, bytes); }).message,
            "ends at byte 100; it had 5000 bytes when it was opened");
  EXPECT_EQ(rejection_of([&] { file.require_unchanged(); }).message, "was changed while it was read");
  // Same size again, other contents: the modification time tells.
  write_file(path, std::string(5000, 'y'));
  const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  EXPECT_EQ(rejection_of([&] { file.require_unchanged(); }).message, "was changed while it was read");
}

TEST(RegularFile, IsHashedWholeWhateverItsSize) {
  const TemporaryFolder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, (std::size_t{1} << 20) + 1}) {
    const std::string text(size, 'x');
    const RegularFile file(write_file(folder / "f", text), Status::bad_model);
    EXPECT_EQ(sha256_of(file), sha256_hex(std::as_bytes(std::span(text)))) << size;
  }
}

TEST(RegularFile, GivesTextUpToALimit) {
  const TemporaryFolder folder;
  const auto path = write_file(folder / "t", "abc");
  EXPECT_EQ(read_text_file(path, 3, Status::bad_config), "abc");
  EXPECT_EQ(rejection_of([&] { read_text_file(path, 2, Status::bad_config); }).message,
            "is 3 bytes; at most 2 are read here");
}

}  // namespace
}  // namespace astrom3
