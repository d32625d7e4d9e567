// SPDX-License-Identifier: MIT
//
// The head of a model card (README.md), as the Hugging Face hub defines it: "key: value" lines of YAML
// between two lines "---".
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace astrom3 {

/// The plain values of the top level, quotes removed; lists and nested values are skipped. Empty where
/// the file is absent, no text file, or begins with anything else. Nothing is thrown: a card is not needed.
std::map<std::string, std::string, std::less<>> read_front_matter(const std::filesystem::path& card);

/// A value as YAML reads it back, whatever is in it: as it is where it is an identifier, else quoted.
std::string yaml_value(std::string_view value);

}  // namespace astrom3
