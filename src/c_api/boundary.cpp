// SPDX-License-Identifier: MIT
#include "c_api/boundary.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/base/option.h"
#include "astrom3/base/version.h"
#include "astrom3/c_api.h"
#include "base/threads.h"

namespace astrom3::c_api {
namespace {

std::string& last_error() {
  static thread_local std::string text;
  return text;
}

bool is_code(astrom3_status status) {
  return status >= 0 && status <= static_cast<astrom3_status>(Status::internal);
}

std::atomic<OptionSpelling> spelling{spelled_plainly};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// "mag=flux,mag_err=e" as {"mag": "flux", "mag_err": "e"}; a comma behind a backslash is part of a name.
std::string spelled_as_mapping(std::string_view text, bool may_be_numbers) {
  std::string key, word, entries;
  const auto end_entry = [&] {
    if (key.empty()) return;
    const bool is_bare = may_be_numbers && number_of(word).has_value();
    entries +=
        fmt::format("{}{}: {}", entries.empty() ? "" : ", ", quoted(key), is_bare ? word : quoted(word));
    key.clear();
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      word += text[++i];
    } else if (text[i] == '=' && key.empty()) {
      key = std::exchange(word, {});
    } else if (text[i] == ',' && !may_be_numbers) {
      end_entry();
    } else {
      word += text[i];
    }
  }
  end_entry();
  return fmt::format("{{{}}}", entries);
}

/// An option as a keyword argument of Python: nonfinite="drop", columns={"time": "t"}, id="star".
std::string spelled_as_keyword(const NamedOption& option) {
  std::string out = option.name;
  std::replace(out.begin(), out.end(), '-', '_');
  if (out == "id_column") out = "id";
  if (out == "magnitudes") return "mag=True";
  if (out == "keep_sentinels") return "keep_sentinels=True";
  if (option.value.empty()) return out;
  if (out == "columns" || out == "where")
    return fmt::format("{}={}", out, spelled_as_mapping(option.value, out == "where"));
  if (option.value == "true" || option.value == "false")
    return out + (option.value == "true" ? "=True" : "=False");
  const bool is_placeholder =
      std::all_of(option.value.begin(), option.value.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  const bool is_bare = is_placeholder || number_of(option.value).has_value();
  return fmt::format("{}={}", out, is_bare ? option.value : quoted(option.value));
}

}  // namespace

OptionSpelling option_spelling() noexcept {
  return spelling.load();
}

astrom3_status fail(const Error& error) noexcept {
  try {
    return fail(error.code(), to_string(error.diagnostic(), "error", option_spelling()).c_str());
  } catch (...) {  // no memory for the text: the code alone must do
    return fail(error.code(), "");
  }
}

astrom3_status fail(Status code, const char* text) noexcept {
  try {
    last_error() = text;
  } catch (...) {  // no memory for the text: the code alone must do
    last_error().clear();
  }
  return static_cast<astrom3_status>(code);
}

}  // namespace astrom3::c_api

using astrom3::Status;

void astrom3_spell_options(int32_t spelling) {
  astrom3::c_api::spelling =
      spelling == ASTROM3_SPELL_KEYWORDS ? astrom3::c_api::spelled_as_keyword : astrom3::spelled_plainly;
}

uint32_t astrom3_c_api_version(void) {
  return ASTROM3_C_API_VERSION;
}
const char* astrom3_version(void) {
  return astrom3::kVersion;
}
const char* astrom3_last_error(void) {
  return astrom3::c_api::last_error().c_str();
}
// The views below end in the zero of the literals they are made of.
const char* astrom3_status_name(astrom3_status status) {
  return astrom3::c_api::is_code(status) ? astrom3::status_name(static_cast<Status>(status)).data() : nullptr;
}
const char* astrom3_status_meaning(astrom3_status status) {
  return astrom3::c_api::is_code(status) ? astrom3::status_meaning(static_cast<Status>(status)).data()
                                         : nullptr;
}
const char* astrom3_flag_name(uint32_t bit) {
  if (bit >= 32) return nullptr;
  const std::string_view name = astrom3::flag_name(static_cast<astrom3::Flag>(1u << bit));
  return name.empty() ? nullptr : name.data();
}
uint32_t astrom3_available_threads(void) {
  return static_cast<uint32_t>(astrom3::available_threads());
}
