// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/projection.h"
#include "base/random.h"
#include "downstream/affinities.h"
#include "downstream/neighbour_graph.h"
#include "downstream/quad_tree.h"
#include "downstream/tsne.h"
#include "tests/downstream/downstream_rows.h"

namespace astrom3 {
namespace {

std::vector<double> random_points(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> y(2 * n);
  for (double& value : y) value = random.normal();
  return y;
}

/// The k nearest neighbours of every row by cosine, without itself.
std::vector<std::int64_t> true_neighbours(const std::vector<float>& rows, std::size_t dimension,
                                          std::size_t k) {
  const NeighbourGraph graph = build_neighbour_graph(rows, dimension, k, 1);
  return {graph.rows.begin(), graph.rows.end()};
}

/// `n` rows about each of three directions at right angles, in 16 dimensions.
std::vector<float> three_groups(std::size_t n, double width) {
  Random random(11);
  std::vector<float> rows;
  for (std::size_t i = 0; i < 3 * n; ++i)
    for (std::size_t d = 0; d < 16; ++d)
      rows.push_back(static_cast<float>((d == i / n ? 1.0 : 0.0) + width * random.normal()));
  return rows;
}

// ---- principal components

TEST(NeighbourGraph, SharesWithAnotherTheFractionOfItsNeighboursThatAreInBoth) {
  const NeighbourGraph a{.n = 3, .k = 2, .rows = {1, 2, 0, 2, 0, 1}, .distance = {}};
  const NeighbourGraph b{
      .n = 3, .k = 2, .rows = {2, 1, 0, 7, 8, 9}, .distance = {}};  // the order does not count
  EXPECT_DOUBLE_EQ(shared_fraction(a, a), 1);
  EXPECT_DOUBLE_EQ(shared_fraction(a, b), 3.0 / 6);
}

TEST(Pca, OfFourDirectionsHasItsClosedForm) {
  // (cos a, +-sin a, 0) and (cos b, 0, +-sin b): the covariance is diagonal, sin^2 a / 2 and sin^2 b / 2 its
  // largest elements. A reflection in five dimensions hides that from the eigenvectors, not from the points.
  const double a = 1.1, b = 0.7, ca = std::cos(a), sa = std::sin(a), cb = std::cos(b), sb = std::sin(b);
  const double flat[4][3] = {{ca, sa, 0}, {ca, -sa, 0}, {cb, 0, sb}, {cb, 0, -sb}};
  const double mirror[5] = {0.5, -0.3, 0.6, 0.1, std::sqrt(1 - 0.25 - 0.09 - 0.36 - 0.01)};
  std::vector<float> rows;
  for (std::size_t i = 0; i < 4; ++i) {
    double along = 0;
    for (std::size_t d = 0; d < 3; ++d) along += flat[i][d] * mirror[d];
    for (std::size_t d = 0; d < 5; ++d)
      rows.push_back(static_cast<float>(static_cast<double>(i + 1) *
                                        ((d < 3 ? flat[i][d] : 0) - 2 * along * mirror[d])));
  }
  const PrincipalComponents found = project_pca(rows, 5);
  const double expected[4][2] = {{sa, 0}, {-sa, 0}, {0, sb}, {0, -sb}};
  const double sign[2] = {found.points[0] > 0 ? 1.0 : -1.0, found.points[5] > 0 ? 1.0 : -1.0};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t axis = 0; axis < 2; ++axis)
      EXPECT_NEAR(sign[axis] * found.points[2 * i + axis], expected[i][axis], 1e-6) << i << ' ' << axis;
  }
  const double xx = (ca - cb) * (ca - cb) / 4, all = xx + sa * sa / 2 + sb * sb / 2;
  EXPECT_NEAR(found.explained[0], sa * sa / 2 / all, 1e-6);
  EXPECT_NEAR(found.explained[1], sb * sb / 2 / all, 1e-6);
}

