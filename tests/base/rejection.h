// SPDX-License-Identifier: MIT
//
// What an error says, for tests of messages.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "astrom3/base/error.h"

namespace astrom3 {

/// The Diagnostic of the Error that `call` throws; a failure of the test where it throws none.
template <typename Call>
Diagnostic rejection_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.diagnostic();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

inline testing::AssertionResult contains(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << part << "\" is not in\n" << text;
}

/// `text` with its first `from` replaced; `from` must be there.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace astrom3
