// SPDX-License-Identifier: MIT
#include "hub/names.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace astrom3 {
namespace {

constexpr std::size_t kLongest = 200;

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

bool is_part(std::string_view part) noexcept {
  return !part.empty() && part.front() != '.' && part.front() != '-' &&
         part.find("..") == std::string_view::npos &&
         std::all_of(part.begin(), part.end(), is_name_character);
}

bool are_parts(std::string_view name, std::size_t most) noexcept {
  if (name.size() > kLongest) return false;
  for (std::size_t n = 1;; ++n) {
    const std::size_t slash = name.find('/');
    if (n > most || !is_part(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool is_hex(std::string_view text, std::size_t length) noexcept {
  return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

bool is_repository(std::string_view name) noexcept {
  return are_parts(name, 2) && name.find("--") == std::string_view::npos;
}
bool is_revision(std::string_view name) noexcept {
  return are_parts(name, 8);
}
bool is_commit(std::string_view text) noexcept {
  return is_hex(text, 40);
}
bool is_sha256(std::string_view text) noexcept {
  return is_hex(text, 64);
}

std::string blob_name(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return is_part(etag) && etag.size() <= 128 ? std::string(etag) : std::string{};
}

std::string repository_folder(std::string_view kind, std::string_view repository) {
  std::string folder(kind);
  folder += "--";
  for (const char c : repository) folder += c == '/' ? std::string("--") : std::string(1, c);
  return folder;
}

std::string url_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '/' ? std::string("%2F") : std::string(1, c);
  return out;
}

}  // namespace astrom3
