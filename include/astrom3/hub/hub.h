// SPDX-License-Identifier: MIT
//
// Checkpoints from the Hugging Face hub, kept in the hub's own cache and shared with its Python users.
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

/// The photo checkpoint of the paper's authors, at the revision and with the hash that were looked at.
inline constexpr std::string_view kPublishedRepository = "AstroMLCore/AstroM3-CLIP-photo";
inline constexpr std::string_view kPublishedRevision = "8904ed332cb9437691932a6d44e9a25a123cf76f";
inline constexpr std::string_view kPublishedSha256 =
    "05d5f0b8debb292a8b43095cd5c2ed15625c11365a37494d359cbf600565831d";

struct HubRequest {
  std::string repository = std::string(kPublishedRepository);
  std::string revision{};             ///< branch, tag or commit; empty: the published one, else "main"
  std::filesystem::path cache_dir{};  ///< default: HF_HUB_CACHE, HF_HOME/hub, ~/.cache/huggingface/hub
  bool offline = false;               ///< also HF_HUB_OFFLINE: no connection, the cache or an error
  bool scaling = true;                ///< also the data set's info.json, for AstroMLCore's checkpoints
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
  std::string weights_sha256;                         ///< what load_checkpoint() must find
  std::optional<std::filesystem::path> scaling_file;  ///< info.json
  std::uint64_t bytes_received = 0;                   ///< 0: everything was in the cache
  std::vector<Diagnostic> warnings;
};

/// "REPO", "REPO@REVISION", with or without "hf:" before it; "" and "hf:" are the published checkpoint.
/// Throws Error usage where that is no name of a repository.
HubRequest parse_hub_name(std::string_view name);

/// Finds or downloads a checkpoint. Every file is checked against the hash the hub states (SHA-256 for large
/// files, git's for small ones), cached ones too: one that was damaged is fetched again. A commit whose files
/// are all there needs no connection.
///
/// The cache is the hub's own: blobs/, refs/, snapshots/ with links, locks; a file appears under its name
/// only when it is whole. HF_ENDPOINT, HF_HUB_CACHE, HF_HOME, HF_TOKEN, HF_TOKEN_PATH and HF_HUB_OFFLINE are
/// honoured. The token goes to the endpoint alone and into no message.
/// Throws Error network_error, or interrupted once `stop` is set.
HubCheckpoint fetch_checkpoint(const HubRequest& request,
                               const std::function<void(const HubProgress&)>& progress = {},
                               const std::atomic<bool>* stop = nullptr);

}  // namespace astrom3
