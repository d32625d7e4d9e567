// SPDX-License-Identifier: MIT
#include "c_api/boundary.h"

#include "astrom3/flags.h"
#include "astrom3/version.h"
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

}  // namespace

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
