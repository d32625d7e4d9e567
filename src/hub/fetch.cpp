// SPDX-License-Identifier: MIT
//
// A checkpoint from the cache, or from the hub into the cache.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/hub/hub.h"
#include "hub/cache.h"
#include "hub/download.h"
#include "hub/names.h"
#include "hub/settings.h"

namespace astrom3 {
namespace {

constexpr std::uint64_t kMostJson = 16u << 20;
constexpr std::uint64_t kMostWeights = std::uint64_t{16} << 30;
constexpr const char* kScalingRepository = "AstroMLCore/AstroM3Dataset";
constexpr std::string_view kUsualSeed = "42";

struct WantedFile {
  const char* name;
  bool needed;
  std::uint64_t most_bytes;
};
constexpr std::array kCheckpointFiles{WantedFile{kConfigName, true, kMostJson},
                                      WantedFile{kWeightsName, true, kMostWeights},
                                      WantedFile{kPreprocessorName, false, kMostJson}};

/// One repository while it is fetched: every file from the same commit.
class Fetcher {
 public:
  Fetcher(const HubSettings& settings, Downloader& downloader, std::string kind, std::string repository,
          std::string revision)
      : downloader_(downloader),
        cache_(settings.cache_dir, repository_folder(kind, repository)),
        kind_(std::move(kind)),
        repository_(std::move(repository)),
        revision_(std::move(revision)) {
    if (is_commit(revision_)) commit_ = revision_;
    if (commit_.empty() && settings.offline) commit_ = cache_.read_ref(revision_).value_or("");
    offline_ = settings.offline;
  }

  /// The file's path in the cache; nothing if the repository has no such file and it is not needed.
  std::optional<std::filesystem::path> get(const char* name, bool needed, std::uint64_t most_bytes) {
    if (!commit_.empty()) {
      if (auto path = cache_.find_whole(commit_, name)) return path;
      if (!needed && (offline_ || cache_.is_known_absent(commit_, name))) return std::nullopt;
    }
    if (offline_) {
      throw Error(Diagnostic{.code = Status::network_error,
                             .file = fmt::format("{}@{}: {}", repository_, revision_, name),
                             .message = "not in the cache, or damaged there, and connections are not allowed",
                             .hint = {"fetch it once without {} and HF_HUB_OFFLINE", {{"offline", "true"}}}});
    }
    return download(name, needed, most_bytes);
  }

  /// An earlier download is used if it is complete: the content of the file does not change.
  std::optional<std::filesystem::path> get_cached(const char* name) const {
    const auto commit = cache_.read_ref(revision_);
    return commit ? cache_.find_whole(*commit, name) : std::nullopt;
  }

  const std::string& commit() const { return commit_; }
  std::filesystem::path directory() const { return cache_.snapshot(commit_); }

 private:
  std::optional<std::filesystem::path> download(const char* name, bool needed, std::uint64_t most_bytes) {
    const HubFile file{.kind = kind_,
                       .repository = repository_,
                       .revision = commit_.empty() ? revision_ : commit_,
                       .name = name,
                       .most_bytes = most_bytes};
    std::string absent;
    const auto metadata = downloader_.ask(file, needed ? nullptr : &absent);
    if (!metadata) {
      if (!absent.empty()) cache_.mark_absent(absent, name);
      return std::nullopt;
    }
    if (metadata->commit != commit_) {
      commit_ = metadata->commit;
      cache_.write_ref(revision_, commit_);
      if (auto path = cache_.find_whole(commit_, name)) return path;
    }
    downloader_.fetch(file, *metadata, cache_);
    cache_.link(commit_, name, metadata->etag);
    return cache_.snapshot(commit_) / name;
  }

