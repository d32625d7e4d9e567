// SPDX-License-Identifier: MIT
//
// Memory that begins on a cache line, so that vector loads never straddle two.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>

#include "base/touch_ahead.h"

namespace astrom3 {

inline constexpr std::size_t kCacheLine = 64;

/// An owned array of `T`, zero-filled, aligned to kCacheLine. Moves; does not copy, does not grow.
template <typename T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size)
      : data_(static_cast<T*>(::operator new (size * sizeof(T), std::align_val_t{kCacheLine}))), size_(size) {
    touch_ahead(data_.get(), size * sizeof(T));
    std::uninitialized_value_construct_n(data_.get(), size);
  }

  T* data() noexcept { return data_.get(); }
  const T* data() const noexcept { return data_.get(); }
  std::size_t size() const noexcept { return size_; }
  std::span<T> span() noexcept { return {data_.get(), size_}; }
  std::span<const T> span() const noexcept { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(T* p) const noexcept { ::operator delete (p, std::align_val_t{kCacheLine}); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

/// The smallest multiple of `step` that is at least `n`.
constexpr std::size_t round_up(std::size_t n, std::size_t step) noexcept {
  return (n + step - 1) / step * step;
}

}  // namespace astrom3
