// SPDX-License-Identifier: MIT
#include "hub/download.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"
#include "base/regular_file.h"
#include "hub/cache.h"
#include "hub/names.h"
#include "hub/settings.h"
#include "hub/transfer.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr int kAttempts = 5;
constexpr int kMostHops = 5;
constexpr double kLongestPause = 30;
constexpr std::size_t kSniffedBytes = 64;
constexpr const char* kHtml = "received HTML: a login page or a proxy answered in the hub's place";

std::string header(const TransferAnswer& answer, const char* name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? std::string{} : found->second;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_worth_a_retry(const TransferAnswer& answer) {
  if (answer.end == TransferEnd::cut || answer.end == TransferEnd::unreachable ||
      answer.end == TransferEnd::stalled)
    return true;
  return answer.end == TransferEnd::complete &&
         (answer.status == 408 || answer.status == 429 || answer.status >= 500);
}

[[noreturn]] void fail(const std::string& file, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{
      .code = Status::network_error, .file = file, .message = std::move(message), .hint = std::move(hint)});
}

std::string place(const HubFile& file) {
  return fmt::format("{}@{}: {}", file.repository, file.revision, file.name);
}

/// `location` as an absolute address; a relative one belongs to `base`. "" if it is neither.
std::string resolved(const std::string& base, const std::string& location) {
  if (!origin_of(location).empty()) return location;
  if (location.empty() || location.find("://") != std::string::npos) return {};
  const std::size_t host = base.find("://") + 3;
  if (location.starts_with("//")) return base.substr(0, host - 2) + location;
  if (!location.starts_with('/')) return {};
  return base.substr(0, std::min(base.size(), base.find('/', host))) + location;
}

/// The kind of data received in the place of a file, by its first bytes; "" if it is not known.
std::string impostor(const fs::path& path) {
  const RegularFile file(path, Status::network_error);
  std::string bytes(std::min<std::size_t>(kSniffedBytes, static_cast<std::size_t>(file.size())), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(bytes)));
  std::string_view head = bytes;
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos) head.remove_prefix(first);
  std::string start(head.substr(0, kSniffedBytes));
  std::transform(start.begin(), start.end(), start.begin(),
                 [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
  if (start.starts_with("<!doctype html") || start.starts_with("<html")) return kHtml;
  if (start.starts_with("version https://git-lfs")) return "received a Git LFS pointer, not the file";
  return {};
}

std::string cannot_connect_hint() {
  return "without a network, HF_HUB_OFFLINE=1 takes what is in the cache";
}

/// Appends to a file with the system's own errors.
class PartFile {
 public:
  explicit PartFile(fs::path path) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor_ < 0) cannot();
    const off_t end = ::lseek(descriptor_, 0, SEEK_END);
    size_ = end > 0 ? static_cast<std::uint64_t>(end) : 0;
  }
  ~PartFile() { close(); }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::uint64_t size() const { return size_; }
  void restart() {
    if (::ftruncate(descriptor_, 0) != 0 || ::lseek(descriptor_, 0, SEEK_SET) < 0) cannot();
    size_ = 0;
  }
  /// False, with errno kept for throw_problem(), if the disk is full or fails.
  bool append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        problem_ = errno;
        return false;
      }
      size_ += static_cast<std::uint64_t>(n);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return true;
  }
  void throw_problem() const {
    if (problem_ == 0) return;
    errno = problem_;
    cannot();
  }
  void finish() {
    if (::fsync(descriptor_) != 0) cannot();
    close();
  }

 private:
  [[noreturn]] void cannot() const {
    fail(path_.string(), "cannot write into the cache: " + std::generic_category().message(errno),
         {"{} (or HF_HUB_CACHE) names another place", {{"cache-dir"}}});
  }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  fs::path path_;
  int descriptor_ = -1;
  int problem_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace

/// The part of a blob that has been received, over several requests.
struct Downloader::Part {
  explicit Part(const fs::path& path) : file(path) {}
  PartFile file;
  std::string etag;     ///< of the server the bytes came from, for If-Range
  std::string problem;  ///< why the answer under way was refused
  bool too_long = false;
  TransferAnswer answer;

  bool take_head(const TransferAnswer& head, std::uint64_t begin);
};

