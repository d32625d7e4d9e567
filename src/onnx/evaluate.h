// SPDX-License-Identifier: MIT
//
// Runs an ONNX graph in double precision, slowly: to check a file, and to see what its constants come to.
//
// It knows the operators an encoder is written with, by us and by PyTorch's exporters, and no others.
#pragma once

#include <map>
#include <set>
#include <string>

#include "onnx/array.h"

namespace astrom3 {

using OnnxArrays = std::map<std::string, OnnxArray, std::less<>>;

struct OnnxRun {
  /// Values given from outside. One that names the output of a node takes that node's place.
  OnnxArrays feeds{};
  /// What to return; empty: every value there is.
  std::set<std::string, std::less<>> wanted{};
  OnnxBudget budget{};
};

/// The values asked for. Feeds without data give the shapes of all that depends on them, and the values of
/// all that does not: weights after folding, sizes. With `wanted`, only the nodes that lead to it are run.
/// Throws Error bad_model naming `file` and the node: an operator or a form of it that is not known, sizes
/// that do not fit, a value that no node makes, nodes out of order, more values or work than the budget.
OnnxArrays evaluate(const OnnxGraph& graph, const OnnxRun& run, const std::string& file);

}  // namespace astrom3
