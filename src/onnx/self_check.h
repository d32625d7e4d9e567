// SPDX-License-Identifier: MIT
//
// Runs an ONNX graph and the engine on one light curve and compares what they say.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "astrom3/encoder/checkpoint.h"
#include "onnx/evaluate.h"

namespace astrom3 {

/// Names of a graph's inputs and outputs; `logits` empty where it has none.
struct EncoderPorts {
  std::string x_enc = "x_enc";
  std::string mask = "mask";
  std::string mean = "mean";
  std::string sequence = "sequence";
  std::string logits{};
};

struct Comparison {
  bool was_run = false;           ///< false where it would take more than a few seconds
  double largest_difference = 0;  ///< |graph - engine| over all outputs
  double allowed = 0;             ///< 1e-5, times the largest value of the output where that exceeds 1
  std::string worst;              ///< where: "sequence, step 199, column 3"
  bool agrees = true;
};

/// Of the largest value of an output, or of 1: the engine's own promise against other implementations.
inline constexpr double kCheckTolerance = 1e-5;

/// Adds the comparison of one output to `result`.
void compare_output(std::string_view name, const OnnxArray& graph, std::span<const float> engine,
                    Comparison& result);

/// A made-up light curve with padding, [1, T, C] and [1, T]: the same for the same sizes.
OnnxArray check_x_enc(const EncoderConfig& config);
OnnxArray check_mask(const EncoderConfig& config);

/// Networks with more multiplications are not computed twice, which would take minutes.
inline constexpr double kMaxCheckOperations = 1e10;

/// Multiplications of one forward pass.
double encoder_operations(const EncoderConfig& config);

/// `run.feeds` may hold values that take the place of nodes; inputs and outputs are set here.
/// Throws Error bad_model where the graph cannot be run.
Comparison compare_with_engine(const OnnxGraph& graph, const EncoderPorts& ports,
                               std::shared_ptr<const Checkpoint> checkpoint, OnnxRun run,
                               const std::string& file);

}  // namespace astrom3
