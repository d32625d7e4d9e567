// SPDX-License-Identifier: MIT
//
// One request through libcurl, and the table this module exports.
#include <curl/curl.h>
#include <curl/curlver.h>
#include <curl/easy.h>
#include <curl/system.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/version.h"
#include "hub/transfer.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxHeaderBytes = 256 << 10;
constexpr long kSlowBytesPerSecond = 1024;

/// The state that the callbacks of one transfer share.
struct Exchange {
  const TransferCallbacks& callbacks;
  TransferAnswer answer;
  std::size_t header_bytes = 0;
  bool head_given = false;
  bool headers_too_long = false;

  bool give_head() {
    if (head_given) return true;
    head_given = true;
    return !callbacks.head || callbacks.head(answer);
  }
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::size_t take_header(char* data, std::size_t size, std::size_t n, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size * n);
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > kMaxHeaderBytes) {
    exchange.headers_too_long = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) exchange.answer.headers.clear();  // an interim answer came before
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(trimmed(line.substr(0, colon)));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  exchange.answer.headers[name] = trimmed(line.substr(colon + 1));
  return line.size();
}

struct Handle {
  CURL* curl = curl_easy_init();
  curl_slist* headers = nullptr;
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    curl_slist_free_all(headers);
    if (curl != nullptr) curl_easy_cleanup(curl);
  }
};

std::size_t take_body(char* data, std::size_t size, std::size_t n, void* user) {
  auto& [exchange, curl] = *static_cast<std::pair<Exchange*, CURL*>*>(user);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &exchange->answer.status);
  if (!exchange->give_head()) return 0;
  const auto bytes = std::as_bytes(std::span(data, size * n));
  return !exchange->callbacks.body || exchange->callbacks.body(bytes) ? size * n : 0;
}

int keep_alive(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& exchange = *static_cast<Exchange*>(user);
  return exchange.callbacks.alive && !exchange.callbacks.alive() ? 1 : 0;
}

TransferEnd end_of(CURLcode code, const Exchange& exchange) {
  if (exchange.headers_too_long) return TransferEnd::malformed;
  switch (code) {
    case CURLE_OK:
      return TransferEnd::complete;
    case CURLE_OPERATION_TIMEDOUT:
      return TransferEnd::stalled;
    case CURLE_WRITE_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
      return TransferEnd::stopped;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return TransferEnd::untrusted;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_URL_MALFORMAT:
#if LIBCURL_VERSION_NUM >= 0x080600
    case CURLE_TOO_LARGE:  // headers beyond libcurl's own limit; CURLE_OUT_OF_MEMORY before 8.6
#endif
    case CURLE_OUT_OF_MEMORY:
      return TransferEnd::malformed;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return TransferEnd::cut;
    default:
      return TransferEnd::unreachable;
  }
}

template <typename T>
void set(CURL* curl, CURLoption option, T value) {
  curl_easy_setopt(curl, option, value);
}

void prepare(Handle& handle, const TransferRequest& request, char* reason) {
  CURL* curl = handle.curl;
  for (const std::string& header : request.headers)
    handle.headers = curl_slist_append(handle.headers, header.c_str());
  set(curl, CURLOPT_URL, request.url.c_str());
  set(curl, CURLOPT_NOBODY, request.head ? 1L : 0L);
  set(curl, CURLOPT_HTTPHEADER, handle.headers);
  set(curl, CURLOPT_USERAGENT, "astrom3");
  set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_CONNECTTIMEOUT, request.connect_seconds);
  set(curl, CURLOPT_LOW_SPEED_LIMIT, kSlowBytesPerSecond);
  set(curl, CURLOPT_LOW_SPEED_TIME, request.stall_seconds);
  set(curl, CURLOPT_ERRORBUFFER, reason);
  // Users with their own certificates name them in the same way for the hub's Python client.
  for (const char* name : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* file = std::getenv(name);
    if (file == nullptr || *file == '\0') continue;
    set(curl, CURLOPT_CAINFO, file);
    break;
  }
}

TransferAnswer perform(const TransferRequest& request, const TransferCallbacks& callbacks) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  Handle handle;
  Exchange exchange{.callbacks = callbacks, .answer = {}};
  if (handle.curl == nullptr) return {.end = TransferEnd::unreachable, .reason = "libcurl cannot start"};
  char reason[CURL_ERROR_SIZE] = "";
  prepare(handle, request, reason);
  std::pair<Exchange*, CURL*> body{&exchange, handle.curl};
  set(handle.curl, CURLOPT_HEADERFUNCTION, take_header);
  set(handle.curl, CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  set(handle.curl, CURLOPT_WRITEFUNCTION, take_body);
  set(handle.curl, CURLOPT_WRITEDATA, static_cast<void*>(&body));
  set(handle.curl, CURLOPT_XFERINFOFUNCTION, keep_alive);
  set(handle.curl, CURLOPT_XFERINFODATA, static_cast<void*>(&exchange));
  set(handle.curl, CURLOPT_NOPROGRESS, 0L);

  const CURLcode code = curl_easy_perform(handle.curl);
  curl_easy_getinfo(handle.curl, CURLINFO_RESPONSE_CODE, &exchange.answer.status);
  exchange.answer.end = end_of(code, exchange);
  if (exchange.headers_too_long) {
    exchange.answer.reason = "the answer's headers do not end";
  } else if (code != CURLE_OK) {
    exchange.answer.reason = reason[0] != '\0' ? reason : curl_easy_strerror(code);
  } else if (!exchange.give_head()) {
    exchange.answer.end = TransferEnd::stopped;
  }
  return exchange.answer;
}

constexpr HubModule kModule{.abi_version = HubModule::kAbiVersion,
                            .astrom3_version = kVersion,
                            .curl_version = LIBCURL_VERSION,
                            .perform = perform};

}  // namespace
}  // namespace astrom3

extern "C" __attribute__((visibility("default"))) const void* astrom3_hub_module() {
  return &astrom3::kModule;
}
