// SPDX-License-Identifier: MIT
//
// Independent parts of one piece of work, done by several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace astrom3 {

/// Calls work(thread, part) for part = 0 .. n_parts-1 from several threads, each with a number of its own;
/// with no thread to be had the calling one does everything.
void for_each_part(std::size_t n_parts, std::size_t n_threads,
                   const std::function<void(std::size_t thread, std::size_t part)>& work);

}  // namespace astrom3
