// SPDX-License-Identifier: MIT
//
// The subcommands of a program: of the command all, in a browser those that its page runs.
#pragma once

#include <span>
#include <string_view>

#include "command.h"

namespace astrom3::cli {

struct Subcommand {
  std::string_view name;
  void (*add)(Command& astrom3);
};

/// In the order of --help.
std::span<const Subcommand> subcommands() noexcept;

}  // namespace astrom3::cli
