// SPDX-License-Identifier: MIT
#include "astrom3/downstream/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "base/checked_product.h"
#include "base/parallel_for.h"
#include "base/threads.h"
#include "downstream/nearest.h"

namespace astrom3 {
namespace {

constexpr std::size_t kLanes = 16;          // partial sums of a dot product: enough for any vector width
constexpr std::size_t kQueryTile = 16;      // queries that share one pass over a block of rows
constexpr std::size_t kRowBlock = 64;       // rows of 128 floats: 32 KiB, the first cache
constexpr std::size_t kRowsPerPart = 4096;  // what one thread takes at a time
constexpr std::size_t kQueriesAtATime = 1024;

/// Sum of a[i] b[i] over [n], n a multiple of kLanes: sixteen sums side by side, then halved. The order is
/// the source's, so every compiler and instruction set gives the same bits.
float dot(const float* a, const float* b, std::size_t n) noexcept {
  std::array<float, kLanes> sum{};
  for (std::size_t i = 0; i < n; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sum[lane] += a[i + lane] * b[i + lane];
  }
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) sum[lane] += sum[lane + half];
  }
  return sum[0];
}

/// Writes `row` at unit length; false when it has no direction.
bool normalise(std::span<const float> row, float* unit) noexcept {
  double sum = 0;
  for (const float value : row) sum += static_cast<double>(value) * static_cast<double>(value);
  const double norm = std::sqrt(sum);
  if (!std::isfinite(norm) || norm == 0) return false;
  for (std::size_t i = 0; i < row.size(); ++i)
    unit[i] = static_cast<float>(static_cast<double>(row[i]) / norm);
  return true;
}

}  // namespace

NeighbourIndex::NeighbourIndex(std::span<const float> rows, std::size_t dimension, std::size_t n_threads)
    : dimension_(dimension), stride_((dimension + kLanes - 1) / kLanes * kLanes) {
  if (dimension == 0 || rows.size() % dimension != 0) {
    throw Error(Status::usage,
                fmt::format("search: {} values are no rows of {} numbers", rows.size(), dimension));
  }
  n_rows_ = rows.size() / dimension;
  if (stride_ < dimension ||
      checked_product(n_rows_, stride_, sizeof(float)).value_or(UINT64_MAX) > PTRDIFF_MAX)
    throw Error(Status::usage,
                fmt::format("search: {} rows of {} numbers do not fit into memory", n_rows_, dimension));
  unit_.assign(n_rows_ * stride_, 0.0f);
  is_valid_.assign(n_rows_, 0);
  const std::size_t n_parts = (n_rows_ + kRowsPerPart - 1) / kRowsPerPart;
  parallel_for(n_parts, resolve_threads(n_threads), [&](std::size_t part, std::size_t) {
    for (std::size_t i = part * kRowsPerPart; i < std::min(n_rows_, (part + 1) * kRowsPerPart); ++i) {
      is_valid_[i] = normalise(rows.subspan(i * dimension, dimension), unit_.data() + i * stride_) ? 1 : 0;
    }
  });
}

void NeighbourIndex::find(std::span<const float> queries, std::size_t k, std::span<std::int64_t> rows,
                          std::span<float> similarity, std::size_t n_threads) const {
  const std::size_t Q = queries.size() / dimension_;
  if (queries.size() != Q * dimension_ || rows.size() != Q * k || similarity.size() != Q * k) {
    throw Error(Status::usage,
                fmt::format("search: {} query values, {} rows and {} similarities for dimension {} and k {}",
                            queries.size(), rows.size(), similarity.size(), dimension_, k));
  }
  // With this number of queries at a time, arithmetic limits the speed, and not memory.
  for (std::size_t q = 0; q < Q; q += kQueriesAtATime) {
    const std::size_t n = std::min(kQueriesAtATime, Q - q);
    find_some(queries.subspan(q * dimension_, n * dimension_), k, rows.subspan(q * k, n * k),
              similarity.subspan(q * k, n * k), resolve_threads(n_threads));
  }
}

void NeighbourIndex::find_some(std::span<const float> queries, std::size_t k, std::span<std::int64_t> rows,
                               std::span<float> similarity, std::size_t n_threads) const {
  const std::size_t Q = queries.size() / dimension_;
  std::vector<float> unit(Q * stride_, 0.0f);
  std::vector<std::uint8_t> is_valid(Q);
  for (std::size_t q = 0; q < Q; ++q) {
    is_valid[q] = normalise(queries.subspan(q * dimension_, dimension_), unit.data() + q * stride_) ? 1 : 0;
  }

  // Every thread keeps the best of the parts that it took; the order of Nearest makes the union the same
  // for any division of the parts.
  const std::size_t n_parts = (n_rows_ + kRowsPerPart - 1) / kRowsPerPart;
  const std::size_t n = std::max<std::size_t>(1, std::min(n_threads, n_parts));
  std::vector<std::vector<Nearest>> best(n);
  for (auto& of_thread : best) {
    of_thread.reserve(Q);
    for (std::size_t q = 0; q < Q; ++q) of_thread.emplace_back(std::min(k, n_rows_));
  }
  parallel_for(n_parts, n, [&](std::size_t part, std::size_t thread) {
    const std::size_t end = std::min(n_rows_, (part + 1) * kRowsPerPart);
    for (std::size_t tile = 0; tile < Q; tile += kQueryTile) {
      for (std::size_t block = part * kRowsPerPart; block < end; block += kRowBlock) {
        for (std::size_t q = tile; q < std::min(Q, tile + kQueryTile); ++q) {
          if (is_valid[q] == 0) continue;
          for (std::size_t r = block; r < std::min(end, block + kRowBlock); ++r) {
            if (is_valid_[r] == 0) continue;
            best[thread][q].offer({dot(unit.data() + q * stride_, unit_.data() + r * stride_, stride_),
                                   static_cast<std::int64_t>(r)});
          }
        }
      }
    }
  });

  for (std::size_t q = 0; q < Q; ++q) {
    for (std::size_t t = 1; t < n; ++t) best[0][q].offer(best[t][q]);
    const std::vector<Neighbour>& found = best[0][q].sorted();
    for (std::size_t i = 0; i < k; ++i) {
      const bool exists = i < found.size();
      rows[q * k + i] = exists ? found[i].row : kNone;
      similarity[q * k + i] = exists ? found[i].similarity : std::numeric_limits<float>::quiet_NaN();
    }
  }
}

}  // namespace astrom3