void Downloader::require_running() const {
  if (!is_running()) throw Error(Status::interrupted, "the download was stopped; it resumes where it was");
}

/// Longer for each attempt, with a random part so that many clients do not come back at the same time.
void Downloader::pause(int attempt, const TransferAnswer& answer) const {
  std::random_device device;
  const double jitter = std::uniform_real_distribution<double>(0.75, 1.25)(device);
  double seconds = settings_.retry_seconds * std::pow(2.0, attempt) * jitter;
  if (const auto asked = number(header(answer, "retry-after")))
    seconds = std::max(seconds, static_cast<double>(*asked));
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(std::min(seconds, kLongestPause));
  while (std::chrono::steady_clock::now() < end && is_running())
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  require_running();
}

TransferAnswer Downloader::follow(std::string url, bool head, const std::vector<std::string>& headers,
                                  const TransferCallbacks& callbacks, std::string* last_url) {
  const std::string home = origin_of(settings_.endpoint);
  for (int hop = 0; hop <= kMostHops; ++hop) {
    TransferRequest request{
        .url = url, .head = head, .headers = headers, .stall_seconds = settings_.stall_seconds};
    request.headers.emplace_back("Accept-Encoding: identity");
    if (!settings_.token.empty() && origin_of(url) == home)
      request.headers.push_back("Authorization: Bearer " + settings_.token);
    bool redirected = false;  // the text of a redirect is not the file
    TransferCallbacks guarded;
    guarded.alive = [this] { return is_running(); };
    guarded.head = [&](const TransferAnswer& answer) {
      redirected = is_redirect(answer.status);
      return redirected || !callbacks.head || callbacks.head(answer);
    };
    guarded.body = [&](std::span<const std::byte> bytes) {
      return redirected || !callbacks.body || callbacks.body(bytes);
    };
    TransferAnswer answer = hub_module().perform(request, guarded);
    require_running();
    if (last_url != nullptr) *last_url = url;
    if (answer.end != TransferEnd::complete || !is_redirect(answer.status)) return answer;
    // The hub's answer about a file is itself a redirect, to where the bytes are: the caller wants that
    // answer.
    const std::string next = resolved(url, header(answer, "location"));
    if (next.empty())
      fail(shown(url), fmt::format("redirects to \"{}\", which is no http or https address",
                                   shown(header(answer, "location"))));
    if (url.starts_with("https:") && !next.starts_with("https:"))
      fail(shown(url), fmt::format("redirects from https to {}", shown(next)));
    if (head && origin_of(next) != origin_of(url) && !header(answer, "x-repo-commit").empty()) return answer;
    if (head && !header(answer, "x-linked-etag").empty()) return answer;
    url = next;
  }
  fail(shown(url), fmt::format("more than {} redirects", kMostHops));
}

TransferAnswer Downloader::ask_with_retries(const std::string& url, std::string* last_url) {
  for (int attempt = 0;; ++attempt) {
    TransferAnswer answer = follow(url, true, {}, {}, last_url);
    if (!is_worth_a_retry(answer) || attempt + 1 == kAttempts) return answer;
    pause(attempt, answer);
  }
}

/// Reports the meaning of an answer that is not a file.
void Downloader::refuse(const HubFile& file, const TransferAnswer& answer) const {
  const std::string code = header(answer, "x-error-code");
  switch (answer.end) {
    case TransferEnd::unreachable:
      fail(place(file), fmt::format("cannot reach {}: {}", settings_.endpoint, escaped(answer.reason, 300)),
           cannot_connect_hint());
    case TransferEnd::stalled:
      fail(place(file),
           fmt::format("too slow: less than 1 KiB/s for {} s, or no connection in 10 s",
                       settings_.stall_seconds),
           cannot_connect_hint());
    case TransferEnd::untrusted:
      fail(place(file),
           fmt::format("the server's certificate is not to be trusted: {}", escaped(answer.reason, 300)));
    case TransferEnd::malformed:
      fail(place(file),
           fmt::format("the answer is not HTTP as it should be: {}", escaped(answer.reason, 300)));
    case TransferEnd::cut:
    case TransferEnd::stopped:
      fail(place(file), fmt::format("the connection broke off: {}", escaped(answer.reason, 300)));
    case TransferEnd::complete:
      break;
  }
  if (code == "RevisionNotFound")
    fail(place(file), fmt::format("revision \"{}\" not found in {}", file.revision, file.repository));
  if (answer.status == 401 || answer.status == 403) {
    fail(place(file),
         fmt::format("HTTP {}: {} needs a token or an accepted licence, or does not exist", answer.status,
                     file.repository),
         settings_.token.empty() ? "set HF_TOKEN to a token that may read it"
                                 : "HF_TOKEN was sent and is not enough");
  }
  if (code == "EntryNotFound") fail(place(file), fmt::format("{} is not in {}", file.name, file.repository));
  if (answer.status == 404)
    fail(place(file), fmt::format("not found: repository {}, revision \"{}\" or the file", file.repository,
                                  file.revision));
  if (answer.status == 429) fail(place(file), "HTTP 429: too many requests, also after waiting");
  fail(place(file), fmt::format("HTTP {} from {}", answer.status, settings_.endpoint));
}

