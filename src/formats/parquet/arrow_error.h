// SPDX-License-Identifier: MIT
//
// Turns Arrow's two kinds of failure, a Status or an exception, into astrom3::Error.
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <exception>
#include <string>
#include <utility>

#include "astrom3/base/error.h"

namespace astrom3 {

/// Where errors of a reader or writer come from and what they are called.
struct ErrorContext {
  Status code;
  std::string file;  ///< may be empty

  [[noreturn]] void fail(std::string message, std::string column = {}) const {
    throw Error(
        Diagnostic{.code = code, .file = file, .column = std::move(column), .message = std::move(message)});
  }
  void require(const arrow::Status& status) const {
    if (!status.ok()) fail(status.message());
  }
  template <typename T>
  T require(arrow::Result<T> result) const {
    require(result.status());
    return std::move(result).ValueUnsafe();
  }
  /// Runs `call`; any exception but astrom3::Error becomes one.
  template <typename Call>
  auto guard(Call call) const -> decltype(call()) {
    try {
      return call();
    } catch (const Error&) {
      throw;
    } catch (const std::exception& exception) {
      fail(exception.what());
    }
  }
};

}  // namespace astrom3
