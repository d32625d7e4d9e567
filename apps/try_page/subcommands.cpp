// SPDX-License-Identifier: MIT
//
// Stands in for apps/subcommands.cpp in the program of the page that runs in a browser.
#include "subcommands.h"

#include <span>

#include "command.h"

namespace astrom3::cli {
namespace {

constexpr Subcommand kSubcommands[] = {{"embed", add_embed},
                                       {"classify", add_classify},
                                       {"periodogram", add_periodogram},
                                       {"inspect", add_inspect},
                                       {"search", add_search}};

}  // namespace

std::span<const Subcommand> subcommands() noexcept {
  return kSubcommands;
}

}  // namespace astrom3::cli
