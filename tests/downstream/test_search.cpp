// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "astrom3/downstream/search.h"
#include "base/random.h"

namespace astrom3 {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Found {
  std::vector<std::int64_t> rows;
  std::vector<float> similarity;
};

Found find(const NeighbourIndex& index, const std::vector<float>& queries, std::size_t k,
           std::size_t n_threads = 1) {
  const std::size_t Q = queries.size() / index.dimension();
  Found found{std::vector<std::int64_t>(Q * k), std::vector<float>(Q * k)};
  index.find(queries, k, found.rows, found.similarity, n_threads);
  return found;
}

std::vector<float> random_rows(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(n);
  for (float& value : values) value = static_cast<float>(random.uniform() - 0.5);
  return values;
}

bool same_bits(const Found& a, const Found& b) {
  return a.rows == b.rows && std::equal(a.similarity.begin(), a.similarity.end(), b.similarity.begin(),
                                        [](float x, float y) { return x == y || (x != x && y != y); });
}

/// Every row sorted, in double: the slow twin.
std::vector<std::int64_t> slow_neighbours(const std::vector<float>& rows, std::span<const float> query,
                                          std::size_t dimension, std::vector<double>& cosine) {
  cosine.assign(rows.size() / dimension, 0);
  for (std::size_t r = 0; r < cosine.size(); ++r) {
    double qr = 0, qq = 0, rr = 0;
    for (std::size_t i = 0; i < dimension; ++i) {
      const double a = query[i], b = rows[r * dimension + i];
      qr += a * b;
      qq += a * a;
      rr += b * b;
    }
    cosine[r] = qr / std::sqrt(qq * rr);
  }
  std::vector<std::int64_t> order(cosine.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return cosine[static_cast<std::size_t>(a)] > cosine[static_cast<std::size_t>(b)];
  });
  return order;
}

TEST(Search, KnowsTheAnglesOfAPlane) {
  const NeighbourIndex index(std::vector<float>{1, 0, 0, 2, -3, 0, 5, 5}, 2);
  const Found found = find(index, {4, 0}, 4);
  EXPECT_EQ(found.rows, (std::vector<std::int64_t>{0, 3, 1, 2}));
  EXPECT_FLOAT_EQ(found.similarity[0], 1);
  EXPECT_FLOAT_EQ(found.similarity[1], std::sqrt(0.5f));
  EXPECT_FLOAT_EQ(found.similarity[2], 0);
  EXPECT_FLOAT_EQ(found.similarity[3], -1);
}

TEST(Search, FindsWhatASlowSearchInDoubleFinds) {
  for (const std::size_t dimension : {1u, 3u, 16u, 17u, 128u}) {
    const auto rows = random_rows(500 * dimension, 1);
    const auto queries = random_rows(37 * dimension, 2);
    const NeighbourIndex index(rows, dimension);
    const Found found = find(index, queries, 10, 2);
    for (std::size_t q = 0; q < 37; ++q) {
      std::vector<double> cosine;
      const auto order =
          slow_neighbours(rows, std::span(queries).subspan(q * dimension, dimension), dimension, cosine);
      for (std::size_t i = 0; i < 10; ++i) {
        const auto row = static_cast<std::size_t>(found.rows[q * 10 + i]);
        // Two rows closer than float32 can tell apart may change places; 8 + 3 roundings of terms that sum
        // to at most 1, and the two normalisations, stay below 16 units of 2^-24.
        const double tolerance = 16 * 0x1p-24;
        EXPECT_NEAR(found.similarity[q * 10 + i], cosine[row], tolerance);
        EXPECT_NEAR(cosine[row], cosine[static_cast<std::size_t>(order[i])], 2 * tolerance);
      }
    }
  }
}

TEST(Search, PutsTheLowerRowFirstAmongEquals) {
  const NeighbourIndex index(std::vector<float>{1, 1, 2, 2, 1, 0, 3, 3}, 2);
  EXPECT_EQ(find(index, {1, 1}, 3).rows, (std::vector<std::int64_t>{0, 1, 3}));
}

TEST(Search, IsTheSameBitsForAnyThreadsAndGroupingOfQueries) {
  const std::size_t dimension = 40;
  const auto rows = random_rows(9000 * dimension, 3);  // three parts of work
  const auto queries = random_rows(33 * dimension, 4);
  const NeighbourIndex index(rows, dimension, 1);
  const Found all = find(index, queries, 7, 1);
  for (const std::size_t threads : {2u, 3u, 16u}) {
    EXPECT_TRUE(same_bits(find(NeighbourIndex(rows, dimension, threads), queries, 7, threads), all));
  }
  for (std::size_t q = 0; q < 33; ++q) {
    const auto begin = queries.begin() + static_cast<std::ptrdiff_t>(q * dimension);
    const Found one = find(index, {begin, begin + static_cast<std::ptrdiff_t>(dimension)}, 7, 2);
    EXPECT_TRUE(
        std::equal(one.rows.begin(), one.rows.end(), all.rows.begin() + static_cast<std::ptrdiff_t>(q * 7)));
  }
}

TEST(Search, LeavesOutRowsThatHaveNoDirection) {
  const float inf = std::numeric_limits<float>::infinity();
  const NeighbourIndex index(std::vector<float>{kNaN, 1, 0, 0, 1, 1, inf, 1}, 2);
  const Found found = find(index, {1, 1}, 4);
  EXPECT_EQ(found.rows, (std::vector<std::int64_t>{2, -1, -1, -1}));
  EXPECT_TRUE(std::isnan(found.similarity[1]));
}

TEST(Search, AnswersAQueryThatHasNoDirectionWithNobody) {
  const NeighbourIndex index(std::vector<float>{1, 0, 0, 1}, 2);
  EXPECT_EQ(find(index, {kNaN, 1, 0, 0, 1, 0}, 1).rows, (std::vector<std::int64_t>{-1, -1, 0}));
}

TEST(Search, WorksOnNothing) {
  const NeighbourIndex empty(std::vector<float>{}, 128);
  EXPECT_EQ(empty.size(), 0u);
  EXPECT_EQ(find(empty, std::vector<float>(128, 1.0f), 2).rows, (std::vector<std::int64_t>{-1, -1}));
  const NeighbourIndex index(std::vector<float>{1, 0}, 2);
  EXPECT_TRUE(find(index, {}, 5).rows.empty());
  EXPECT_TRUE(find(index, {1, 0}, 0).rows.empty());
}

TEST(Search, RefusesSizesThatDoNotFit) {
  EXPECT_THROW(NeighbourIndex(std::vector<float>(5), 2), Error);
  EXPECT_THROW(NeighbourIndex(std::vector<float>(5), 0), Error);
  const NeighbourIndex index(std::vector<float>{1, 0}, 2);
  std::vector<std::int64_t> rows(1);
  std::vector<float> similarity(1);
  EXPECT_THROW(index.find(std::vector<float>(3), 1, rows, similarity), Error);
  EXPECT_THROW(index.find(std::vector<float>(4), 1, rows, similarity), Error);
}

}  // namespace
}  // namespace astrom3