std::optional<HubMetadata> Downloader::ask(const HubFile& file, std::string* absent_commit) {
  const std::string prefix = file.kind == "models" ? "" : file.kind + "/";
  const std::string url = fmt::format("{}/{}{}/resolve/{}/{}", settings_.endpoint, prefix, file.repository,
                                      url_quoted(file.revision), file.name);
  std::string asked;
  const TransferAnswer answer = ask_with_retries(url, &asked);
  const std::string commit = header(answer, "x-repo-commit");
  const bool is_file =
      answer.end == TransferEnd::complete && (answer.status == 200 || is_redirect(answer.status));
  if (answer.status == 404 && header(answer, "x-error-code") == "EntryNotFound" && absent_commit != nullptr) {
    if (is_commit(commit)) *absent_commit = commit;
    return std::nullopt;
  }
  if (!is_file) refuse(file, answer);
  const std::string linked = header(answer, "x-linked-etag");
  HubMetadata metadata{.commit = commit,
                       .etag = blob_name(linked.empty() ? header(answer, "etag") : linked),
                       .size = {},
                       .url = asked};
  if (!is_commit(commit)) {
    const bool html = header(answer, "content-type").starts_with("text/html");
    fail(place(file),
         html ? kHtml : fmt::format("{} does not answer like a hub: no X-Repo-Commit", settings_.endpoint));
  }
  if (is_commit(file.revision) && file.revision != commit)
    fail(place(file), fmt::format("the hub answered for commit {}", commit));
  if (metadata.etag.empty()) fail(place(file), "the hub's ETag is missing or cannot be the name of a file");
  const bool moved = is_redirect(answer.status);
  metadata.size = number(header(answer, moved || !linked.empty() ? "x-linked-size" : "content-length"));
  if (moved) metadata.url = resolved(asked, header(answer, "location"));
  if (metadata.size && *metadata.size > file.most_bytes)
    fail(place(file), fmt::format("is {} bytes; at most {} are taken", *metadata.size, file.most_bytes));
  return metadata;
}

/// Whether bytes of the file follow the head of an answer to a request for the bytes from `begin` on.
/// `problem` says why they are refused; a file that has changed since is downloaded from its beginning.
bool Downloader::Part::take_head(const TransferAnswer& head, std::uint64_t begin) {
  const std::string encoding = header(head, "content-encoding");
  const std::string new_etag = header(head, "etag");
  if (!encoding.empty() && encoding != "identity")
    problem = fmt::format("Content-Encoding {} was not asked for", escaped(encoding));
  if (head.status == 200 && header(head, "content-type").starts_with("text/html")) problem = kHtml;
  const bool continues = head.status == 206 && begin > 0;
  if (continues && !header(head, "content-range").starts_with(fmt::format("bytes {}-", begin)))
    problem = "the server sent another range than asked for";
  if (continues && !etag.empty() && !new_etag.empty() && new_etag != etag)
    problem = "the file changed between two parts";
  if (continues && !problem.empty()) {
    file.restart();
    etag.clear();
    return false;
  }
  const bool is_body = head.status == 200 || continues;
  if (head.status == 200) file.restart();
  if (is_body && !new_etag.starts_with("W/")) etag = new_etag;
  return is_body;
}

