// SPDX-License-Identifier: MIT
//
// Threads that are waited for at the end of a scope. libc++ before 20 has no std::jthread.
#pragma once

#include <thread>
#include <utility>
#include <vector>

namespace astrom3 {

/// Started threads; joined when this goes, also because of an exception.
class JoinedThreads {
 public:
  JoinedThreads() = default;
  ~JoinedThreads() { join(); }
  JoinedThreads(const JoinedThreads&) = delete;
  JoinedThreads& operator=(const JoinedThreads&) = delete;

  /// Throws std::system_error where the system gives no more threads.
  template <typename... Arguments>
  void start(Arguments&&... arguments) {
    threads_.emplace_back(std::forward<Arguments>(arguments)...);
  }

  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace astrom3