TEST(Pca, AgreesWithPowerIterationOnTheCovariance) {
  const std::vector<float> rows = formula_rows();
  const std::size_t D = kFormulaWidth, n = kFormulaRows;
  std::vector<double> u(rows.begin(), rows.end()), mean(D, 0), covariance(D * D, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const double length = std::sqrt(std::inner_product(&u[i * D], &u[i * D] + D, &u[i * D], 0.0));
    for (std::size_t d = 0; d < D; ++d) mean[d] += (u[i * D + d] /= length) / static_cast<double>(n);
  }
  for (std::size_t i = 0; i < n * D; ++i) u[i] -= mean[i % D];
  for (std::size_t d = 0; d < D * D; ++d)
    for (std::size_t i = 0; i < n; ++i) covariance[d] += u[i * D + d / D] * u[i * D + d % D];
  const PrincipalComponents found = project_pca(rows, D);
  double trace = 0;
  for (std::size_t d = 0; d < D; ++d) trace += covariance[d * D + d];
  for (std::size_t axis = 0; axis < 2; ++axis) {
    std::vector<double> e(D, 1), next(D);
    double value = 0;
    for (int step = 0; step < 20000; ++step) {
      for (std::size_t d = 0; d < D; ++d)
        next[d] = std::inner_product(e.begin(), e.end(), &covariance[d * D], 0.0);
      value = std::sqrt(std::inner_product(next.begin(), next.end(), next.begin(), 0.0));
      for (std::size_t d = 0; d < D; ++d) e[d] = next[d] / value;
    }
    const double sign = *std::max_element(e.begin(), e.end(),
                                          [](double a, double b) { return std::fabs(a) < std::fabs(b); }) > 0
                            ? 1
                            : -1;
    for (std::size_t i = 0; i < n; ++i)
      EXPECT_NEAR(found.points[2 * i + axis], sign * std::inner_product(e.begin(), e.end(), &u[i * D], 0.0),
                  1e-9);
    EXPECT_NEAR(found.explained[axis], value / trace, 1e-12);
    for (std::size_t d = 0; d < D * D; ++d) covariance[d] -= value * e[d / D] * e[d % D];
  }
}

TEST(Pca, OfEqualRowsIsOnePoint) {
  const PrincipalComponents found = project_pca(std::vector<float>{3, 4, 3, 4, 3, 4}, 2);
  for (const double value : found.points) EXPECT_NEAR(value, 0, 1e-15);
}

// ---- affinities

double entropy_of(std::span<const double> p) {
  double entropy = 0;
  for (const double value : p) entropy -= value > 0 ? value * std::log(value) : 0;
  return entropy;
}

TEST(Affinities, ReachThePerplexityAtAnyScale) {
  std::vector<double> distance(90), p(90), first(90);
  for (std::size_t j = 0; j < 90; ++j) distance[j] = 0.2 + 0.01 * static_cast<double>(j * j);
  for (const double perplexity : {1.5, 5.0, 30.0, 80.0}) {
    for (const double scale : {1.0, 1e-7, 1e5}) {
      std::vector<double> scaled = distance;
      for (double& d : scaled) d *= scale;
      fit_perplexity(scaled, perplexity, p);
      EXPECT_NEAR(std::exp(entropy_of(p)), perplexity, 1e-9 * perplexity) << scale;
      EXPECT_TRUE(std::is_sorted(p.rbegin(), p.rend()));
      if (scale == 1) first = p;
      for (std::size_t j = 0; j < 90; ++j) EXPECT_NEAR(p[j], first[j], 1e-9);
    }
  }
}

TEST(Affinities, ArePlainSharesAmongCopies) {
  std::vector<double> p(4);
  fit_perplexity(std::vector<double>{0, 0, 0, 0}, 2, p);
  for (const double value : p) EXPECT_DOUBLE_EQ(value, 0.25);
  fit_perplexity(std::vector<double>{0, 0, 0, 1}, 2, p);  // three copies are more than two neighbours
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(p[j], 1.0 / 3, 1e-12);
  EXPECT_NEAR(p[3], 0, 1e-12);
}