  Downloader& downloader_;
  HubCache cache_;
  std::string kind_, repository_, revision_, commit_;
  bool offline_ = false;
};

/// The weights' SHA-256; at the published revision it must be the published one.
std::string hash_of_weights(const HubRequest& request, const std::string& commit,
                            const std::filesystem::path& weights) {
  std::error_code error;
  std::string hash = std::filesystem::read_symlink(weights, error).filename().string();  // checked by get()
  if (error || !is_sha256(hash)) hash = hash_of_file(weights, "");
  if (request.repository == kPublishedRepository && commit == kPublishedRevision &&
      hash != kPublishedSha256) {
    throw Error(
        Diagnostic{.code = Status::network_error,
                   .file = weights.string(),
                   .message = fmt::format("is not the published checkpoint: expected SHA-256 {}, found {}",
                                          kPublishedSha256, hash)});
  }
  return hash;
}

/// The scaling of the split that a checkpoint was trained on: the seed is at the end of its name
/// (AstroM3-CLIP-66), where it is not the usual one.
std::string scaling_file_of(std::string_view repository) {
  const std::string_view end = repository.substr(repository.rfind('-') + 1);
  const bool is_seed = !end.empty() && end.size() <= 6 &&
                       end.find_first_not_of("0123456789") == std::string_view::npos &&
                       repository.find("CLIP-") != std::string_view::npos;
  return fmt::format("splits/full/{}/info.json", is_seed ? end : kUsualSeed);
}

/// Upstream's scaling, for its checkpoints that carry none. Doing without is possible: the published table.
void fetch_scaling(const HubSettings& settings, Downloader& downloader, std::string_view repository,
                   HubCheckpoint& checkpoint) {
  Fetcher fetcher(settings, downloader, "datasets", kScalingRepository, "main");
  const std::string file = scaling_file_of(repository);
  try {
    checkpoint.scaling_file = fetcher.get_cached(file.c_str());
    if (!checkpoint.scaling_file) checkpoint.scaling_file = fetcher.get(file.c_str(), true, kMostJson);
  } catch (const Error& error) {
    if (error.code() != Status::network_error) throw;
    checkpoint.warnings.push_back(
        {.code = Status::network_error,
         .file = error.diagnostic().file,
         .message = error.diagnostic().message + "; the published table takes the place of its scaling"});
  }
}

}  // namespace

HubRequest parse_hub_name(std::string_view name) {
  const std::string_view whole = name;
  if (name.starts_with("hf:")) name.remove_prefix(3);
  HubRequest request;
  if (name.empty()) return request;
  const std::size_t at = name.find('@');
  request.repository = name.substr(0, at);
  if (at != std::string_view::npos) request.revision = name.substr(at + 1);
  const bool revision_fits = at == std::string_view::npos || is_revision(request.revision);
  if (!is_repository(request.repository) || !revision_fits) {
    throw Error(Status::usage, fmt::format("\"{}\" is no repository of the hub", escaped(whole)),
                "ORG/NAME or ORG/NAME@REVISION");
  }
  return request;
}

HubCheckpoint fetch_checkpoint(const HubRequest& request,
                               const std::function<void(const HubProgress&)>& progress,
                               const std::atomic<bool>* stop) {
  const bool published = request.repository == kPublishedRepository;
  const std::string revision =
      !request.revision.empty() ? request.revision : std::string(published ? kPublishedRevision : "main");
  if (!is_repository(request.repository) || !is_revision(revision))
    throw Error(Status::usage, fmt::format("\"{}@{}\" is no repository of the hub",
                                           escaped(request.repository), escaped(revision)));
  const HubSettings settings = read_hub_settings(request);
  Downloader downloader(settings, progress, stop);
  Fetcher fetcher(settings, downloader, "models", request.repository, revision);
  HubCheckpoint checkpoint;
  std::filesystem::path weights;
  bool has_scaling = false;
  for (const WantedFile& file : kCheckpointFiles) {
    const auto path = fetcher.get(file.name, file.needed, file.most_bytes);
    if (path && std::string_view(file.name) == kWeightsName) weights = *path;
    has_scaling = path.has_value();  // of the last, preprocessor_config.json
  }
  checkpoint.directory = fetcher.directory();
  checkpoint.commit = fetcher.commit();
  checkpoint.weights_sha256 = hash_of_weights(request, checkpoint.commit, weights);
  if (request.scaling && !has_scaling && request.repository.starts_with("AstroMLCore/"))
    fetch_scaling(settings, downloader, request.repository, checkpoint);
  checkpoint.bytes_received = downloader.bytes_received();
  return checkpoint;
}

}  // namespace astrom3
