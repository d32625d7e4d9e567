// SPDX-License-Identifier: MIT
//
// Where the files that go with an output are: OUT.meta.json, OUT.rejects.jsonl.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "astrom3/sink/file_names.h"

namespace astrom3 {

/// The arrays that a folder of NPY arrays may hold.
inline constexpr std::array kArrayNames{kMeanName, kSequenceName, kTensorName,
                                        kMaskName, kSpectraName,  kMetadataName};

/// The path of the output without its .csv or .parquet, followed by `suffix`: "run/a.csv" and ".meta.json"
/// give "run/a.meta.json".
std::filesystem::path companion_path(const std::filesystem::path& output, std::string_view suffix);

}  // namespace astrom3
