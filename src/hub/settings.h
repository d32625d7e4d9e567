// SPDX-License-Identifier: MIT
//
// What the environment says about the hub, under the names its Python client uses.
#pragma once

#include <filesystem>
#include <string>

#include "astrom3/hub/hub.h"

namespace astrom3 {

struct HubSettings {
  std::string endpoint;  ///< without a slash at its end
  std::filesystem::path cache_dir;
  std::string token;  ///< empty: none
  bool offline = false;
  long stall_seconds = 30;     ///< ASTROM3_HUB_STALL_SECONDS
  double retry_seconds = 0.5;  ///< ASTROM3_HUB_RETRY_SECONDS: the first pause between attempts
};

/// The request comes before the environment. Throws Error usage naming the variable that cannot be used.
HubSettings read_hub_settings(const HubRequest& request);

/// scheme://host:port of a URL, lower case, with the scheme's own port where none is written; "" where it is
/// not http or https, or has a user name in it.
std::string origin_of(std::string_view url);

/// A URL for a message: without its query, which may carry a signature.
std::string shown(std::string_view url);

}  // namespace astrom3
