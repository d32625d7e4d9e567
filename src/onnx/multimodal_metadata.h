// SPDX-License-Identifier: MIT
//
// What an ONNX file of several modalities says of itself, by which it is read back.
#pragma once

namespace astrom3 {

inline constexpr const char* kKindEntry = "kind";      ///< of the checkpoint
inline constexpr const char* kOnlyEntry = "modality";  ///< of the one encoder; empty: all of the checkpoint
inline constexpr const char* kConfigEntry = "config";  ///< its config.json

}  // namespace astrom3
