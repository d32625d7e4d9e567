// SPDX-License-Identifier: MIT
//
// The photo encoder as nodes of an ONNX graph.
#pragma once

#include <cstdint>
#include <string>

#include "astrom3/encoder/checkpoint.h"
#include "onnx/graph_builder.h"

namespace astrom3 {

/// How much of the position buffer a file holds: the rows that are used, or all of them, of which these are
/// cut.
enum class PhotoPositions : std::uint8_t { used, whole };

/// Values that the layers made or use.
struct PhotoValues {
  std::string sequence;               ///< [B, T, D]
  std::string one;                    ///< the number 1
  std::string step_axis, width_axis;  ///< {1}, {2}
};

/// x_enc [B, T, C] to the last norm's output, with full attention: the mask is not given to it.
PhotoValues add_photo_encoder(GraphBuilder& build, const EncoderConfig& config, PhotoPositions positions);

/// h * mask [B, T, D], of the input `mask`.
std::string add_seen_steps(GraphBuilder& build, const PhotoValues& values);

}  // namespace astrom3