TEST(Affinities, AreSymmetricAndSumToOne) {
  const Affinities found =
      symmetric_affinities(build_neighbour_graph(formula_rows(), kFormulaWidth, 15, 1), 5);
  ASSERT_EQ(found.size(), kFormulaRows);
  std::vector<double> dense(kFormulaRows * kFormulaRows, 0);
  for (std::size_t i = 0; i < kFormulaRows; ++i)
    for (std::size_t e = found.begin[i]; e < found.begin[i + 1]; ++e) {
      EXPECT_EQ(dense[i * kFormulaRows + found.other[e]], 0) << "an edge is there once";
      dense[i * kFormulaRows + found.other[e]] = found.p[e];
    }
  EXPECT_NEAR(std::accumulate(dense.begin(), dense.end(), 0.0), 1, 1e-12);
  for (std::size_t i = 0; i < kFormulaRows; ++i) {
    EXPECT_EQ(dense[i * kFormulaRows + i], 0);
    for (std::size_t j = 0; j < i; ++j) EXPECT_EQ(dense[i * kFormulaRows + j], dense[j * kFormulaRows + i]);
  }
}

// ---- the gradient

/// sum p log(p / q), every pair by itself.
double cost_of(const Affinities& affinities, std::span<const double> y) {
  const std::size_t n = y.size() / 2;
  const auto weight = [&](std::size_t i, std::size_t j) {
    const double dx = y[2 * i] - y[2 * j], dy = y[2 * i + 1] - y[2 * j + 1];
    return 1 / (1 + dx * dx + dy * dy);
  };
  double total = 0, cost = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) total += i == j ? 0 : weight(i, j);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t e = affinities.begin[i]; e < affinities.begin[i + 1]; ++e)
      if (affinities.p[e] > 0)
        cost += affinities.p[e] * std::log(affinities.p[e] * total / weight(i, affinities.other[e]));
  return cost;
}

TEST(TsneGradient, AgreesWithCentralDifferences) {
  const Affinities affinities =
      symmetric_affinities(build_neighbour_graph(formula_rows(), kFormulaWidth, 15, 1), 5);
  std::vector<double> y = random_points(kFormulaRows, 3), gradient(y.size());
  tsne_gradient(affinities, y, {.theta = 0}, gradient);
  const double h = 1e-5;  // the error of the difference is about h^2 and 1e-16 / h
  double largest = 0;
  for (const double value : gradient) largest = std::max(largest, std::fabs(value));
  for (std::size_t c = 0; c < y.size(); ++c) {
    const double at = y[c];
    y[c] = at + h;
    const double above = cost_of(affinities, y);
    y[c] = at - h;
    const double below = cost_of(affinities, y);
    y[c] = at;
    EXPECT_NEAR(gradient[c], (above - below) / (2 * h), 1e-6 * largest) << c;
  }
}

QuadTree::Force direct(std::span<const double> y, std::size_t i) {
  QuadTree::Force force;
  for (std::size_t j = 0; j < y.size() / 2; ++j) {
    if (j == i) continue;
    const double dx = y[2 * i] - y[2 * j], dy = y[2 * i + 1] - y[2 * j + 1], q = 1 / (1 + dx * dx + dy * dy);
    force.x += q * q * dx;
    force.y += q * q * dy;
    force.total += q;
  }
  return force;
}

TEST(QuadTree, OpenToTheLeavesIsTheDirectSum) {
  std::vector<double> y = random_points(400, 5);
  for (std::size_t c = 0; c < 40; ++c) y[c + 40] = y[c];           // twenty pairs in one place
  for (std::size_t c = 100; c < 160; c += 2) y[c] = 0.25;          // on a line
  for (std::size_t c = 200; c < 240; ++c) y[c] = 3 + 1e-9 * y[c];  // close together and far away
  const QuadTree tree(y);
  for (std::size_t i = 0; i < 400; ++i) {
    const QuadTree::Force found = tree.repulsion(y[2 * i], y[2 * i + 1], 0), truth = direct(y, i);
    EXPECT_NEAR(found.total, truth.total, 1e-12 * truth.total) << i;
    EXPECT_NEAR(found.x, truth.x, 1e-12 * truth.total) << i;
    EXPECT_NEAR(found.y, truth.y, 1e-12 * truth.total) << i;
  }
}

