// SPDX-License-Identifier: MIT
#include "hub/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "astrom3/base/error.h"
#include "astrom3/hub/hub.h"
#include "base/regular_file.h"

namespace astrom3 {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string(value);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_true(const std::string& value) {
  const std::string word = lower(value);
  return word == "1" || word == "true" || word == "yes" || word == "on";
}

std::filesystem::path home_cache() {
  if (const std::string xdg = variable("XDG_CACHE_HOME"); !xdg.empty()) return xdg;
  const std::string home = variable("HOME");
  if (home.empty()) {
    throw Error(Status::usage, "there is no place for downloads: HOME is not set",
                {"set HF_HOME, or give {}", {{"cache-dir"}}});
  }
  return std::filesystem::path(home) / ".cache";
}

std::filesystem::path hub_home() {
  const std::string home = variable("HF_HOME");
  return home.empty() ? home_cache() / "huggingface" : std::filesystem::path(home);
}

/// The first line of a small file; empty where it cannot be read.
std::string first_line_of(const std::filesystem::path& file) {
  constexpr std::size_t kMostBytes = 64 << 10;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return {};
  const std::string text = read_text_file(file, kMostBytes, Status::usage);
  return text.substr(0, text.find('\n'));
}

/// The token without blanks around it; a token that cannot be sent in a header is refused, and not shown.
std::string read_token() {
  std::string token = variable("HF_TOKEN");
  if (token.empty()) {
    std::string path = variable("HF_TOKEN_PATH");
    const bool has_home =
        !variable("HF_HOME").empty() || !variable("XDG_CACHE_HOME").empty() || !variable("HOME").empty();
    if (path.empty() && has_home) path = (hub_home() / "token").string();
    token = first_line_of(path);
  }
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back()))) token.pop_back();
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.front()))) token.erase(0, 1);
  const bool plain =
      std::all_of(token.begin(), token.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  if (!plain || token.size() > 4096)
    throw Error(Status::usage, "HF_TOKEN holds characters that no token has");
  return token;
}

double positive(const char* name, double fallback, double most) {
  const std::string text = variable(name);
  if (text.empty()) return fallback;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !(value >= 0.01 && value <= most))
    throw Error(Status::usage, fmt::format("{}={}: expected seconds, 0.01 to {}", name, escaped(text), most));
  return value;
}

}  // namespace

HubSettings read_hub_settings(const HubRequest& request) {
  HubSettings settings;
  settings.offline = request.offline || is_true(variable("HF_HUB_OFFLINE"));
  settings.endpoint = variable("HF_ENDPOINT");
  if (settings.endpoint.empty()) settings.endpoint = "https://huggingface.co";
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  if (origin_of(settings.endpoint).empty())
    throw Error(Status::usage, "HF_ENDPOINT is no http or https address without a user name");
  settings.cache_dir = request.cache_dir;
  if (settings.cache_dir.empty()) settings.cache_dir = variable("HF_HUB_CACHE");
  if (settings.cache_dir.empty()) settings.cache_dir = variable("HUGGINGFACE_HUB_CACHE");
  if (settings.cache_dir.empty()) settings.cache_dir = hub_home() / "hub";
  if (!settings.offline) settings.token = read_token();
  settings.stall_seconds = static_cast<long>(positive("ASTROM3_HUB_STALL_SECONDS", 30, 3600) + 0.5);
  settings.retry_seconds = positive("ASTROM3_HUB_RETRY_SECONDS", 0.5, 60);
  return settings;
}

std::string origin_of(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const std::string scheme = lower(url.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return {};
  std::string_view rest = url.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (rest.empty() || rest.find('@') != std::string_view::npos) return {};
  std::string host = lower(rest);
  if (host.find(':') == std::string::npos) host += scheme == "http" ? ":80" : ":443";
  return scheme + "://" + host;
}

std::string shown(std::string_view url) {
  return escaped(url.substr(0, url.find_first_of("?#")), 300);
}

}  // namespace astrom3
