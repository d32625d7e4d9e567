// SPDX-License-Identifier: MIT
//
// Method string_length: the length of the line through the observations in order of their phase, of Dworetsky
// 1983, MNRAS 203, 917, equations 1 and 2:
//
//   L(f) = sum_j sqrt((m_j - m_j-1)^2 + (phi_j - phi_j-1)^2)  with the way from the last to the first one, a
//   turn on
//
// m runs from -0.25 to 0.25. Observations of equal phase stay in the order of the input.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "astrom3/features/period_statistics.h"
#include "features/harmonic_sums.h"
#include "features/statistics/statistic.h"

namespace astrom3 {
namespace {

class StringPlan final : public StatisticPlan {
 public:
  explicit StringPlan(const StatisticInput& input) : input_(input), blocks_(eights_of(input.frequencies)) {
    const auto [low, high] = std::minmax_element(input.y.begin(), input.y.end());
    const double range = *high / 2 - *low / 2;  // halves cannot overflow
    for (const double y : input.y) height_.push_back((y / 2 - *low / 2) / range / 2 - 0.25);
  }
  std::size_t block_size() const override { return blocks_.size(); }
  std::unique_ptr<StatisticStream> open() const override { return std::make_unique<Stream>(*this); }

 private:
  struct Point {
    double phase, height;
  };

  class Stream final : public StatisticStream {
   public:
    explicit Stream(const StringPlan& plan)
        : plan_(plan),
          bucket_(plan.height_.size()),
          begin_(plan.height_.size() + 1),
          sorted_(plan.height_.size()) {}

    void compute(std::size_t block, std::span<double> value) override {
      for (std::size_t i = 0; i < value.size(); ++i)
        value[i] = length(plan_.blocks_.at(block * value.size() + i));
    }

   private:
    /// Sorts the observations into as many buckets as there are observations, and then within the buckets.
    void sort_by_phase(double frequency) {
      const std::size_t n = plan_.height_.size();
      const auto n_buckets = static_cast<double>(n);
      std::fill(begin_.begin(), begin_.end(), 0);
      phase_.resize(n);
      for (std::size_t j = 0; j < n; ++j) {
        const double turns = frequency * plan_.input_.time[j];
        phase_[j] = turns - std::floor(turns);
        bucket_[j] = static_cast<std::uint32_t>(std::min(phase_[j] * n_buckets, n_buckets - 1));
        ++begin_[bucket_[j] + 1];
      }
      for (std::size_t b = 0; b < n; ++b) begin_[b + 1] += begin_[b];
      for (std::size_t j = 0; j < n; ++j) sorted_[begin_[bucket_[j]]++] = {phase_[j], plan_.height_[j]};
      // Each begin_[b] is now the end of its bucket.
      for (std::size_t b = 0; b < n; ++b) sort_bucket(b > 0 ? begin_[b - 1] : 0, begin_[b]);
    }

    void sort_bucket(std::size_t first, std::size_t last) {
      constexpr std::size_t kMany = 32;  // an insertion sort of more than this would be slow
      if (last - first > kMany) {
        const auto begin = sorted_.begin() + static_cast<std::ptrdiff_t>(first);
        std::stable_sort(begin, sorted_.begin() + static_cast<std::ptrdiff_t>(last),
                         [](const Point& a, const Point& b) { return a.phase < b.phase; });
        return;
      }
      for (std::size_t j = first + 1; j < last; ++j) {
        const Point point = sorted_[j];
        std::size_t to = j;
        for (; to > first && sorted_[to - 1].phase > point.phase; --to) sorted_[to] = sorted_[to - 1];
        sorted_[to] = point;
      }
    }

    double length(double frequency) {
      sort_by_phase(frequency);
      const Point* before = &sorted_.back();
      double turn = 1, sum = 0;
      for (const Point& point : sorted_) {
        const double dx = point.phase - before->phase + turn, dy = point.height - before->height;
        sum += std::sqrt(dx * dx + dy * dy);
        before = &point;
        turn = 0;
      }
      return sum;
    }

    const StringPlan& plan_;
    std::vector<double> phase_;
    std::vector<std::uint32_t> bucket_, begin_;
    std::vector<Point> sorted_;
  };

  const StatisticInput& input_;
  FrequencyBlocks blocks_;
  std::vector<double> height_;
};

}  // namespace

const StatisticMethod kStringLength{
    .method = PeriodStatistic::string_length,
    .word = "string_length",
    .value_name = "string length",
    .lowest_is_best = true,
    .prepare = [](const StatisticInput& input, const PeriodStatisticOptions&)
        -> std::unique_ptr<StatisticPlan> { return std::make_unique<StringPlan>(input); }};

}  // namespace astrom3
