// SPDX-License-Identifier: MIT
//
// Tensors through the encoder, by several threads.
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "astrom3/batch.h"
#include "base/threads.h"

namespace astrom3 {
namespace {

constexpr std::size_t kAtATime = 8;  // light curves between two looks at the stop flag

std::size_t size_of(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

std::span<float> rows(std::span<float> all, std::size_t first, std::size_t n, std::size_t width) {
  return all.empty() ? all : all.subspan(first * width, n * width);
}

void require_size(const char* name, std::size_t found, std::size_t expected) {
  if (found == expected) return;
  throw Error(Status::usage, std::string(name) + ": expected " + std::to_string(expected) +
                                 " numbers, found " + std::to_string(found));
}

/// Runs `loop` on so many threads, this one among them.
template <typename Loop>
void run_on_threads(std::size_t n, const Loop& loop) {
  std::vector<std::thread> threads;
  try {
    for (std::size_t t = 1; t < n; ++t) threads.emplace_back(loop);
  } catch (const std::system_error&) {
    // Fewer threads than asked for: slower, not wrong.
  }
  loop();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

void encode_batch(const Encoder& encoder, std::span<const float> x_enc, std::span<const float> mask,
                  std::size_t n_threads, const std::int32_t* stop, const EncoderOutput& output) {
  const std::size_t steps = size_of(encoder.config().seq_len);
  const std::size_t width = size_of(encoder.config().d_model);
  const std::size_t classes = encoder.checkpoint().has_head() ? size_of(encoder.config().num_classes) : 0;
  const std::size_t n = mask.size() / steps;
  require_size("mask", mask.size(), n * steps);
  require_size("x_enc", x_enc.size(), n * steps * kChannels);
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  const auto is_stopped = [stop] {
    return stop != nullptr && std::atomic_ref<std::int32_t>(*const_cast<std::int32_t*>(stop)).load() != 0;
  };
  const auto loop = [&]() noexcept {
    try {
      for (std::size_t first = next.fetch_add(kAtATime); first < n && !is_stopped();
           first = next.fetch_add(kAtATime)) {
        const std::size_t count = std::min(kAtATime, n - first);
        encoder.encode(x_enc.subspan(first * steps * kChannels, count * steps * kChannels),
                       mask.subspan(first * steps, count * steps),
                       {.mean = rows(output.mean, first, count, width),
                        .sequence = rows(output.sequence, first, count, steps * width),
                        .logits = rows(output.logits, first, count, classes)});
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
      next = n;
    }
  };
  run_on_threads(std::min(resolve_threads(n_threads), (n + kAtATime - 1) / kAtATime), loop);
  if (error) std::rethrow_exception(error);
  if (is_stopped()) throw Error(Status::interrupted, "stopped before every light curve was encoded");
}

}  // namespace astrom3
