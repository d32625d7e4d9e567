// SPDX-License-Identifier: MIT
#include "astrom3/base/error.h"
#include "base/module_loader.h"
#include "hub/transfer.h"

namespace astrom3 {
namespace {

constexpr const char* kHint =
    "build with libcurl (sudo apt-get install -y libcurl4-openssl-dev, then make build), set "
    "ASTROM3_HUB_MODULE to "
    "the module's file, or download config.json and model.safetensors by hand and name their directory";

ModuleRequest request() {
  ModuleRequest request{.noun = "hub",
                        .file_name = "astrom3_hub.so",
                        .entry = "astrom3_hub_module",
                        .environment = "ASTROM3_HUB_MODULE",
                        .abi_version = HubModule::kAbiVersion};
#ifdef ASTROM3_HUB_INSTALLED_MODULE
  request.more_places.emplace_back(ASTROM3_HUB_INSTALLED_MODULE);
#endif
  return request;
}

}  // namespace

const HubModule& hub_module() {
  static ModuleTable table(request(), kHint);
  return *static_cast<const HubModule*>(table.get(Status::network_error));
}

}  // namespace astrom3
