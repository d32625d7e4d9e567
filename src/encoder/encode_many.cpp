// SPDX-License-Identifier: MIT
//
// Many tensors through the encoder, with several threads.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "astrom3/base/error.h"
#include "astrom3/encoder/encoder.h"
#include "base/parallel_for.h"
#include "base/stop_flag.h"
#include "base/threads.h"

namespace astrom3 {
namespace {

constexpr std::size_t kAtATime = 8;  // light curves between two looks at the stop flag

/// The numbers of the `n` light curves that begin at light curve `first`; each has `width` numbers. An output
/// that was not asked for is empty, and so is its part.
template <typename Number>
std::span<Number> part(std::span<Number> all, std::size_t first, std::size_t n, std::size_t width) {
  return all.empty() ? all : all.subspan(first * width, n * width);
}

}  // namespace

void encode_many(const Encoder& encoder, std::span<const float> x_enc, std::span<const float> mask,
                 const EncoderOutput& output, std::size_t n_threads, const std::int32_t* stop) {
  encoder.check_sizes(x_enc, mask, output);
  const auto steps = static_cast<std::size_t>(encoder.config().seq_len);
  const auto channels = static_cast<std::size_t>(encoder.config().enc_in);
  const auto width = static_cast<std::size_t>(encoder.config().d_model);
  const std::size_t n = mask.size() / steps, n_parts = (n + kAtATime - 1) / kAtATime;
  parallel_for(n_parts, resolve_threads(n_threads), [&](std::size_t item, std::size_t) {
    if (is_set(stop)) throw Error(Status::interrupted, "stopped before every light curve was encoded");
    const std::size_t first = item * kAtATime, count = std::min(kAtATime, n - first);
    encoder.encode(part(x_enc, first, count, steps * channels), part(mask, first, count, steps),
                   {.mean = part(output.mean, first, count, width),
                    .sequence = part(output.sequence, first, count, steps * width),
                    .logits = part(output.logits, first, count, encoder.checkpoint().class_count())});
  });
}

}  // namespace astrom3
