// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "astrom3/base/stop_scope.h"
#include "base/ordered_workers.h"

namespace astrom3 {
namespace {

struct Number {
  int value = 0;
  int square = 0;
};

/// Squares 0..n-1 on `n_threads` threads; every third takes longer than its neighbours.
std::vector<int> squares(int n, std::size_t n_threads) {
  std::vector<int> collected;
  OrderedWorkers<Number> workers(
      n_threads,
      [](Number& item) {
        if (item.value % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
        item.square = item.value * item.value;
      },
      [&](const Number& item) { collected.push_back(item.square); });
  int next = 0;
  workers.run([&](Number& item) {
    item.value = next;
    return next++ < n;
  });
  return collected;
}

TEST(OrderedWorkers, CollectsInTheOrderOfFillingForAnyThreadCount) {
  std::vector<int> expected;
  for (int i = 0; i < 200; ++i) expected.push_back(i * i);
  for (const std::size_t n_threads : {0u, 1u, 2u, 3u, 16u})
    EXPECT_EQ(squares(200, n_threads), expected) << n_threads;
}

TEST(OrderedWorkers, DoesNothingWhenThereIsNothing) {
  EXPECT_TRUE(squares(0, 3).empty());
}

TEST(OrderedWorkers, CheckTheFlagOfTheirCaller) {
  for (const std::size_t n_threads : {0u, 1u, 3u}) {
    std::atomic<bool> stop = false;
    const StopScope scope(&stop);
    std::atomic<int> n_whole = 0;
    OrderedWorkers<Number> workers(
        n_threads,
        [&](Number&) {
          stop = true;
          throw_if_stopped();
          ++n_whole;
        },
        [](const Number&) {});
    EXPECT_THROW(workers.run([](Number&) { return true; }), Stopped) << n_threads;
    EXPECT_EQ(n_whole, 0) << n_threads;
  }
}

TEST(OrderedWorkers, HoldsABoundedNumberOfItemsWhenWorkIsSlow) {  // CO06
  std::atomic<int> filled = 0;
  int collected = 0;
  int most_in_flight = 0;
  OrderedWorkers<Number> workers(
      2, [](Number&) { std::this_thread::sleep_for(std::chrono::microseconds(300)); },
      [&](const Number&) { ++collected; });
  workers.run([&](Number&) {
    most_in_flight = std::max(most_in_flight, filled - collected);
    return filled++ < 100;
  });
  EXPECT_EQ(collected, 100);
  EXPECT_LE(most_in_flight, 2 * 2 + 2);
}

template <typename Fill, typename Work, typename Collect>
void run(Fill fill, Work work, Collect collect) {
  OrderedWorkers<Number> workers(3, work, collect);
  workers.run(fill);
}

TEST(OrderedWorkers, ThrowsOnceWhateverThrowsAndLeavesNoThreadBehind) {  // CO04
  const auto endless = [](Number&) { return true; };
  const auto nothing = [](const Number&) {};
  EXPECT_THROW(run(
                   endless, [](Number&) { throw std::runtime_error("work"); }, nothing),
               std::runtime_error);
  EXPECT_THROW(run(
                   endless, [](Number&) {}, [](const Number&) { throw std::runtime_error("collect"); }),
               std::runtime_error);
  int n = 0;
  EXPECT_THROW(run([&](Number&) -> bool { return ++n < 9 ? true : throw std::runtime_error("fill"); },
                   [](Number&) {}, nothing),
               std::runtime_error);
}

TEST(OrderedWorkers, CollectsEverythingBeforeAFailureInOrder) {
  std::vector<int> collected;
  const auto collect = [&](const Number& item) { collected.push_back(item.value); };
  int next = 0;
  EXPECT_THROW(run(
                   [&](Number& item) {
                     item.value = next++;
                     return true;
                   },
                   [](Number& item) {
                     if (item.value == 50) throw std::runtime_error("50");
                   },
                   collect),
               std::runtime_error);
  ASSERT_EQ(collected.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(collected[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace astrom3
