// SPDX-License-Identifier: MIT
//
// Which model made a number: one hash of everything in the model that decides it.
#pragma once

#include <string>

#include "astrom3/encoder/encoder.h"
#include "astrom3/features/scaling.h"

namespace astrom3 {

/// Lower-case hex of a SHA-256 over the weights in use (the SHA-256 of their file and the prefix of their
/// names; the tensors themselves for a checkpoint that is not a file), config.json (without the keys that
/// inference does not use), the scaling, the form of attention with its draws, and the precision. Two
/// encoders of one identity give the same bits for the same light curve and options. Paths, instruction set
/// and threads are not part of it.
///
/// scaling  the one in use; null if the tensors were made elsewhere
std::string model_identity(const Encoder& encoder, const Scaling* scaling);

/// The part of config.json that decides a number or the name of a class, as JSON on one line.
std::string deciding_config(const EncoderConfig& config);

}  // namespace astrom3
