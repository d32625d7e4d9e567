// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "formats/decompressed.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

std::string read_all(std::string_view bytes, std::size_t step = 1000) {
  DecompressedReader reader{ByteReader::in_memory(bytes)};
  std::string out;
  std::string block(step, '\0');
  for (std::size_t n; (n = reader.read(block)) > 0;) out.append(block.data(), n);
  EXPECT_EQ(reader.bytes_read(), bytes.size());
  return out;
}

std::string failure_of(std::string_view bytes) {
  try {
    read_all(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_compression);
    return error.diagnostic().message;
  }
  return {};
}

std::string sample_text(std::size_t n) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < n) text += std::to_string(random()) + "\n";
  text.resize(n);
  return text;
}

TEST(Gzip, PassesPlainBytesUnchanged) {  // TX38
  for (const std::size_t n : {0u, 1u, 2u, 15u, 16u, 17u, 70000u, 200000u}) {
    const std::string text = sample_text(n);
    EXPECT_EQ(read_all(text), text) << n;
    EXPECT_EQ(read_all(text, 1), text) << n;
  }
}

TEST(Gzip, DecompressesWhateverTheReadSize) {
  const std::string text = sample_text(300000);
  const std::string bytes = gzipped(text);
  for (const std::size_t step : {1u, 7u, 4096u, 1u << 20}) EXPECT_EQ(read_all(bytes, step), text) << step;
}

TEST(Gzip, JoinsMembers) {  // TX36
  EXPECT_EQ(read_all(gzipped("one,") + gzipped("") + gzipped("two")), "one,two");
}

TEST(Gzip, AnEmptyMemberIsNoBytes) {  // TX36
  EXPECT_EQ(read_all(gzipped("")), "");
}

TEST(Gzip, EveryTruncationIsNoticed) {  // TX36
  const std::string bytes = gzipped(sample_text(400));
  for (std::size_t n = 2; n < bytes.size(); ++n) {
    EXPECT_NE(failure_of(std::string_view(bytes).substr(0, n)).find("cut off"), std::string::npos) << n;
  }
}

TEST(Gzip, NoFlippedBitOfDataOrChecksumChangesTheTextUnnoticed) {  // TX36
  const std::string text = sample_text(300);
  const std::string bytes = gzipped(text);
  constexpr std::size_t kHeaderBytes = 10;  // times and flags there are not covered by the CRC
  constexpr std::size_t kTrailerBytes = 8;  // CRC and length
  std::size_t n_unused = 0;
  for (std::size_t bit = 8 * kHeaderBytes; bit < 8 * bytes.size(); ++bit) {
    std::string broken = bytes;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << (bit % 8)));
    if (failure_of(broken).empty()) {
      // Up to seven bits between the last code and the checksum mean nothing.
      EXPECT_EQ(read_all(broken), text) << bit;
      EXPECT_LT(bit, 8 * (bytes.size() - kTrailerBytes)) << bit;
      ++n_unused;
    }
  }
  EXPECT_LT(n_unused, 8u);
}

TEST(Gzip, TrailingJunkIsNoticed) {  // TX36
  for (const std::string& junk :
       {std::string("x"), std::string("\0\0\0", 3), std::string("\x1f"), sample_text(100000)}) {
    EXPECT_NE(failure_of(gzipped("data") + junk).find("follow"), std::string::npos);
  }
}

TEST(Gzip, ABombIsRefused) {  // TX37
  const std::string bomb = gzipped(std::string(DecompressedReader::kRatioFreeBytes + (8u << 20), 'a'));
  ASSERT_LT(bomb.size(), 100'000u);
  EXPECT_NE(failure_of(bomb).find("bomb"), std::string::npos);
}

TEST(Gzip, VerifyFindsABadChecksumAheadAndKeepsThePlace) {
  const std::string text = sample_text(100000);
  std::string bytes = gzipped(text);
  DecompressedReader reader{ByteReader::in_memory(bytes)};
  std::array<char, 100> block{};
  ASSERT_EQ(reader.read(block), block.size());
  reader.verify();
  std::string second(100, '\0');
  ASSERT_EQ(reader.read(second), second.size());
  EXPECT_EQ(second, text.substr(100, 100));

  bytes[bytes.size() - 8] = static_cast<char>(bytes[bytes.size() - 8] ^ 1);
  DecompressedReader broken{ByteReader::in_memory(bytes)};
  ASSERT_EQ(broken.read(block), block.size());
  EXPECT_THROW(broken.verify(), Error);
}

}  // namespace
}  // namespace astrom3
