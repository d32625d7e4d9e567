// SPDX-License-Identifier: MIT
//
// "did you mean --batch-size?" for a mistyped option or command.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3::cli {

/// The entry of `candidates` with the fewest edits from `word`, if those are at most a third of its
/// letters, or two where it has four.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

/// The first word of the command line where a command should be and is not; "" when that is not what is
/// wrong.
std::string unknown_command(const CLI::App& app);

/// A hint for what `error` did not understand; "" when nothing is near.
std::string suggestion(const CLI::App& app, const CLI::ParseError& error);

}  // namespace astrom3::cli
