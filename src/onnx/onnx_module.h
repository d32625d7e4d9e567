// SPDX-License-Identifier: MIT
//
// ONNX files in and out, through a module that is loaded when the first one is opened.
//
// ONNX's library and Protocol Buffers live in astrom3_onnx.so (src/onnx/module/); everything that knows what
// an encoder looks like lives on this side and sees plain data (graph.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "onnx/graph.h"

namespace astrom3 {

/// What the module exports, found by the C name "astrom3_onnx_module".
struct OnnxModule {
  static constexpr std::uint32_t kAbiVersion = 1;

  std::uint32_t abi_version;
  const char* astrom3_version;
  const char* onnx_version;
  /// The file's bytes; equal graphs give equal bytes. Throws Error internal when they exceed 2 GiB.
  std::string (*serialize)(const OnnxGraph& graph);
  /// Throws Error bad_model naming `file`. `bytes` must have passed require_moderate_message().
  OnnxGraph (*parse)(std::string_view bytes, const std::string& file);
  /// ONNX's checker and its strict shape inference. Returns the outputs as inferred from the inputs and the
  /// nodes alone. Throws Error bad_model with their words.
  std::vector<OnnxValue> (*check)(std::string_view bytes, const std::string& file);
};

/// Loads the module, once (see base/module_loader.h; the environment variable is ASTROM3_ONNX_MODULE).
/// Throws Error with `code` naming the reason and what to do. Thread-safe.
const OnnxModule& onnx_module(Status code);

inline constexpr std::size_t kMaxOnnxFileBytes = std::size_t{1} << 30;

/// Reads an ONNX file of at most kMaxOnnxFileBytes. Nothing in it is trusted; memory is bounded by a multiple
/// of its size. Throws Error bad_model naming the file.
OnnxGraph read_onnx(const std::filesystem::path& file);
/// The same for bytes in memory; `file` is named in errors.
OnnxGraph parse_onnx(std::string_view bytes, const std::string& file);

/// Refuses a Protocol Buffers message whose parsed form would be much larger than its bytes: more than
/// `max_fields` fields in all, or messages nested more than 64 deep. `file` is named in errors. The schema
/// need not be known: a length-delimited field counts as a message where ONNX has one. Throws Error
/// bad_model.
void require_moderate_message(std::string_view bytes, const std::string& file,
                              std::uint64_t max_fields = 1'000'000);

}  // namespace astrom3
