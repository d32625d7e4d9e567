// SPDX-License-Identifier: MIT
//
// What astrom3 info says of a checkpoint of spectra, metadata or all modalities.
#pragma once

#include "astrom3/shared_space/multimodal_checkpoint.h"

namespace astrom3::cli {

void print_multimodal_text(const MultimodalCheckpoint& checkpoint);
void print_multimodal_json(const MultimodalCheckpoint& checkpoint);

}  // namespace astrom3::cli
