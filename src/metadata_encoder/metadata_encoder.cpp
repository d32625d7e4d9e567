// SPDX-License-Identifier: MIT
//
// Two layers, many objects at a time: the weights are read once for all of them.
#include "astrom3/metadata_encoder/metadata_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/kernels/isa.h"
#include "base/aligned_buffer.h"
#include "base/float_environment.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/dense.h"
#include "encoder/required_tensor.h"
#include "kernels/dispatch.h"
#include "kernels/kernels.h"
#include "metadata_encoder/checkpoint_layout.h"

namespace astrom3 {
namespace {

// Whole blocks of rows of every instruction set: the weights of a panel are then read from the first cache
// for all but the first block, and what lies between the layers is small.
constexpr std::size_t kObjectsTogether = 24;

/// weight [outputs, inputs] and bias as Linear has them.
Dense pack(const kernels::KernelTable& table, std::span<const float> w, std::span<const float> bias) {
  const std::size_t inputs = w.size() / bias.size();
  return Dense(
      table, inputs, bias.size(), [&](std::size_t in, std::size_t out) { return w[out * inputs + in]; },
      bias);
}

}  // namespace

struct MetadataEncoder::State {
  MetadataConfig config;
  Dense first, second;
};

MetadataEncoder::MetadataEncoder(MetadataConfig config,
                                 const std::map<std::string, Tensor, std::less<>>& tensors, Isa isa) {
  if (!isa_supported(isa))
    throw Error(Status::unsupported_isa, fmt::format("this CPU does not have {}", isa_name(isa)));
  if (config.input_dim < 1 || config.hidden_dim < 1)
    throw Error(Status::bad_config, "sizes that no metadata encoder has");
  const kernels::KernelTable& table = kernels::kernels(isa);
  const std::vector<TensorSpec> specs = metadata_tensors(config);
  Dense first = pack(table, required_tensor(tensors, specs[0]), required_tensor(tensors, specs[1]));
  Dense second = pack(table, required_tensor(tensors, specs[2]), required_tensor(tensors, specs[3]));
  state_ = std::make_unique<State>(State{std::move(config), std::move(first), std::move(second)});
}

MetadataEncoder::~MetadataEncoder() = default;
MetadataEncoder::MetadataEncoder(MetadataEncoder&&) noexcept = default;
MetadataEncoder& MetadataEncoder::operator=(MetadataEncoder&&) noexcept = default;

const MetadataConfig& MetadataEncoder::config() const noexcept {
  return state_->config;
}

void MetadataEncoder::encode(std::span<const float> metadata, std::span<float> hidden) const {
  const Dense &first = state_->first, &second = state_->second;
  if (metadata.size() % first.inputs() != 0 ||
      hidden.size() != metadata.size() / first.inputs() * second.outputs()) {
    throw Error(Status::usage,
                fmt::format("encode: {} values of metadata and {} of hidden; an object has {} and gives {}",
                            metadata.size(), hidden.size(), first.inputs(), second.outputs()));
  }
  const ScopedFloatEnvironment float_environment;
  const std::size_t B = metadata.size() / first.inputs();
  const std::size_t together = std::min(B, kObjectsTogether);
  const bool is_padded = second.width() != second.outputs();
  AlignedBuffer<float> h(together * first.width()), y(is_padded ? together * second.width() : 0);
  for (std::size_t b = 0; b < B; b += together) {
    const std::size_t n = std::min(together, B - b);
    first.apply(metadata.data() + b * first.inputs(), first.inputs(), n, h.data(), first.width(),
                kernels::Epilogue::relu);
    float* const out = is_padded ? y.data() : hidden.data() + b * second.outputs();
    second.apply(h.data(), first.width(), n, out, second.width(), kernels::Epilogue::relu);
    for (std::size_t i = 0; is_padded && i < n; ++i) {
      std::copy_n(y.data() + i * second.width(), second.outputs(),
                  hidden.data() + (b + i) * second.outputs());
    }
  }
}

}  // namespace astrom3
