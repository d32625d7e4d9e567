// SPDX-License-Identifier: MIT
//
// Where a command's results go: tried before the work, written at its end.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3::cli {

/// Refuses an output that is one of the inputs, also through a link: Error usage.
void check_distinct(const std::vector<std::filesystem::path>& inputs, const std::string& output);

/// Before a command computes: every output (empty: none, or stdout) can be written, else Error output_error,
/// and is none of the files it reads.
void check_outputs(std::initializer_list<std::string> outputs,
                   std::initializer_list<std::vector<std::string>> inputs);

/// write_text_file(), "" being stdout, too.
void write_output(const std::string& path, std::string_view text);

}  // namespace astrom3::cli
