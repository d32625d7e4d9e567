// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <ctime>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/hash_set.h"
#include "base/keyed_hash.h"

namespace astrom3 {
namespace {

constexpr std::uint64_t kMultiplier = 0xc6a4a793'5bd1e995;

std::uint64_t mixed(std::uint64_t value) {
  return value ^ value >> 47;
}

/// 1 / kMultiplier modulo 2^64, by Newton's steps.
std::uint64_t inverse() {
  std::uint64_t x = kMultiplier;
  for (int step = 0; step < 6; ++step) x *= 2 - kMultiplier * x;
  return x;
}

/// Texts of 16 bytes that libstdc++'s std::hash, MurmurHash64A of the seed 0xc70f6907, takes to one number:
/// the second half is found for any first half by inverting it.
std::vector<std::string> colliding_texts(std::size_t n) {
  std::vector<std::string> texts;
  const std::uint64_t m = kMultiplier, by_m = inverse();
  const std::uint64_t wanted = mixed(mixed(0x1234) * by_m) * by_m;
  for (std::uint64_t first = 1; first <= n; ++first) {
    const std::uint64_t state = ((0xc70f6907 ^ 16 * m) ^ mixed(first * m) * m) * m;
    const std::uint64_t second = mixed((state ^ wanted) * by_m) * by_m;
    std::string text(16, '\0');
    std::memcpy(text.data(), &first, 8);
    std::memcpy(text.data() + 8, &second, 8);
    texts.push_back(text);
  }
  return texts;
}

std::vector<std::string> plain_texts(std::size_t n) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < n; ++i) texts.push_back("star" + std::to_string(100'000'000'000 + i));
  return texts;
}

double seconds_to_count(const std::vector<std::string>& texts) {
  const std::clock_t begin = std::clock();
  TextMap<std::size_t> places;
  for (const std::string& text : texts) places.emplace(text, places.size());
  EXPECT_EQ(places.size(), texts.size());
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

TEST(KeyedHash, TellsApartWhatCollidesUnderStdHash) {  // RC03
  std::set<std::uint64_t> standard, low, high;
  for (const std::string& text : colliding_texts(1000)) {
    standard.insert(std::hash<std::string>{}(text));
    low.insert(keyed_hash(text).low);
    high.insert(keyed_hash(text).high);
  }
#ifdef __GLIBCXX__
  EXPECT_EQ(standard.size(), 1u);
#endif
  EXPECT_EQ(low.size(), 1000u);
  EXPECT_EQ(high.size(), 1000u);
}

TEST(KeyedHash, GivesATextTheSameHashEveryTime) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string(100'000, 'x'), std::string(3, '\0')})
    EXPECT_EQ(keyed_hash(text), keyed_hash(text + "")) << text.size();
  EXPECT_NE(keyed_hash("a"), keyed_hash(std::string("a\0", 2)));
}

TEST(KeyedHash, ATableOfCollidingTextsIsAsQuickAsAnyOther) {  // RC03
  constexpr std::size_t kTexts = 40'000;
  const double plain = seconds_to_count(plain_texts(kTexts));
  EXPECT_LT(seconds_to_count(colliding_texts(kTexts)), 5 * plain + 0.2);
}

TEST(HashSet, KeepsApartWhatCollidesUnderStdHash) {  // RC03
  HashSet set;
  const std::vector<std::string> texts = colliding_texts(1000);
  for (const std::string& text : texts) EXPECT_TRUE(set.insert(text));
  for (const std::string& text : texts) EXPECT_FALSE(set.insert(text));
  EXPECT_EQ(set.size(), texts.size());
  EXPECT_TRUE(set.contains(texts.front()));
  EXPECT_FALSE(set.contains("none of them"));
}

}  // namespace
}  // namespace astrom3
