// SPDX-License-Identifier: MIT
#include "astrom3/hub/hub.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "c_api/boundary.h"
#include "c_api/stop_flag.h"

struct astrom3_download {
  std::string directory, commit, weights_sha256, scaling_file, warnings;
  uint64_t bytes_received = 0;
};

namespace astrom3::c_api {
namespace {

std::unique_ptr<astrom3_download> download_of(const HubCheckpoint& found) {
  auto download = std::make_unique<astrom3_download>();
  download->directory = found.directory.string();
  download->commit = found.commit;
  download->weights_sha256 = found.weights_sha256;
  if (found.scaling_file) download->scaling_file = found.scaling_file->string();
  for (const Diagnostic& warning : found.warnings)
    download->warnings += (download->warnings.empty() ? "" : "\n") + to_string(warning);
  download->bytes_received = found.bytes_received;
  return download;
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

astrom3_status astrom3_download_open(const char* name, const char* cache_dir, int32_t offline,
                                     const int32_t* stop, int64_t* n_received, astrom3_download** download) {
  return guarded([&] {
    require(download, "download");
    *download = nullptr;
    HubRequest request = parse_hub_name(name == nullptr ? "" : name);
    if (cache_dir != nullptr) request.cache_dir = cache_dir;
    request.offline = offline != 0;
    const StopFlag flag(stop);
    const auto progress = [n_received](const HubProgress& p) {
      if (n_received != nullptr)
        std::atomic_ref<int64_t>(*n_received).store(static_cast<int64_t>(p.received));
    };
    *download = download_of(fetch_checkpoint(request, progress, flag.get())).release();
    return Status::ok;
  });
}

void astrom3_download_close(astrom3_download* download) {
  delete download;
}

astrom3_status astrom3_download_describe(const astrom3_download* download, astrom3_download_info* info) {
  return guarded([&] {
    require(download, "download");
    require_struct(info, "info");
    info->directory = download->directory.c_str();
    info->commit = download->commit.c_str();
    info->weights_sha256 = download->weights_sha256.c_str();
    info->scaling_file = download->scaling_file.empty() ? nullptr : download->scaling_file.c_str();
    info->warnings = download->warnings.empty() ? nullptr : download->warnings.c_str();
    info->bytes_received = download->bytes_received;
    return Status::ok;
  });
}
