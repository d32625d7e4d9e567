// SPDX-License-Identifier: MIT
//
// Any text as a name, an ETag or an address from the hub: none that is let through leaves its folder, and an
// origin never holds a user name.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "hub/names.h"
#include "hub/settings.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto stays_inside = [](std::string_view name) {
    const std::filesystem::path path = std::filesystem::path("/cache") / name;
    return path.lexically_normal() == path && path.string().starts_with("/cache/") &&
           name.find('\0') == std::string_view::npos;
  };
  const std::string blob = blob_name(text);
  require(blob.empty() ||
          (stays_inside(blob) && blob.find('/') == std::string::npos && blob_name(blob) == blob));
  if (is_revision(text)) require(stays_inside(text) && url_quoted(text).find('/') == std::string::npos);
  if (is_repository(text)) {
    const std::string folder = repository_folder("models", text);
    require(is_revision(text) && stays_inside(folder) && folder.find('/') == std::string::npos);
  }
  if (is_commit(text) || is_sha256(text)) require(blob == text && is_repository(text));
  const std::string origin = origin_of(text);
  if (!origin.empty()) {
    require(origin_of(origin) == origin && origin.find('@') == std::string::npos);
    require(origin.starts_with("http://") || origin.starts_with("https://"));
  }
  for (const char c : shown(text)) require(static_cast<unsigned char>(c) >= 0x20);
  return 0;
}
