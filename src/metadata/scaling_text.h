// SPDX-License-Identifier: MIT
//
// The scaling of metadata from text already read.
#pragma once

#include <string>
#include <string_view>

#include "astrom3/metadata/metadata.h"

namespace astrom3 {

/// As read_metadata_scaling(); `file` is named in errors.
MetadataScaling parse_metadata_scaling(std::string_view text, const std::string& file);

}  // namespace astrom3