TEST(QuadTree, SummarisesFarCellsWithinAFewPercent) {
  // A cell's centre is exact, so the error is of second order: for a force that falls with the third power of
  // distance 6 (size / distance)^2 / 12, 12 % of one cell's at theta = 0.5, of both signs, less of the sum.
  std::vector<double> y = random_points(3000, 7);
  for (double& value : y) value *= 20;
  const QuadTree tree(y);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < 3000; i += 10) {
    const QuadTree::Force found = tree.repulsion(y[2 * i], y[2 * i + 1], 0.5), truth = direct(y, i);
    EXPECT_NEAR(found.total, truth.total, 0.02 * truth.total);
    error += std::hypot(found.x - truth.x, found.y - truth.y);
    size += std::hypot(truth.x, truth.y);
  }
  EXPECT_LT(error, 0.03 * size);
  EXPECT_GT(error, 1e-4 * size) << "theta is not used";
}

TEST(QuadTree, EndsWithPointsThatAreNearlyOne) {
  std::vector<double> y{0, 0, 5e-324, 0, 1, 1, 1, std::nextafter(1.0, 2.0), 1, 1};
  const QuadTree tree(y);
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_TRUE(std::isfinite(tree.repulsion(y[2 * i], y[2 * i + 1], 0.5).x));
  const QuadTree one(std::vector<double>(20, 0.5));
  EXPECT_DOUBLE_EQ(one.repulsion(0.5, 0.5, 0.5).total, 9);
}

// ---- the layout

TEST(Tsne, KeepsGroupsApartAndNeighboursTogether) {
  const std::size_t n = 100;
  const std::vector<float> rows = three_groups(n, 0.1);
  const std::vector<double> y = project_tsne(rows, 16, {.perplexity = 15, .n_threads = 2});
  ASSERT_EQ(y.size(), 6 * n);
  for (std::size_t i = 0; i < 3 * n; ++i) {
    double nearest = INFINITY;
    std::size_t who = 0;
    for (std::size_t j = 0; j < 3 * n; ++j) {
      const double d = std::hypot(y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1]);
      if (j != i && d < nearest) nearest = d, who = j;
    }
    EXPECT_EQ(who / n, i / n) << i;
  }
  const auto truth = true_neighbours(rows, 16, 10);
  EXPECT_GT(neighbours_kept(truth, 10, y), neighbours_kept(truth, 10, project_pca(rows, 16).points) + 0.1);
  double mean = 0;
  for (std::size_t i = 0; i < 3 * n; ++i) mean += y[2 * i] / static_cast<double>(3 * n);
  EXPECT_NEAR(mean, 0, 1e-9);
}

TEST(Tsne, LowersTheCost) {
  const std::vector<float> rows = formula_rows();
  const Affinities affinities = symmetric_affinities(build_neighbour_graph(rows, kFormulaWidth, 15, 1), 5);
  const auto cost_after = [&](std::size_t n_iterations) {
    return cost_of(affinities,
                   project_tsne(rows, kFormulaWidth, {.perplexity = 5, .n_iterations = n_iterations}));
  };
  const double begun = cost_after(0), ended = cost_after(750);
  EXPECT_LT(ended, 0.5 * begun);
  EXPECT_LT(std::fabs(cost_after(1500) - ended), 0.05 * begun) << "it is not at rest after 750 iterations";
}

TEST(Tsne, IsTheSameBitsForAnyThreadCountAndAnotherLayoutForAnotherSeed) {
  const std::vector<float> rows = three_groups(200, 0.4);
  const TsneOptions options{.perplexity = 10, .n_iterations = 300, .seed = 4, .n_threads = 1};
  TsneOptions threads = options, seed = options;
  threads.n_threads = 4;
  seed.seed = 5;
  const std::vector<double> y = project_tsne(rows, 16, options);
  EXPECT_EQ(project_tsne(rows, 16, threads), y);
  EXPECT_NE(project_tsne(rows, 16, seed), y);
}

