// SPDX-License-Identifier: MIT
//
// What comes from people and servers before it becomes a path, an address or a header.
#include <gtest/gtest.h>

#include <fstream>

#include "astrom3/hub/hub.h"
#include "hub/cache.h"
#include "hub/names.h"
#include "hub/settings.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

TEST(HubNames, RepositoriesAndRevisionsAreWhatTheHubAllows) {
  for (const char* good : {"bert", "AstroMLCore/AstroM3-CLIP-photo", "a.b/c_d", "org/v1.0"})
    EXPECT_TRUE(is_repository(good)) << good;
  for (const char* bad : {"", "/", "a/", "/a", "a/b/c", "..", "a/..", "../a", "a..b/c", ".a/b", "-a/b",
                          "a--b/c", "a b/c", "a/b\n", "a\\b", "a%2e/b"})
    EXPECT_FALSE(is_repository(bad)) << bad;
  for (const char* good : {"main", "v1.0", "refs/pr/1", "8904ed332cb9437691932a6d44e9a25a123cf76f"})
    EXPECT_TRUE(is_revision(good)) << good;
  for (const char* bad : {"", "..", "a/../b", "/a", "a//b", "a@b", "a?b", ".git"})
    EXPECT_FALSE(is_revision(bad)) << bad;
  EXPECT_FALSE(is_repository(std::string(300, 'a')));
}

TEST(HubNames, AnETagIsABlobsNameOnlyWhereItCanBeOne) {
  EXPECT_EQ(blob_name("\"abc123\""), "abc123");
  EXPECT_EQ(blob_name("W/\"abc\""), "abc");
  EXPECT_EQ(blob_name("abc-2"), "abc-2");
  for (const char* bad : {"", "\"\"", "\"../x\"", "\"a/b\"", "..", ".", ".hidden", "\"a\nb\"", "a b"})
    EXPECT_EQ(blob_name(bad), "") << bad;
  EXPECT_EQ(blob_name(std::string(200, 'a')), "");
}

TEST(HubNames, OfTheCommandLineAreReadAsRepositoryAndRevision) {
  EXPECT_EQ(parse_hub_name("").repository, kPublishedRepository);
  EXPECT_EQ(parse_hub_name("hf:").repository, kPublishedRepository);
  EXPECT_EQ(parse_hub_name("hf:org/name").repository, "org/name");
  EXPECT_EQ(parse_hub_name("org/name@refs/pr/3").revision, "refs/pr/3");
  EXPECT_EQ(parse_hub_name("org/name").revision, "");
  for (const char* bad : {"hf:@main", "a/b@", "a/b@../c", "a/b@c@d"})
    EXPECT_THROW(parse_hub_name(bad), Error) << bad;
}

TEST(HubNames, BecomeFoldersAndUrlsAsInThePythonClient) {
  EXPECT_EQ(repository_folder("models", "AstroMLCore/AstroM3-CLIP-photo"),
            "models--AstroMLCore--AstroM3-CLIP-photo");
  EXPECT_EQ(repository_folder("datasets", "bert"), "datasets--bert");
  EXPECT_EQ(url_quoted("refs/pr/1"), "refs%2Fpr%2F1");
}

TEST(HubOrigin, IsSchemeHostAndPort) {
  EXPECT_EQ(origin_of("https://HuggingFace.co/x?y"), "https://huggingface.co:443");
  EXPECT_EQ(origin_of("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  EXPECT_NE(origin_of("https://huggingface.co.evil.org/"), origin_of("https://huggingface.co/"));
  EXPECT_NE(origin_of("http://huggingface.co/"), origin_of("https://huggingface.co/"));
  // Whoever writes a user name into an address may hide its host behind it.
  for (const char* bad : {"", "huggingface.co", "file:///etc/passwd", "ftp://a/b", "https://",
                          "https://huggingface.co@evil.org/", "javascript:alert(1)"})
    EXPECT_EQ(origin_of(bad), "") << bad;
  EXPECT_EQ(shown("https://a/b?signature=secret#x"), "https://a/b");
}

TEST(HubHash, IsSha256OrGitsOwn) {
  const TemporaryFolder folder;
  std::ofstream(folder / "hello") << "hello\n";
  // git hash-object and sha256sum of "hello\n".
  EXPECT_TRUE(is_whole(folder / "hello", "ce013625030ba8dba906f756967f9e9ca394464a"));
  EXPECT_TRUE(is_whole(folder / "hello", "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"));
  EXPECT_FALSE(is_whole(folder / "hello", "ce013625030ba8dba906f756967f9e9ca394464b"));
  EXPECT_TRUE(is_whole(folder / "hello", "some-etag"));  // says nothing about the bytes
  EXPECT_FALSE(is_whole(folder / "absent", "some-etag"));
}

}  // namespace
}  // namespace astrom3
