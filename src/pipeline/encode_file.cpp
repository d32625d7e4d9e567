// SPDX-License-Identifier: MIT
//
// Tensors in a file through the encoder: `astrom3 encode`.
#include "astrom3/encode_file.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "astrom3/tensor.h"
#include "base/ordered_workers.h"
#include "base/threads.h"
#include "formats/safetensors.h"
#include "pipeline/tensor_file.h"

namespace astrom3 {
namespace {

/// Light curves that one thread encodes in one go.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::span<float> rows(std::vector<float>& values, const Range& range, std::size_t width) {
  if (values.empty()) return {};
  return std::span(values).subspan(range.begin * width, (range.end - range.begin) * width);
}

void require_finite(const std::vector<float>& values) {
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
    throw Error(Status::nonfinite_output,
                "the encoder's output is not finite: the input is far out of range");
}

/// Calls `encode` with the ranges that make up n light curves, on many threads.
template <typename Encode>
void for_each_range(std::size_t n, std::size_t n_threads, const Encode& encode) {
  constexpr std::size_t kChunk = 8;
  OrderedWorkers<Range> workers(n_threads, encode, [](const Range&) {});
  std::size_t next = 0;
  workers.run([&](Range& range) {
    range = {next, std::min(next + kChunk, n)};
    next = range.end;
    return range.begin < range.end;
  });
}

}  // namespace

std::size_t encode_file(const std::filesystem::path& input, const Encoder& encoder,
                        const EncodeRequest& request, const Identity& identity,
                        const std::filesystem::path& output) {
  const EncoderConfig& config = encoder.config();
  const auto n_steps = static_cast<std::size_t>(config.seq_len);
  const auto width = static_cast<std::size_t>(config.d_model);
  const auto n_classes = static_cast<std::size_t>(config.num_classes);
  const TensorFile tensors_in = read_tensor_file(input, encoder.config());
  const std::vector<float>& x_enc = tensors_in.x_enc;
  const std::vector<float>& mask = tensors_in.mask;
  const std::size_t n = mask.size() / n_steps;

  const bool with_logits = request.logits && encoder.checkpoint().has_head();
  std::vector<float> mean(request.mean ? n * width : 0);
  std::vector<float> sequence(request.sequence ? n * n_steps * width : 0);
  std::vector<float> logits(with_logits ? n * n_classes : 0);
  for_each_range(n, resolve_threads(request.n_threads), [&](const Range& range) {
    const std::size_t count = range.end - range.begin;
    encoder.encode(std::span(x_enc).subspan(range.begin * n_steps * kChannels, count * n_steps * kChannels),
                   std::span(mask).subspan(range.begin * n_steps, count * n_steps),
                   EncoderOutput{.mean = rows(mean, range, width),
                                 .sequence = rows(sequence, range, n_steps * width),
                                 .logits = rows(logits, range, n_classes)});
  });
  for (const auto* values : {&mean, &sequence, &logits}) require_finite(*values);

  const auto count = static_cast<std::int64_t>(n);
  std::vector<FloatTensor> tensors;
  if (!mean.empty()) tensors.push_back({"mean", {count, config.d_model}, mean});
  if (!sequence.empty()) tensors.push_back({"sequence", {count, config.seq_len, config.d_model}, sequence});
  if (!logits.empty()) tensors.push_back({"logits", {count, config.num_classes}, logits});
  write_safetensors(output, tensors, {identity.begin(), identity.end()});
  return n;
}

}  // namespace astrom3