TEST(Tsne, EndsWhenToldTo) {
  std::size_t last = 0;
  const auto until_three = [&](std::size_t iteration) { return (last = iteration) < 3; };
  const std::vector<float> rows = formula_rows();
  const std::vector<double> y =
      project_tsne(rows, kFormulaWidth, {.n_iterations = 100, .progress = until_three});
  EXPECT_EQ(last, 3u);
  EXPECT_EQ(y, project_tsne(rows, kFormulaWidth, {.n_iterations = 3}));
}

TEST(Tsne, StaysFiniteForCopiesAndFewRows) {
  std::vector<float> copies;
  for (int i = 0; i < 40; ++i) copies.insert(copies.end(), {1, 2, i < 39 ? 3.0f : 9.0f});
  for (const double value : project_tsne(copies, 3)) EXPECT_TRUE(std::isfinite(value));
  for (std::size_t n = 2; n < 8; ++n) {
    const std::vector<float> rows = formula_rows();
    const auto y = project_tsne(std::span(rows).first(n * kFormulaWidth), kFormulaWidth);
    EXPECT_EQ(y.size(), 2 * n);
    for (const double value : y) EXPECT_TRUE(std::isfinite(value)) << n;
  }
}

TEST(NeighboursKept, IsOneForTheTruthAndChanceForAShuffle) {
  std::vector<float> rows;
  std::vector<double> points, shuffled;
  for (std::size_t i = 0; i < 500; ++i) {
    const double angle = 0.003 * static_cast<double>(i) + 1e-4 * std::sin(static_cast<double>(i * i));
    rows.insert(rows.end(), {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))});
    points.insert(points.end(), {std::cos(angle), std::sin(angle)});
  }
  for (std::size_t i = 0; i < 500; ++i)
    for (std::size_t c = 0; c < 2; ++c) shuffled.push_back(points[2 * (i * 217 % 500) + c]);
  auto truth = true_neighbours(rows, 2, 10);
  EXPECT_GT(neighbours_kept(truth, 10, points, 1), 0.999);
  const double of_shuffle = neighbours_kept(truth, 10, shuffled, 1);
  EXPECT_LT(of_shuffle, 0.1);  // 10 / 499 and what the formula adds
  EXPECT_EQ(of_shuffle, neighbours_kept(truth, 10, shuffled, 3));
  EXPECT_EQ(neighbours_kept(true_neighbours(rows, 2, 499), 499, shuffled), 1);
  for (std::size_t i = 0; i < truth.size(); i += 2) truth[i] = -1;  // a row that has fewer
  EXPECT_GT(neighbours_kept(truth, 10, points), 0.999);
}

TEST(Projection, RefusesWhatItCannotArrange) {
  const std::vector<float> rows{1, 2, 3, 4}, one{1, 2}, zero{1, 2, 0, 0}, nan{1, 2, NAN, 0};
  const std::vector<double> places(4);
  EXPECT_THROW(project_pca(rows, 3), Error);
  EXPECT_THROW(project_pca(rows, 0), Error);
  EXPECT_THROW(project_pca(one, 2), Error);
  EXPECT_THROW(project_pca(zero, 2), Error);
  EXPECT_THROW(project_tsne(nan, 2), Error);
  EXPECT_THROW(project_tsne(rows, 2, {.perplexity = 0.5}), Error);
  EXPECT_THROW(project_tsne(rows, 2, {.theta = 0.8}), Error);
  EXPECT_THROW(neighbours_kept(std::vector<std::int64_t>{}, 0, places), Error);
  EXPECT_THROW(neighbours_kept(std::vector<std::int64_t>{1}, 1, places), Error);
  EXPECT_THROW(neighbours_kept(std::vector<std::int64_t>{1, 2}, 1, places), Error);
  EXPECT_THROW(neighbours_kept(std::vector<std::int64_t>{1, 0, 0, 1}, 2, places), Error);
}

}  // namespace
}  // namespace astrom3
