// SPDX-License-Identifier: MIT
//
// The names of the files in a folder that is a checkpoint, upstream's and ours.
#pragma once

#include <array>

namespace astrom3 {

inline constexpr const char* kWeightsName = "model.safetensors";
/// The network's sizes.
inline constexpr const char* kConfigName = "config.json";
/// How features and metadata are standardised, and what features mean.
inline constexpr const char* kPreprocessorName = "preprocessor_config.json";
/// The same for metadata, as upstream publishes it with the data that a checkpoint was trained on.
inline constexpr const char* kInfoName = "info.json";
/// The card in prose; `kHubCardName` as the hub calls it.
inline constexpr const char* kCardName = "MODEL_CARD.md";
inline constexpr const char* kHubCardName = "README.md";

/// What decides the numbers of a checkpoint, and the card beside it.
inline constexpr std::array kCheckpointNames{kWeightsName, kConfigName, kPreprocessorName, kInfoName,
                                             kCardName};

}  // namespace astrom3
