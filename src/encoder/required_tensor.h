// SPDX-License-Identifier: MIT
//
// A tensor that an encoder must have, of the shape that its configuration says.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "encoder/checkpoint_layout.h"

namespace astrom3 {

/// The values of the tensor that `spec` describes. Throws Error bad_model naming it, what was expected and
/// what there is.
std::span<const float> required_tensor(const std::map<std::string, Tensor, std::less<>>& tensors,
                                       const TensorSpec& spec);

/// Puts `prefix` before the name of every spec.
std::vector<TensorSpec> with_prefix(std::vector<TensorSpec> specs, const std::string& prefix);

/// The tensors of `tensors` under `prefix`, by the rest of their names; they are moved out of it.
std::map<std::string, Tensor, std::less<>> take_part(std::map<std::string, Tensor, std::less<>>& tensors,
                                                     const std::string& prefix);

}  // namespace astrom3
