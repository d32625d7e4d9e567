// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>

#include "astrom3/downstream/retrieval.h"

namespace astrom3 {
namespace {

EmbeddingTable table_of(const std::vector<std::vector<float>>& rows) {
  EmbeddingTable table;
  table.dimension = rows[0].size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    table.object_ids.push_back(std::to_string(i));
    table.values.insert(table.values.end(), rows[i].begin(), rows[i].end());
  }
  return table;
}

/// Unit vectors at these angles.
EmbeddingTable at_angles(const std::vector<double>& degrees) {
  std::vector<std::vector<float>> rows;
  for (const double a : degrees)
    rows.push_back(
        {static_cast<float>(std::cos(a * M_PI / 180)), static_cast<float>(std::sin(a * M_PI / 180))});
  return table_of(rows);
}

TEST(Retrieval, CountsHowManyOthersAreMoreSimilar) {
  // The nearest candidate of each query is the one at 39 degrees, then 40, then 41.
  const Retrieval r = measure_retrieval(at_angles({0, 10, 20}), at_angles({40, 41, 39}));
  EXPECT_EQ(r.n, 3u);
  EXPECT_DOUBLE_EQ(r.median_rank, 2);  // ranks 2, 3, 1
  EXPECT_DOUBLE_EQ(r.recall[0], 1.0 / 3);
  EXPECT_DOUBLE_EQ(r.recall[1], 1);
  EXPECT_DOUBLE_EQ(r.chance[0], 1.0 / 3);
  EXPECT_DOUBLE_EQ(r.chance[1], 1);
  EXPECT_DOUBLE_EQ(r.chance_median_rank, 2);
}

TEST(Retrieval, GivesEqualCandidatesTheMeanOfTheirRanks) {
  const Retrieval r = measure_retrieval(at_angles({0, 0, 0, 0, 0}), at_angles({7, 7, 7, 7, 7}));
  EXPECT_DOUBLE_EQ(r.median_rank, 3);
  EXPECT_DOUBLE_EQ(r.recall[0], 0);
  EXPECT_DOUBLE_EQ(r.recall[1], 1);
}

TEST(Retrieval, LeavesOutWhatHasNoEmbeddingInOneOfThem) {
  EmbeddingTable from = at_angles({0, 50, 100}), to = at_angles({0, 50, 100});
  from.values[0] = from.values[1] = NAN;
  to.values[5] = to.values[4] = NAN;
  const Retrieval r = measure_retrieval(from, to);
  EXPECT_EQ(r.n, 1u);
  EXPECT_DOUBLE_EQ(r.recall[0], 1);
}

TEST(Retrieval, IsOfTheSameObjects) {
  EmbeddingTable other = at_angles({0, 50});
  other.object_ids[1] = "x";
  EXPECT_THROW(measure_retrieval(at_angles({0, 50}), other), Error);
}

}  // namespace
}  // namespace astrom3
