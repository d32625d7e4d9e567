// SPDX-License-Identifier: MIT
//
// Downloads one file of a repository: requests it, receives it in pieces, checks it, puts it into the cache.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "hub/cache.h"
#include "hub/settings.h"
#include "hub/transfer.h"

namespace astrom3 {

/// A file as the hub names it.
struct HubFile {
  std::string kind;        ///< "models" or "datasets"
  std::string repository;  ///< checked by is_repository()
  std::string revision;    ///< checked by is_revision()
  std::string name;        ///< ours, never the hub's
  std::uint64_t most_bytes = 0;
};

/// What the hub says about the file.
struct HubMetadata {
  std::string commit;
  std::string etag;  ///< the blob's name
  std::optional<std::uint64_t> size;
  std::string url;  ///< where the bytes are
};

class Downloader {
 public:
  Downloader(const HubSettings& settings, std::function<void(const HubProgress&)> progress,
             const std::atomic<bool>* stop)
      : settings_(settings), progress_(std::move(progress)), stop_(stop) {}

  /// Nothing if the repository has no such file (its commit is then in `absent_commit`).
  std::optional<HubMetadata> ask(const HubFile& file, std::string* absent_commit = nullptr);
  /// Downloads the blob into the cache, unless it is there and complete.
  void fetch(const HubFile& file, const HubMetadata& metadata, const HubCache& cache);

  std::uint64_t bytes_received() const noexcept { return bytes_received_; }

 private:
  struct Part;

  /// One request, with its redirects; the token is sent only to the endpoint.
  TransferAnswer follow(std::string url, bool head, const std::vector<std::string>& headers,
                        const TransferCallbacks& callbacks, std::string* last_url);
  TransferAnswer ask_with_retries(const std::string& url, std::string* last_url);
  [[noreturn]] void refuse(const HubFile& file, const TransferAnswer& answer) const;
  void receive(const HubFile& file, const HubMetadata& metadata, const HubCache& cache);
  bool receive_part(const HubFile& file, const HubMetadata& metadata, Part& part);
  void pause(int attempt, const TransferAnswer& answer) const;
  void require_running() const;
  bool is_running() const { return stop_ == nullptr || !stop_->load(std::memory_order_relaxed); }

  const HubSettings& settings_;
  std::function<void(const HubProgress&)> progress_;
  const std::atomic<bool>* stop_;
  std::uint64_t bytes_received_ = 0;
};

}  // namespace astrom3
