// SPDX-License-Identifier: MIT
#include "onnx/stored_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"
#include "base/regular_file.h"
#include "onnx/graph.h"
#include "onnx/onnx_module.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxStoredBytes = std::size_t{1} << 31;  // Protocol Buffers' own limit

bool same_tensor(const OnnxTensor& a, const OnnxTensor& b) {
  return a.name == b.name && a.type == b.type && a.shape == b.shape && a.integers == b.integers &&
         a.floats.size() == b.floats.size() &&
         std::equal(a.floats.begin(), a.floats.end(), b.floats.begin(), [](float x, float y) {
           return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
         });
}

}  // namespace

void fail_onnx_check(const std::filesystem::path& file, std::string message) {
  throw Error(Diagnostic{.code = Status::internal,
                         .file = file.string(),
                         .message = "the exported model failed its self-check and was not kept: " + message});
}

OnnxGraph reread_onnx(const AtomicFile& output, const std::string& bytes, const OnnxGraph& intended,
                      const OnnxModule& module) {
  const std::filesystem::path file = output.path();
  const std::string stored = read_text_file(output.temporary_path(), kMaxStoredBytes, Status::output_error);
  if (stored != bytes) fail_onnx_check(file, "the file does not hold what was written");
  const std::vector<OnnxValue> inferred = module.check(stored, file.string());
  OnnxGraph graph = parse_onnx(stored, file.string());
  for (std::size_t i = 0; i < intended.outputs.size(); ++i) {
    if (inferred.size() != intended.outputs.size() || inferred[i].shape != intended.outputs[i].shape)
      fail_onnx_check(file, fmt::format("the shape of output \"{}\" is not what its nodes make",
                                        intended.outputs[i].name));
  }
  if (!std::equal(graph.initializers.begin(), graph.initializers.end(), intended.initializers.begin(),
                  intended.initializers.end(), same_tensor)) {
    fail_onnx_check(file, "the weights do not read back bit by bit");
  }
  return graph;
}

}  // namespace astrom3
