// SPDX-License-Identifier: MIT
#include "onnx/onnx_module.h"

#include <filesystem>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "base/module_loader.h"
#include "base/regular_file.h"
#include "onnx/graph.h"

namespace astrom3 {
namespace {

constexpr const char* kHint =
    "build with ONNX (sudo apt-get install -y libonnx-dev libprotobuf-dev, then make build), or set "
    "ASTROM3_ONNX_MODULE to the module's file";

ModuleRequest request() {
  ModuleRequest request{.noun = "ONNX",
                        .file_name = "astrom3_onnx.so",
                        .entry = "astrom3_onnx_module",
                        .environment = "ASTROM3_ONNX_MODULE",
                        .abi_version = OnnxModule::kAbiVersion};
#ifdef ASTROM3_ONNX_INSTALLED_MODULE
  request.more_places.emplace_back(ASTROM3_ONNX_INSTALLED_MODULE);
#endif
  return request;
}

}  // namespace

const OnnxModule& onnx_module(Status code) {
  static ModuleTable table(request(), kHint);
  return *static_cast<const OnnxModule*>(table.get(code));
}

OnnxGraph parse_onnx(std::string_view bytes, const std::string& file) {
  require_moderate_message(bytes, file);
  return onnx_module(Status::bad_model).parse(bytes, file);
}

OnnxGraph read_onnx(const std::filesystem::path& file) {
  return parse_onnx(read_text_file(file, kMaxOnnxFileBytes, Status::bad_model), file.string());
}

}  // namespace astrom3
