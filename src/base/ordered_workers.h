// SPDX-License-Identifier: MIT
//
// Work on several threads; one thread hands it out and collects the results in order.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "astrom3/base/stop_scope.h"

namespace astrom3 {

/// A pool for one run: `fill` (calling thread) -> `work` (any thread) -> `collect` (calling thread,
/// in the order of filling). At most 2 * threads + 2 items exist, so a slow reader or writer holds
/// memory bounded. Items are reused: fill() must reset what it needs.
///
/// An exception from any of the three ends run(), which throws it on: one from `work` when its item would be
/// collected. The threads live as long as this object, so a process may fork before or after. If no thread
/// can be started, the calling thread does the work. The threads check the same flag as the caller of run()
/// (StopScope): what reads or computes for long then throws Stopped, which ends the run as any exception
/// does.
template <typename Item>
class OrderedWorkers {
 public:
  OrderedWorkers(std::size_t n_threads, std::function<void(Item&)> work,
                 std::function<void(const Item&)> collect)
      : work_(std::move(work)), collect_(std::move(collect)) {
    try {
      for (std::size_t i = 0; i < n_threads; ++i) threads_.emplace_back([this] { work_loop(); });
    } catch (const std::system_error&) {
      // Fewer threads than asked for (process limits): the run is slower, not wrong.
    }
    slots_.resize(2 * std::max<std::size_t>(threads_.size(), 1) + 2);
  }

  ~OrderedWorkers() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      pending_.clear();
    }
    work_arrived_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  OrderedWorkers(const OrderedWorkers&) = delete;
  OrderedWorkers& operator=(const OrderedWorkers&) = delete;

  std::size_t n_threads() const noexcept { return threads_.size(); }

  /// `fill` puts the next work into an item and returns true, or returns false at the end.
  void run(const std::function<bool(Item&)>& fill) {
    {
      const std::lock_guard lock(mutex_);
      stop_ = heeded_stop();
    }
    std::size_t n_filled = 0;
    std::size_t n_collected = 0;
    bool more = true;
    while (more || n_collected < n_filled) {
      // Collect what is ready before reading on, and wait for it only when there is no free slot.
      while (n_collected < n_filled) {
        Slot& oldest = slots_[n_collected % slots_.size()];
        const bool must_wait = !more || n_filled - n_collected == slots_.size();
        if (!wait_for(oldest, must_wait)) break;
        collect_(oldest.item);
        ++n_collected;
      }
      if (!more) continue;
      Slot& slot = slots_[n_filled % slots_.size()];
      more = fill(slot.item);
      if (!more) continue;
      submit(slot);
      ++n_filled;
    }
  }

 private:
  struct Slot {
    Item item{};
    bool done = false;
    std::exception_ptr error;
  };

  void submit(Slot& slot) {
    slot.error = nullptr;
    if (threads_.empty()) {
      work_(slot.item);
      slot.done = true;
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      slot.done = false;
      pending_.push_back(&slot);
    }
    work_arrived_.notify_one();
  }

  /// True when `slot` is done; blocks for that if `must_wait`.
  bool wait_for(Slot& slot, bool must_wait) {
    std::unique_lock lock(mutex_);
    if (must_wait) work_done_.wait(lock, [&] { return slot.done; });
    if (!slot.done) return false;
    if (slot.error) std::rethrow_exception(slot.error);
    return true;
  }

  void work_loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
      work_arrived_.wait(lock, [&] { return stopping_ || !pending_.empty(); });
      if (stopping_) return;
      Slot* slot = pending_.front();
      pending_.pop_front();
      const StopScope heeded(stop_);
      lock.unlock();
      std::exception_ptr error;
      try {
        work_(slot->item);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      slot->error = error;
      slot->done = true;
      work_done_.notify_one();
    }
  }

  std::function<void(Item&)> work_;
  std::function<void(const Item&)> collect_;
  std::vector<Slot> slots_;
  std::vector<std::thread> threads_;
  std::deque<Slot*> pending_;
  std::mutex mutex_;
  std::condition_variable work_arrived_;
  std::condition_variable work_done_;
  bool stopping_ = false;
  const std::atomic<bool>* stop_ = nullptr;
};

}  // namespace astrom3
