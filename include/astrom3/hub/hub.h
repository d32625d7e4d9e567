// SPDX-License-Identifier: MIT
//
// Checkpoints from the Hugging Face hub, kept in the hub's own cache, which its Python client shares.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

/// The photometry checkpoint of the paper's authors, at the revision whose hash is known here.
inline constexpr std::string_view kPublishedRepository = "AstroMLCore/AstroM3-CLIP-photo";
inline constexpr std::string_view kPublishedRevision = "8904ed332cb9437691932a6d44e9a25a123cf76f";
inline constexpr std::string_view kPublishedSha256 =
    "05d5f0b8debb292a8b43095cd5c2ed15625c11365a37494d359cbf600565831d";

struct HubRequest {
  std::string repository = std::string(kPublishedRepository);
  std::string revision{};             ///< branch, tag or commit; empty: the published one, else "main"
  std::filesystem::path cache_dir{};  ///< default: HF_HUB_CACHE, HF_HOME/hub, ~/.cache/huggingface/hub
  bool offline = false;  ///< also HF_HUB_OFFLINE: no connection; what is not in the cache is an error
  bool scaling = true;   ///< also the data set's info.json, for AstroMLCore's checkpoints
};

struct HubProgress {
  std::string file;
  std::uint64_t received = 0;
  std::uint64_t total = 0;  ///< 0: not known
};

/// Where the files are.
struct HubCheckpoint {
  std::filesystem::path directory;  ///< config.json, model.safetensors, perhaps preprocessor_config.json
  std::string commit;
  std::string weights_sha256;                         ///< the expected_sha256 for load_checkpoint()
  std::optional<std::filesystem::path> scaling_file;  ///< info.json
  std::uint64_t bytes_received = 0;                   ///< 0: everything was in the cache
  std::vector<Diagnostic> warnings;
};

/// "REPO", "REPO@REVISION", with or without "hf:" before it; "" and "hf:" are the published checkpoint.
/// Throws Error usage if this is not the name of a repository.
HubRequest parse_hub_name(std::string_view name);

/// Finds or downloads a checkpoint. Every file is checked against the hash that the hub states (SHA-256 for
/// large files, git's for small ones), also in the cache: a damaged file is downloaded again. A commit whose
/// files are all in the cache needs no connection.
///
/// The cache is the hub's own: blobs/, refs/, snapshots/ with links, locks. A file gets its name only when it
/// is complete. HF_ENDPOINT, HF_HUB_CACHE, HF_HOME, HF_TOKEN, HF_TOKEN_PATH and HF_HUB_OFFLINE are used. The
/// token is sent only to the endpoint, and is in no message.
/// Throws Error network_error, or interrupted once `stop` is set.
HubCheckpoint fetch_checkpoint(const HubRequest& request,
                               const std::function<void(const HubProgress&)>& progress = {},
                               const std::atomic<bool>* stop = nullptr);

}  // namespace astrom3
