// SPDX-License-Identifier: MIT
//
// One HTTP request, through a module that is loaded when the first is made.
//
// libcurl is used in astrom3_hub.so (src/hub/module/); the meaning of requests and answers is known on this
// side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace astrom3 {

struct TransferRequest {
  std::string url;
  bool head = false;
  std::vector<std::string> headers{};  ///< "Name: value"
  long connect_seconds = 10;
  long stall_seconds = 30;  ///< less than 1 KiB/s for this time ends the request
};

enum class TransferEnd : std::uint8_t {
  complete,     ///< an answer, whatever its status
  cut,          ///< the answer broke off: there may be more
  unreachable,  ///< no connection, or unknown host
  stalled,      ///< too slow
  untrusted,    ///< the certificate is not valid
  malformed,    ///< no HTTP, or headers without end
  stopped,      ///< by a callback
};

struct TransferAnswer {
  TransferEnd end = TransferEnd::complete;
  long status = 0;
  std::map<std::string, std::string> headers{};  ///< names in lower case; the last of a name
  std::string reason{};                          ///< in words, where not complete
};

/// Called in this order: head once, then body as it comes, now and then `alive`. false stops the transfer.
struct TransferCallbacks {
  std::function<bool(const TransferAnswer&)> head{};
  std::function<bool(std::span<const std::byte>)> body{};
  std::function<bool()> alive{};
};

/// What the module exports, found by the C name "astrom3_hub_module".
struct HubModule {
  static constexpr std::uint32_t kAbiVersion = 1;

  std::uint32_t abi_version;
  const char* astrom3_version;
  const char* curl_version;
  /// Follows no redirects, decodes nothing, speaks http and https only.
  TransferAnswer (*perform)(const TransferRequest& request, const TransferCallbacks& callbacks);
};

/// Loads the module, once (see base/module_loader.h; the environment variable is ASTROM3_HUB_MODULE). Throws
/// Error network_error naming the reason and what to do. Thread-safe.
const HubModule& hub_module();

}  // namespace astrom3
