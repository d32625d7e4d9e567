// SPDX-License-Identifier: MIT
//
// evaluate --retrieval: every modality found by every other, beside chance.
#pragma once

#include <cstdint>

#include "command.h"
#include "embedding_input.h"

namespace astrom3::cli {

int run_retrieval(const CommonOptions& common, const EmbeddingArguments& embeddings, std::uint32_t threads);

}  // namespace astrom3::cli
