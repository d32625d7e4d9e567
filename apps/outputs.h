// SPDX-License-Identifier: MIT
//
// The outputs of a command: tested before the work, written at its end.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace astrom3::cli {

/// Before a command computes: every output (empty: none, or stdout) can be written, else Error output_error.
void check_writable(std::initializer_list<std::string> outputs);

/// Throws Error usage if `other` is named as standard output, where the text goes if `output` is not given.
void check_one_stream(const std::string& output, const std::string& other);

/// write_text_file(), "" being stdout, too.
void write_output(const std::string& path, std::string_view text);

}  // namespace astrom3::cli
