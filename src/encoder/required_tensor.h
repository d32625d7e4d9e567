// SPDX-License-Identifier: MIT
//
// A tensor that an encoder must have, with the shape that follows from its configuration.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "encoder/checkpoint_layout.h"

namespace astrom3 {

/// The values of the tensor that `spec` describes. Throws Error bad_model, which names the tensor, what was
/// expected and what was found, where it is missing or has another shape.
std::span<const float> required_tensor(const std::map<std::string, Tensor, std::less<>>& tensors,
                                       const TensorSpec& spec);

/// Puts `prefix` before the name of every spec.
std::vector<TensorSpec> with_prefix(std::vector<TensorSpec> specs, const std::string& prefix);

/// Moves the tensors whose names begin with `prefix` out of `tensors`; in the result their names have no
/// prefix.
std::map<std::string, Tensor, std::less<>> take_part(std::map<std::string, Tensor, std::less<>>& tensors,
                                                     const std::string& prefix);

}  // namespace astrom3
