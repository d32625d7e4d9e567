// SPDX-License-Identifier: MIT
//
// An ONNX file that was written, checked before it gets its name.
#pragma once

#include <filesystem>
#include <string>

#include "base/atomic_file.h"
#include "onnx/graph.h"
#include "onnx/onnx_module.h"

namespace astrom3 {

/// Throws Error internal: what we wrote is our own defect.
[[noreturn]] void fail_onnx_check(const std::filesystem::path& file, std::string message);

/// What is on disk under its temporary name, read back: the same bytes, accepted by ONNX, with the weights as
/// they were and the outputs' shapes as they are declared. Throws Error internal where not.
OnnxGraph reread_onnx(const AtomicFile& output, const std::string& bytes, const OnnxGraph& intended,
                      const OnnxModule& module);

}  // namespace astrom3
