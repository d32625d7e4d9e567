// SPDX-License-Identifier: MIT
//
// Passes tensors of a file through the encoder: `astrom3 encode`.
#include "astrom3/pipeline/encode_file.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"
#include "formats/safetensors.h"
#include "pipeline/tensor_file.h"

namespace astrom3 {
namespace {

void require_finite(const std::vector<float>& values) {
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
    throw Error(Status::nonfinite_output,
                "the encoder's output is not finite: the input is far out of range");
}

/// The rows of `n` light curves, with rows of NaN where the rejected are.
std::vector<float> with_rejected(const std::vector<float>& values, std::size_t n,
                                 const std::vector<bool>& rejected) {
  if (rejected.empty() || values.empty()) return values;
  const std::size_t size = values.size() / n;
  std::vector<float> rows(rejected.size() * size, std::numeric_limits<float>::quiet_NaN());
  auto from = values.begin();
  for (std::size_t i = 0; i < rejected.size(); ++i) {
    if (rejected[i]) continue;
    const auto to = from + static_cast<std::ptrdiff_t>(size);
    std::copy(from, to, rows.begin() + static_cast<std::ptrdiff_t>(i * size));
    from = to;
  }
  return rows;
}

}  // namespace

std::size_t encode_file(const std::filesystem::path& input, const Encoder& encoder,
                        const EncodeRequest& request, const Identity& identity,
                        const std::filesystem::path& output) {
  const EncoderConfig& config = encoder.config();
  const auto n_steps = static_cast<std::size_t>(config.seq_len);
  const auto width = static_cast<std::size_t>(config.d_model);
  const auto n_classes = static_cast<std::size_t>(config.num_classes);
  const TensorFile tensors_in = read_tensor_file(input, encoder.checkpoint());
  const std::size_t n = tensors_in.mask.size() / n_steps;

  const bool with_logits = request.logits && encoder.checkpoint().has_head();
  std::vector<float> mean(request.mean ? n * width : 0);
  std::vector<float> sequence(request.sequence ? n * n_steps * width : 0);
  std::vector<float> logits(with_logits ? n * n_classes : 0);
  encode_many(encoder, tensors_in.x_enc, tensors_in.mask,
              {.mean = mean, .sequence = sequence, .logits = logits}, request.n_threads);
  for (const auto* values : {&mean, &sequence, &logits}) require_finite(*values);
  for (auto* values : {&mean, &sequence, &logits}) *values = with_rejected(*values, n, tensors_in.rejected);

  const std::size_t n_objects = tensors_in.rejected.empty() ? n : tensors_in.rejected.size();
  const auto count = static_cast<std::int64_t>(n_objects);
  std::vector<FloatTensor> tensors;
  if (!mean.empty()) tensors.push_back({"mean", {count, config.d_model}, mean});
  if (!sequence.empty()) tensors.push_back({"sequence", {count, config.seq_len, config.d_model}, sequence});
  if (!logits.empty()) tensors.push_back({"logits", {count, config.num_classes}, logits});
  write_safetensors(output, tensors, {identity.begin(), identity.end()}, Links::followed);
  return n_objects;
}

}  // namespace astrom3
