// SPDX-License-Identifier: MIT
#include "formats/parquet/limited_pool.h"

#include <arrow/status.h>

#include <algorithm>

namespace astrom3 {

LimitedPool::LimitedPool(std::int64_t file_bytes)
    : pool_(arrow::default_memory_pool()),
      limit_(std::max(kRatioFreeBytes, std::min(file_bytes, kMostBytes / kMaxRatio) * kMaxRatio)) {}

arrow::Status LimitedPool::refuse_beyond_limit(std::int64_t more) const {
  if (more <= limit_ - in_use_) return arrow::Status::OK();
  return arrow::Status::OutOfMemory(
      "a page or list would take more than ", limit_ >> 20,
      " MiB, which no file of this size is worth: refused as a decompression bomb");
}

arrow::Status LimitedPool::Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) {
  ARROW_RETURN_NOT_OK(refuse_beyond_limit(size));
  ARROW_RETURN_NOT_OK(pool_->Allocate(size, alignment, out));
  in_use_ += size;
  return arrow::Status::OK();
}

arrow::Status LimitedPool::Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment,
                                      std::uint8_t** bytes) {
  ARROW_RETURN_NOT_OK(refuse_beyond_limit(new_size - old_size));
  ARROW_RETURN_NOT_OK(pool_->Reallocate(old_size, new_size, alignment, bytes));
  in_use_ += new_size - old_size;
  return arrow::Status::OK();
}

void LimitedPool::Free(std::uint8_t* bytes, std::int64_t size, std::int64_t alignment) {
  pool_->Free(bytes, size, alignment);
  in_use_ -= size;
}

}  // namespace astrom3
