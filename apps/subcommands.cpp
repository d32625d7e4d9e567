// SPDX-License-Identifier: MIT
#include "subcommands.h"

#include <span>

#include "command.h"

namespace astrom3::cli {
namespace {

constexpr Subcommand kSubcommands[] = {{"embed", add_embed},
                                       {"features", add_features},
                                       {"preprocess", add_preprocess},
                                       {"encode", add_encode},
                                       {"classify", add_classify},
                                       {"fetch", add_fetch},
                                       {"info", add_info},
                                       {"init", add_init},
                                       {"export", add_export},
                                       {"import", add_import},
                                       {"periodogram", add_periodogram},
                                       {"inspect", add_inspect},
                                       {"study", add_study},
                                       {"train", add_train},
                                       {"search", add_search},
                                       {"outliers", add_outliers},
                                       {"evaluate", add_evaluate},
                                       {"map", add_map},
                                       {"metadata", add_metadata}};

}  // namespace

std::span<const Subcommand> subcommands() noexcept {
  return kSubcommands;
}

}  // namespace astrom3::cli
