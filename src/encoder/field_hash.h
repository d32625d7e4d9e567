// SPDX-License-Identifier: MIT
//
// The hash of a list of fields, from which the identity of a model is made.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"

namespace astrom3 {

/// Each field is preceded by its length, so that two different lists of fields never give the same bytes.
class FieldHash {
 public:
  void add(std::string_view name, std::string_view value) {
    add(name);
    add(value);
  }
  std::string finish() { return hash_.finish_hex(); }

 private:
  void add(std::string_view text) {
    const std::string length = fmt::format("{}:", text.size());
    hash_.update(std::as_bytes(std::span(length)));
    hash_.update(std::as_bytes(std::span(text)));
  }

  Sha256 hash_;
};

template <typename T>
std::string hash_of_values(const std::vector<T>& values) {
  return sha256_hex(std::as_bytes(std::span(values)));
}

}  // namespace astrom3
