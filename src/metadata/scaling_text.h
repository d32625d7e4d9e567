// SPDX-License-Identifier: MIT
//
// The scaling of metadata from text already read.
#pragma once

#include <string>
#include <string_view>

#include "astrom3/metadata/metadata.h"
#include "formats/json_writer.h"

namespace astrom3 {

/// As read_metadata_scaling(); `file` is named in errors.
MetadataScaling parse_metadata_scaling(std::string_view text, const std::string& file);

/// The members of the object "metadata" of a preprocessor_config.json; returns `json`.
JsonWriter& write_members(JsonWriter& json, const MetadataScaling& scaling);

}  // namespace astrom3
