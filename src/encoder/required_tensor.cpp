// SPDX-License-Identifier: MIT
#include "encoder/required_tensor.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "base/joined.h"
#include "encoder/checkpoint_layout.h"

namespace astrom3 {

std::span<const float> required_tensor(const std::map<std::string, Tensor, std::less<>>& tensors,
                                       const TensorSpec& spec) {
  const auto found = tensors.find(spec.name);
  if (found == tensors.end()) throw Error(Status::bad_model, fmt::format("tensor {} is missing", spec.name));
  std::size_t count = 1;
  for (const std::int64_t extent : spec.shape) count *= static_cast<std::size_t>(extent);
  const Tensor& tensor = found->second;
  if (tensor.shape != spec.shape || tensor.data.size() != count) {
    throw Error(
        Status::bad_model,
        fmt::format("tensor {}: expected shape [{}] ({}), found [{}] with {} values", spec.name,
                    joined(spec.shape, ","), spec.reason, joined(tensor.shape, ","), tensor.data.size()));
  }
  return tensor.data;
}

std::vector<TensorSpec> with_prefix(std::vector<TensorSpec> specs, const std::string& prefix) {
  for (TensorSpec& spec : specs) spec.name = prefix + spec.name;
  return specs;
}

std::map<std::string, Tensor, std::less<>> take_part(std::map<std::string, Tensor, std::less<>>& tensors,
                                                     const std::string& prefix) {
  std::map<std::string, Tensor, std::less<>> part;
  for (auto at = tensors.lower_bound(prefix); at != tensors.end() && at->first.starts_with(prefix);) {
    part.emplace(at->first.substr(prefix.size()), std::move(at->second));
    at = tensors.erase(at);
  }
  return part;
}

}  // namespace astrom3
