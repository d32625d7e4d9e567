// SPDX-License-Identifier: MIT
//
// Arrow's memory for reading one file, limited by the size of the file.
#pragma once

#include <arrow/memory_pool.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace astrom3 {

/// A file of a kilobyte may claim a page of 2 GiB, or a list of a thousand million equal numbers in a few
/// bytes. Once kRatioFreeBytes are in use, memory beyond kMaxRatio times the size of the file, or beyond
/// kMostBytes, is refused, and the file is rejected as a decompression bomb.
class LimitedPool final : public arrow::MemoryPool {
 public:
  static constexpr std::int64_t kMaxRatio = 200;  // as for gzip and Zstandard
  static constexpr std::int64_t kRatioFreeBytes = std::int64_t{256} << 20;
  static constexpr std::int64_t kMostBytes = std::int64_t{4} << 30;

  explicit LimitedPool(std::int64_t file_bytes);

  using arrow::MemoryPool::Allocate;
  using arrow::MemoryPool::Free;
  using arrow::MemoryPool::Reallocate;
  arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override;
  arrow::Status Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment,
                           std::uint8_t** bytes) override;
  void Free(std::uint8_t* bytes, std::int64_t size, std::int64_t alignment) override;

  std::int64_t bytes_allocated() const override { return in_use_; }
  std::int64_t max_memory() const override { return pool_->max_memory(); }
  std::int64_t total_bytes_allocated() const override { return pool_->total_bytes_allocated(); }
  std::int64_t num_allocations() const override { return pool_->num_allocations(); }
  std::string backend_name() const override { return pool_->backend_name(); }

 private:
  arrow::Status refuse_beyond_limit(std::int64_t more) const;

  arrow::MemoryPool* pool_;
  std::int64_t limit_;
  std::atomic<std::int64_t> in_use_{0};
};

}  // namespace astrom3