/// One request for the missing bytes; true when the body ended as it should.
bool Downloader::receive_part(const HubFile& file, const HubMetadata& metadata, Part& part) {
  const std::uint64_t begin = part.file.size();
  const std::uint64_t most = metadata.size.value_or(file.most_bytes);
  std::vector<std::string> headers;
  if (begin > 0) headers.push_back(fmt::format("Range: bytes={}-", begin));
  if (begin > 0 && !part.etag.empty()) headers.push_back("If-Range: " + part.etag);
  part.problem.clear();
  bool is_body = false;
  TransferCallbacks callbacks;
  callbacks.head = [&](const TransferAnswer& answer) {
    is_body = part.take_head(answer, begin);
    return part.problem.empty();
  };
  callbacks.body = [&](std::span<const std::byte> bytes) {
    if (!is_body) return true;  // an error's text
    part.too_long = part.file.size() + bytes.size() > most;
    if (part.too_long || !part.file.append(bytes)) return false;
    bytes_received_ += bytes.size();
    if (progress_)
      progress_({.file = file.name, .received = part.file.size(), .total = metadata.size.value_or(0)});
    return true;
  };
  part.answer = follow(metadata.url, false, headers, callbacks, nullptr);
  part.file.throw_problem();
  return part.answer.end == TransferEnd::complete && is_body &&
         (!metadata.size || part.file.size() == *metadata.size);
}

/// Requests until the file is complete, or an answer cannot be used.
void Downloader::receive(const HubFile& file, const HubMetadata& metadata, const HubCache& cache) {
  Part part(cache.incomplete(metadata.etag));
  if (metadata.size && part.file.size() > *metadata.size) part.file.restart();
  const bool there = metadata.size && part.file.size() == *metadata.size && *metadata.size > 0;
  int restarts = 0;
  for (int attempt = 0; !there && !receive_part(file, metadata, part); ++attempt) {
    if (part.too_long) {
      part.file.restart();
      fail(place(file),
           fmt::format("the server sends more than {} bytes", metadata.size.value_or(file.most_bytes)));
    }
    const bool restarted =
        part.answer.status == 416 || (part.answer.end == TransferEnd::stopped && part.answer.status == 206);
    if (restarted) {
      part.file.restart();
      part.etag.clear();
      if (++restarts > 2)
        fail(place(file), part.problem.empty() ? "the server sends no range that fits" : part.problem);
      continue;
    }
    if (!part.problem.empty()) fail(place(file), part.problem);
    const std::string what = impostor(cache.incomplete(metadata.etag));
    if (!what.empty()) {
      part.file.restart();
      fail(place(file), what);
    }
    const bool ended_early =
        part.answer.end == TransferEnd::complete && (part.answer.status == 200 || part.answer.status == 206);
    if ((!is_worth_a_retry(part.answer) && !ended_early) || attempt + 1 == kAttempts) {
      if (ended_early)
        fail(place(file),
             fmt::format("only {} of {} bytes came", part.file.size(), metadata.size.value_or(0)));
      refuse(file, part.answer);
    }
    pause(attempt, part.answer);
  }
  part.file.finish();
}

void Downloader::fetch(const HubFile& file, const HubMetadata& metadata, const HubCache& cache) {
  const fs::path blob = cache.blob(metadata.etag);
  cache.make_folders(blob);
  const BlobLock lock(cache, metadata.etag, [this] { return is_running(); });
  require_running();
  std::error_code error;
  if (fs::exists(blob, error) && is_whole(blob, metadata.etag)) return;  // another process was faster
  const fs::path incomplete = cache.incomplete(metadata.etag);
  for (int attempt = 0;; ++attempt) {
    receive(file, metadata, cache);
    if (is_whole(incomplete, metadata.etag)) break;
    const std::string what = impostor(incomplete);
    const std::string found = hash_of_file(incomplete, metadata.etag);
    fs::remove(incomplete, error);
    if (!what.empty()) fail(place(file), what);
    if (attempt > 0)
      fail(place(file), fmt::format("the hash is wrong, also the second time: expected {}, received {}",
                                    metadata.etag, found));
  }
  fs::rename(incomplete, blob, error);
  if (error)
    fail(blob.string(), "cannot write into the cache: " + error.message(),
         {"{} (or HF_HUB_CACHE) names another place", {{"cache-dir"}}});
  sync_folder_of(blob);
}

}  // namespace astrom3
