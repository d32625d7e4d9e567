// SPDX-License-Identifier: MIT
//
// The settings of the hub in the environment, under the names that its Python client uses.
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

/// The request takes precedence over the environment. Throws Error usage naming the variable that is invalid.
HubSettings read_hub_settings(const HubRequest& request);

/// scheme://host:port of a URL, in lower case, with the scheme's default port if it names none; "" if the URL
/// is not http or https, or has a user name in it.
std::string origin_of(std::string_view url);

/// A URL for a message: without its query, which may carry a signature.
std::string shown(std::string_view url);

}  // namespace astrom3
