// SPDX-License-Identifier: MIT
//
// Tensors in a file through the encoder: `astrom3 encode`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "astrom3/pipeline.h"
#include "base/ordered_workers.h"
#include "base/threads.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

[[noreturn]] void bad_tensors(const std::filesystem::path& file, const std::string& name,
                              std::string message) {
  throw Error(Diagnostic{
      .code = Status::bad_tensors, .file = file.string(), .column = name, .message = std::move(message)});
}

/// Opens the input; what makes a safetensors file unusable is the same as for a checkpoint, but the
/// fault is the input's.
SafetensorsFile open_tensors(const std::filesystem::path& path) {
  try {
    return SafetensorsFile::open(path);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.code = Status::bad_tensors;
    throw Error(diagnostic);
  }
}

/// The float32 tensor `name` of shape [B, tail...]; every value finite.
std::vector<float> read_tensor(const SafetensorsFile& file, const std::filesystem::path& path,
                               const std::string& name, const std::vector<std::int64_t>& tail) {
  if (!file.contains(name)) {
    bad_tensors(path, name, fmt::format("not in the file, which has: {}", fmt::join(file.names(), ", ")));
  }
  const TensorView tensor = file.at(name);
  const auto& shape = tensor.shape();
  const bool fits =
      shape.size() == tail.size() + 1 && std::equal(tail.begin(), tail.end(), shape.begin() + 1);
  if (!fits || tensor.dtype() != Dtype::f32) {
    bad_tensors(path, name,
                fmt::format("expected F32 [B, {}], found {} [{}]", fmt::join(tail, ", "),
                            tensor.entry->dtype_name, fmt::join(shape, ", ")));
  }
  std::vector<float> values = to_float32(tensor);
  const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  if (bad != values.end()) {
    bad_tensors(path, name, fmt::format("element {} is {}", bad - values.begin(), *bad));
  }
  return values;
}

/// Light curves that one thread encodes in one go.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::span<float> rows(std::vector<float>& values, const Range& range, std::size_t width) {
  if (values.empty()) return {};
  return std::span(values).subspan(range.begin * width, (range.end - range.begin) * width);
}

}  // namespace

std::size_t encode_file(const std::filesystem::path& input, const Encoder& encoder,
                        const EncodeRequest& request, const Identity& identity,
                        const std::filesystem::path& output) {
  const EncoderConfig& config = encoder.config();
  const auto n_steps = static_cast<std::size_t>(config.seq_len);
  const auto width = static_cast<std::size_t>(config.d_model);
  const auto n_classes = static_cast<std::size_t>(config.num_classes);
  const SafetensorsFile file = open_tensors(input);
  const std::vector<float> x_enc = read_tensor(file, input, "x_enc", {config.seq_len, config.enc_in});
  const std::vector<float> mask = read_tensor(file, input, "mask", {config.seq_len});
  const std::size_t n = mask.size() / n_steps;
  if (x_enc.size() != mask.size() * kChannels) {
    bad_tensors(input, "mask",
                fmt::format("expected [{}, {}] to match x_enc, found [{}, {}]",
                            x_enc.size() / (n_steps * kChannels), n_steps, n, n_steps));
  }

  const bool with_logits = request.logits && encoder.checkpoint().has_head();
  std::vector<float> mean(request.mean ? n * width : 0);
  std::vector<float> sequence(request.sequence ? n * n_steps * width : 0);
  std::vector<float> logits(with_logits ? n * n_classes : 0);
  OrderedWorkers<Range> workers(
      resolve_threads(request.n_threads),
      [&](Range& range) {
        const std::size_t count = range.end - range.begin;
        encoder.encode(
            std::span(x_enc).subspan(range.begin * n_steps * kChannels, count * n_steps * kChannels),
            std::span(mask).subspan(range.begin * n_steps, count * n_steps),
            EncoderOutput{.mean = rows(mean, range, width),
                          .sequence = rows(sequence, range, n_steps * width),
                          .logits = rows(logits, range, n_classes)});
      },
      [](const Range&) {});
  constexpr std::size_t kChunk = 8;
  std::size_t next = 0;
  workers.run([&](Range& range) {
    range = {next, std::min(next + kChunk, n)};
    next = range.end;
    return range.begin < range.end;
  });
  for (const auto* values : {&mean, &sequence, &logits}) {
    if (!std::all_of(values->begin(), values->end(), [](float v) { return std::isfinite(v); })) {
      throw Error(Status::nonfinite_output,
                  "the encoder's output is not finite: the input is far out of range");
    }
  }

  const auto count = static_cast<std::int64_t>(n);
  std::vector<FloatTensor> tensors;
  if (!mean.empty()) tensors.push_back({"mean", {count, config.d_model}, mean});
  if (!sequence.empty()) tensors.push_back({"sequence", {count, config.seq_len, config.d_model}, sequence});
  if (!logits.empty()) tensors.push_back({"logits", {count, config.num_classes}, logits});
  write_safetensors(output, tensors, {identity.begin(), identity.end()});
  return n;
}

}  // namespace astrom3
