// SPDX-License-Identifier: MIT
//
// How options and examples that cannot be trained with are refused.
#pragma once

#include <string>
#include <utility>

#include "astrom3/base/error.h"

namespace astrom3::train {

/// Throws Error usage.
[[noreturn]] inline void refuse(std::string message) {
  throw Error(Status::usage, "train: " + std::move(message));
}

}  // namespace astrom3::train
