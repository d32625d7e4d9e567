// SPDX-License-Identifier: MIT
//
// Independent pieces of work on several threads; a free thread takes the next piece.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>

#include "astrom3/base/stop_scope.h"
#include "base/joined_threads.h"

namespace astrom3 {

/// Calls work(item, worker) for every item in [0, n_items), worker in [0, n_threads) naming the thread;
/// returns when all are done. The calling thread is worker 0. The first exception ends the run and is thrown
/// on. Fewer threads than asked for (process limits) make it slower, not wrong. The threads check the same
/// flag as the caller (StopScope): once it is set, Stopped is thrown instead of the next piece of work.
template <typename Work>
void parallel_for(std::size_t n_items, std::size_t n_threads, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  const std::atomic<bool>* const stop = heeded_stop();
  const auto run = [&](std::size_t worker) {
    const StopScope scope(stop);
    try {
      for (std::size_t item = next++; item < n_items; item = next++) {
        throw_if_stopped();
        work(item, worker);
      }
    } catch (...) {
      next = n_items;
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  {
    JoinedThreads threads;
    try {
      for (std::size_t worker = 1; worker < n_threads && worker < n_items; ++worker)
        threads.start(run, worker);
    } catch (const std::system_error&) {
    }
    run(0);
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace astrom3
